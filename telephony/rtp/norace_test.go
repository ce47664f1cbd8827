//go:build !race

package rtp

const raceDetector = false
