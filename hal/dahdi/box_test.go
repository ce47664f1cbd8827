package dahdi

import (
	"slices"
	"testing"
)

func TestBox(t *testing.T) {
	odd := func(n int) bool { return n%2 == 1 }
	for _, c := range []struct {
		name string
		told int // 0, 1, 2...
		want []int
	}{
		{"room for all", 4, []int{0, 1, 2, 3}},
		{"room for all, waiting", 8, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"the least go first, oldest first", 10, []int{0, 1, 2, 3, 4, 6, 8, 9}},
		{"then the oldest of all", 14, []int{0, 1, 2, 3, 8, 10, 12, 13}},
	} {
		b := newBox(4, odd)
		for n := range c.told {
			b.tell(n)
		}
		var got []int
		for {
			left := !b.flush()
			for len(b.out) > 0 {
				got = append(got, <-b.out)
			}
			if !left {
				break
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the owner was told %v, want %v", c.name, got, c.want)
		}
	}
}
