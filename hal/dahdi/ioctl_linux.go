package dahdi

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's ABI: numbers and structures of include/dahdi/user.h, DAHDI 2.11 and later. They are the same on amd64, arm64
// and arm. ioctl_test.go holds them against what a C compiler says.

const (
	ioFlush          = 0x4004da03
	ioGetParams      = 0xc088da05
	ioSetParams      = 0x4088da05
	ioHook           = 0x4004da07
	ioGetEvent       = 0x8004da08
	ioSpanStat       = 0xc13ada0a
	ioSpanConfig     = 0x4024da12
	ioChanConfig     = 0x404cda13
	ioDefaultZone    = 0x4004da18
	ioLoadZone       = 0x4070da19
	ioSetBufInfo     = 0x4018da1b
	ioAudioMode      = 0x4004da20
	ioEchoCancel     = 0x4004da21
	ioSpecify        = 0x4004da26
	ioSetCadence     = 0x4040da2a
	ioTimerSet       = 0x4004da2f
	ioTimerAck       = 0x4004da30
	ioOnHookTransfer = 0x4004da33
	ioAttachEchoCan  = 0x4014da3b
	ioHardwareGain   = 0x4008da56
	ioPolarity       = 0x4004da5c
	ioMessages       = 0xc004da5e
	ioLampKind       = 0x4004da5f
	ioStartup        = 0x4004da63
	ioShutdown       = 0x4004da64
)

// lineconfig of an E1, beside the build-out.
const (
	lineCCS  = 1 << 8
	lineHDB3 = 1 << 9
	lineCRC4 = 1 << 10
)

// What a channel is for. An analogue port has the name of what is at its other end.
const (
	sigClear   = 1 << 7
	sigHDLCFCS = 1<<9 | 1<<8 | sigClear
	sigFXS     = 1<<13 | 1<<2 // an FXO port, kewlstart
	sigFXO     = 1<<12 | 1<<5 // an FXS port, kewlstart
)

// The laws of G.711.
const (
	lawDefault = 0 // the card's own
	lawMu      = 1
	lawA       = 2
)

// The orders of ioHook.
const (
	hookOn      = 0
	hookOff     = 1
	hookFlash   = 3
	hookRing    = 5
	hookRingOff = 6
)

// The arguments of ioFlush.
const (
	flushWrite = 2
	flushAll   = 7 // both directions and the events
)

// The events of a channel that we tell apart.
const (
	eventOnHook       = 1
	eventRingOffHook  = 2 // an FXO port's ring has ended; an FXS port's telephone was lifted
	eventFlash        = 3
	eventAbort        = 6
	eventOverrun      = 7
	eventBadFCS       = 8
	eventTimerExpired = 15
	eventPolarity     = 17
	eventRingBegin    = 18
	eventPulseDigit   = 1 << 16 // and the digit's letter
)

// The alarms of a span.
const (
	alarmRecovering = 1 << 0
	alarmYellow     = 1 << 2
	alarmRed        = 1 << 3
	alarmBlue       = 1 << 4
	alarmLOS        = 1 << 8
	alarmLFA        = 1 << 9
	alarmLMFA       = 1 << 10
)

// eventWaits is what read and write fail with while an event of the channel has not been fetched (ELAST).
const eventWaits = unix.Errno(500)

type lineConfig struct {
	span       int32
	_          [20]byte
	lbo        int32
	lineConfig int32
	sync       int32
}

type chanConfig struct {
	channel   int32
	_         [40]byte
	signaling int32
	law       int32
	master    int32
	_         [20]byte
}

// bufferInfo leaves the policy at 0: what is written is sent at once.
type bufferInfo struct {
	_     [2]int32
	count int32 // 2 to 32
	size  int32 // 16 to 8192 octets; all of them together 32768 at most
	_     [2]int32
}

// params is what a channel can be, the state of an analogue one, and its times in ms.
type params struct {
	channel    int32 // that is asked about, where the file is not that of one
	_          [3]int32
	can        int32 // the bits of all signallings that it can have
	_          [4]int32
	hook       int32 // what is received: 0 on hook, or no battery; 1 off hook, or battery; 3 ringing
	law        int32
	_          int32
	_          [40]byte
	_          [3]int32
	flash      int32
	_          [2]int32
	longFlash  int32 // that is received; what is longer is on hook
	_          [4]int32
	chanAlarms uint32
}

const noLoop = 0 // params.hook

// ringCadence is ms on and off, by turns.
type ringCadence [16]int32

// toneZone is a zone without tones: ours are made elsewhere, but the kernel rings nobody without a zone.
type toneZone struct {
	_       int32
	number  int32
	cadence ringCadence
	name    [40]byte
}

type echoCanceller struct {
	channel int32
	name    [16]byte
}

type hardwareGain struct {
	gain int32  // tenths of a dB
	tx   uint32 // 1: of what is sent
}

// spanInfo is packed in C, where its size is 314; Go rounds it up to 316, which the kernel does not mind.
type spanInfo struct {
	span       int32
	_          [60]byte
	alarms     int32
	_          [2]int32
	bpv        int32
	crc4       int32
	eBits      int32
	_          [2]int32
	violations uint32
	_          [214]byte
}

// ioctl passes a structure, both ways.
func ioctl[T any](fd int, request uint, arg *T) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(unsafe.Pointer(arg))); errno != 0 {
		return errno
	}
	return nil
}

// set passes a number.
func set(fd int, request uint, value int) error {
	v := int32(value)
	return ioctl(fd, request, &v)
}

// nextEvent fetches an event of a channel or a timer; 0 means that there is none.
func nextEvent(fd int) int {
	var event int32
	if ioctl(fd, ioGetEvent, &event) != nil {
		return 0
	}
	return int(event)
}
