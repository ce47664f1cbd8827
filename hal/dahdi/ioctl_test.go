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
		{"GET_PARAMS", ioGetParams, 136, unsafe.Sizeof(params{})},
		{"SET_PARAMS", ioSetParams, 136, unsafe.Sizeof(params{})},
		{"HOOK", ioHook, 4, 4},
		{"GETEVENT", ioGetEvent, 4, 4},
		{"SPANSTAT", ioSpanStat, 314, unsafe.Sizeof(spanInfo{})},
		{"SPANCONFIG", ioSpanConfig, 36, unsafe.Sizeof(lineConfig{})},
		{"CHANCONFIG", ioChanConfig, 76, unsafe.Sizeof(chanConfig{})},
		{"DEFAULTZONE", ioDefaultZone, 4, 4},
		{"LOADZONE", ioLoadZone, 112, unsafe.Sizeof(toneZone{})},
		{"SET_BUFINFO", ioSetBufInfo, 24, unsafe.Sizeof(bufferInfo{})},
		{"AUDIOMODE", ioAudioMode, 4, 4},
		{"ECHOCANCEL", ioEchoCancel, 4, 4},
		{"SPECIFY", ioSpecify, 4, 4},
		{"SETCADENCE", ioSetCadence, 64, unsafe.Sizeof(ringCadence{})},
		{"TIMERCONFIG", ioTimerSet, 4, 4},
		{"TIMERACK", ioTimerAck, 4, 4},
		{"ONHOOKTRANSFER", ioOnHookTransfer, 4, 4},
		{"ATTACH_ECHOCAN", ioAttachEchoCan, 20, unsafe.Sizeof(echoCanceller{})},
		{"SET_HWGAIN", ioHardwareGain, 8, unsafe.Sizeof(hardwareGain{})},
		{"SETPOLARITY", ioPolarity, 4, 4},
		{"VMWI", ioMessages, 4, 4},
		{"VMWI_CONFIG", ioLampKind, 4, 4},
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
	for name, at := range map[string][2]uintptr{
		"spaninfo.cvcount": {96, unsafe.Offsetof(spanInfo{}.violations)}, "params.rxhooksig": {36, unsafe.Offsetof(params{}.hook)},
		"params.curlaw": {40, unsafe.Offsetof(params{}.law)}, "params.flashtime": {100, unsafe.Offsetof(params{}.flash)},
		"params.rxflashtime": {112, unsafe.Offsetof(params{}.longFlash)}, "params.chan_alarms": {132, unsafe.Offsetof(params{}.chanAlarms)},
	} {
		if at[0] != at[1] {
			t.Errorf("%s is at %d, want %d", name, at[1], at[0])
		}
	}
}
