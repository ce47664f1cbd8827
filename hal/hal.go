// Package hal is the box's hardware as small verbs: telephone lines, the front panel, the media clock. Drivers live in the
// folders below (sim, dahdi, gpio, i2c) and pass hal/haltest; only telephony's line packages, board and cmd
// import hal. A driver never calls back: it tells on channels, and its verbs return at once.
package hal

// Block is 20 ms of audio, 160 samples of 16-bit linear at 8 kHz; it is telephony.Frame under the name this floor has.
type Block = [160]int16
