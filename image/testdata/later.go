// Package storage is that of storage: variants.sh lays this file over it in the bundle unfit, and in no other.
package storage

// Each file has a form of which no version knows that has proved itself.
func init() {
	for _, l := range []*layout{&configLayout, &stateLayout, &callsLayout} {
		l.steps = append(l.steps, buckets([]byte("of a later version")))
	}
}
