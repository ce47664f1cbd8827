package dahdi

import (
	"testing"
	"unsafe"
)

// The sizes are what a C compiler says of include/dahdi/user.h; an ioctl's number has the size of its argument in bits 16 to
// 29, so number and structure check each other.
func TestIoctlSizes(t *testing.T) {
	for _, c := range []struct {
		name    string
		request uint
		size    uintptr
		goSize  uintptr
	}{
		{"FLUSH", ioFlush, 4, 4},
		{"GETEVENT", ioGetEvent, 4, 4},
		{"SPANSTAT", ioSpanStat, 314, unsafe.Sizeof(spanInfo{})},
		{"SPANCONFIG", ioSpanConfig, 36, unsafe.Sizeof(lineConfig{})},
		{"CHANCONFIG", ioChanConfig, 76, unsafe.Sizeof(chanConfig{})},
		{"SET_BUFINFO", ioSetBufInfo, 24, unsafe.Sizeof(bufferInfo{})},
		{"AUDIOMODE", ioAudioMode, 4, 4},
		{"SPECIFY", ioSpecify, 4, 4},
		{"TIMERCONFIG", ioTimerSet, 4, 4},
		{"TIMERACK", ioTimerAck, 4, 4},
		{"STARTUP", ioStartup, 4, 4},
		{"SHUTDOWN", ioShutdown, 4, 4},
	} {
		if got := uintptr(c.request >> 16 & 0x3fff); got != c.size {
			t.Errorf("%s: the number says %d octets, C %d", c.name, got, c.size)
		}
		if c.goSize != c.size && c.goSize != (c.size+3)&^3 {
			t.Errorf("%s: Go lays out %d octets, C %d", c.name, c.goSize, c.size)
		}
	}
	if at := unsafe.Offsetof(spanInfo{}.violations); at != 96 {
		t.Errorf("a span's code violations are at %d", at)
	}
}
