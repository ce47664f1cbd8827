package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// oneCanceller has the far end return what it hears, 9 dB weaker. The kernel's canceller takes that out in a call that asks for
// it, and in the next one that does not it is off, so that the box's own is the only one.
func oneCanceller(t *testing.T) {
	d := openWires(t)
	line := d.FXO()[0]
	returnSpeech(t, -9)
	for _, on := range []bool{true, false} {
		if line.CancelEcho(on) != on {
			t.Fatalf("asked to cancel: %v; the card says otherwise", on)
		}
		if err := line.Seize(); err != nil {
			t.Fatal(err)
		}
		echo := talkAndHear(line)
		t.Logf("cancelled by the card: %v; the echo is at %.0f dB of what was said", on, echo)
		if on && echo > -30 || !on && echo < -15 {
			t.Errorf("the card's canceller works: %v, want %v", !on, on)
		}
		if err := line.Release(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
	}
}

// talkAndHear says noise for four seconds and returns the level of the last of what comes back, in dB of what was said.
func talkAndHear(line hal.FXO) float64 {
	const blocks, judged = 200, 50
	r := rand.New(rand.NewPCG(1, 1))
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	said, heard := 0.0, 0.0
	for n := range blocks {
		<-ticks.C
		var in, out hal.Block
		for i := range out {
			out[i] = int16(2000 * r.NormFloat64())
		}
		line.Hear(&in)
		line.Say(&out)
		for i := range in {
			if n >= blocks-judged {
				said += float64(out[i]) * float64(out[i])
				heard += float64(in[i]) * float64(in[i])
			}
		}
	}
	return 10 * math.Log10((heard+1)/said)
}

// returnSpeech has the kernel itself return what the telephone's end hears: any other echo would be too late for a card's
// canceller. The channel is one that this process has open.
func returnSpeech(t *testing.T, dB float64) {
	t.Helper()
	const (
		ioLoopback = 0x4004da3a
		ioSetGains = 0x4204da10
	)
	var gains struct {
		channel int32
		rx, tx  [256]byte
	}
	octets, samples := make([]byte, 256), make([]int16, 256)
	for i := range octets {
		octets[i] = byte(i)
	}
	dsp.DecodeULaw(samples, octets)
	for i, s := range samples {
		samples[i] = int16(float64(s) * math.Pow(10, dB/20))
	}
	copy(gains.rx[:], octets)
	dsp.EncodeULaw(gains.tx[:], samples)
	fd, on := telephonesEnd(t), int32(1)
	control(t, fd, ioSetGains, unsafe.Pointer(&gains))
	control(t, fd, ioLoopback, unsafe.Pointer(&on))
}

// telephonesEnd is the file of the channel that was opened last: openWires opens the lines first.
func telephonesEnd(t *testing.T) (fd int) {
	t.Helper()
	for n := range 64 {
		if path, _ := os.Readlink(fmt.Sprint("/proc/self/fd/", n)); path == "/dev/dahdi/channel" {
			fd = n
		}
	}
	return fd
}

func control(t *testing.T, fd int, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(argument)); errno != 0 {
		t.Fatalf("ioctl %x: %v", request, errno)
	}
}
