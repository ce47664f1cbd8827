//go:build race

package rtp

// Under the race detector a sync.Pool, which srtp has its hashes from, forgets at random.
const raceDetector = true
