package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zaf/g711"
)

// A file is a WAV file under construction.
type file struct {
	tag, channels, bits uint16
	rate                uint32
	extensible          bool
	before              string // chunks before data
	size                int64  // of data as written; -1 for the true one
	data                []byte
}

func (f file) octets() []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	frame := f.channels * ((f.bits + 7) / 8)
	b.WriteString("RIFF")
	put(uint32(0)) // nobody should care
	b.WriteString("WAVEfmt ")
	tag, size := f.tag, uint32(16)
	if f.extensible {
		tag, size = formatExtensible, 40
	}
	put(size)
	put(tag)
	put(f.channels)
	put(f.rate)
	put(f.rate * uint32(frame))
	put(frame)
	put(f.bits)
	if f.extensible {
		put(uint16(22))
		put(f.bits)
		put(uint32(3))
		put(f.tag)
		b.WriteString("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71")
	}
	b.WriteString(f.before + "data")
	if f.size < 0 {
		f.size = int64(len(f.data))
	}
	put(uint32(f.size))
	b.Write(f.data)
	return b.Bytes()
}

// sine writes a second of a sine of amplitude a, the same in all channels, in the file's own format.
func (f file) sine(hz, a float64) []byte {
	var b bytes.Buffer
	for i := range f.rate {
		v := a * math.Sin(2*math.Pi*hz*float64(i)/float64(f.rate))
		for range f.channels {
			f.put(&b, v)
		}
	}
	f.data, f.size = b.Bytes(), -1
	return f.octets()
}

func (f file) put(b *bytes.Buffer, v float64) {
	var o [8]byte
	n := int(f.bits) / 8
	switch {
	case f.tag == formatALaw:
		o[0] = g711.EncodeAlawFrame(int16(v * 32767))
	case f.tag == formatULaw:
		o[0] = g711.EncodeUlawFrame(int16(v * 32767))
	case f.tag == formatFloat && n == 4:
		binary.LittleEndian.PutUint32(o[:], math.Float32bits(float32(v)))
	case f.tag == formatFloat:
		binary.LittleEndian.PutUint64(o[:], math.Float64bits(v))
	case n == 1:
		o[0] = byte(128 + math.Round(v*127))
	default:
		binary.LittleEndian.PutUint64(o[:], uint64(int64(v*(1<<63)))>>(64-8*n))
	}
	b.Write(o[:n])
}

// fit returns the amplitude of a frequency in samples at 8 kHz, and the level of the rest below it, in dB.
func fit(samples []int16, hz float64) (amplitude, snr float64) {
	samples = samples[400 : len(samples)-400]
	var re, im, all float64
	for i, s := range samples {
		v, w := float64(s)/32768, 2*math.Pi*hz*float64(i)/8000
		re, im, all = re+v*math.Cos(w), im+v*math.Sin(w), all+v*v
	}
	n := float64(len(samples))
	amplitude = 2 * math.Hypot(re, im) / n
	tone := amplitude * amplitude / 2
	return amplitude, 10 * math.Log10(tone/max(1e-12, all/n-tone))
}

// Every common kind of upload comes out as the sine that went in.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name string
		file file
		snr  float64
	}{
		{"PCM 8 bit 8 kHz", file{tag: formatPCM, bits: 8, channels: 1, rate: 8000}, 40},
		{"PCM 16 bit 8 kHz", file{tag: formatPCM, bits: 16, channels: 1, rate: 8000}, 80},
		{"PCM 24 bit 8 kHz", file{tag: formatPCM, bits: 24, channels: 1, rate: 8000}, 80},
		{"PCM 32 bit 8 kHz", file{tag: formatPCM, bits: 32, channels: 1, rate: 8000}, 80},
		{"float 32 bit 48 kHz", file{tag: formatFloat, bits: 32, channels: 1, rate: 48000}, 75},
		{"float 64 bit 8 kHz", file{tag: formatFloat, bits: 64, channels: 1, rate: 8000}, 80},
		{"A-law 8 kHz", file{tag: formatALaw, bits: 8, channels: 1, rate: 8000}, 33},
		{"mu-law 8 kHz", file{tag: formatULaw, bits: 8, channels: 1, rate: 8000}, 33},
		{"extensible PCM 24 bit stereo 96 kHz", file{tag: formatPCM, extensible: true, bits: 24, channels: 2, rate: 96000}, 75},
		{"extensible float 8 channels 48 kHz", file{tag: formatFloat, extensible: true, bits: 32, channels: 8, rate: 48000}, 75},
		{"stereo 44.1 kHz", file{tag: formatPCM, bits: 16, channels: 2, rate: 44100}, 75},
		{"4 kHz", file{tag: formatPCM, bits: 16, channels: 1, rate: 4000}, 70},
		{"5512 Hz", file{tag: formatPCM, bits: 16, channels: 1, rate: 5512}, 70},
		{"11025 Hz", file{tag: formatPCM, bits: 16, channels: 1, rate: 11025}, 75},
		{"11127 Hz", file{tag: formatPCM, bits: 16, channels: 1, rate: 11127}, 75},
		{"22050 Hz", file{tag: formatPCM, bits: 16, channels: 1, rate: 22050}, 75},
		{"192 kHz", file{tag: formatPCM, bits: 16, channels: 1, rate: 192000}, 75},
		{"chunks before the sound", file{tag: formatPCM, bits: 16, channels: 1, rate: 8000, before: "LIST\x05\x00\x00\x00hello\x00"}, 80},
	} {
		t.Run(c.name, func(t *testing.T) {
			samples, err := Decode(bytes.NewReader(c.file.sine(1000, 0.5)))
			if err != nil {
				t.Fatal(err)
			}
			if d := len(samples) - 8000; d < -1 || d > 1 {
				t.Errorf("a second has %d samples", len(samples))
			}
			if a, snr := fit(samples, 1000); math.Abs(a-0.5) > 0.01 || snr < c.snr {
				t.Errorf("comes out with amplitude %.3f and %.1f dB above its noise, want 0.5 and %.0f", a, snr, c.snr)
			}
		})
	}
}

// The filter is flat over what a telephone passes and lets nothing from above 4 kHz fold back into it.
func TestResamplerPassband(t *testing.T) {
	f := file{tag: formatFloat, bits: 32, channels: 1, rate: 44100}
	for _, c := range []struct{ hz, folded, dB float64 }{
		{300, 300, 0}, {1000, 1000, 0}, {3400, 3400, 0}, {4100, 3900, -70}, {4600, 3400, -70}, {7000, 1000, -70}, {15000, 1000, -70},
	} {
		samples, err := Decode(bytes.NewReader(f.sine(c.hz, 0.9)))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := fit(samples, c.folded)
		if got := 20 * math.Log10(max(a, 1e-6)/0.9); got > c.dB+0.05 || c.dB == 0 && got < -0.05 {
			t.Errorf("%.0f Hz comes out at %.2f dB, want %.0f", c.hz, got, c.dB)
		}
	}
}

// A cut of power leaves any size in the header; what is there is played.
func TestDecodeCutRecording(t *testing.T) {
	for _, size := range []int64{0, 0xFFFFFFFF, 5000} {
		f := file{tag: formatALaw, bits: 8, channels: 2, rate: 8000, size: size, data: bytes.Repeat([]byte{0xD5}, 321)}
		samples, err := Decode(bytes.NewReader(f.octets()))
		if err != nil || len(samples) != 160 {
			t.Errorf("size %#x: %d samples, %v", size, len(samples), err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := file{tag: formatPCM, bits: 16, channels: 1, rate: 8000, size: -1, data: make([]byte, 320)}
	with := func(change func(*file)) string { f := good; change(&f); return string(f.octets()) }
	for _, c := range []struct{ name, data, want string }{
		{"nothing", "", "not a WAV"},
		{"an MP3", "ID3\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "not a WAV"},
		{"only its beginning", with(func(*file) {})[:30], "ends before"},
		{"no fmt chunk", "RIFF\x00\x00\x00\x00WAVEdata\x04\x00\x00\x00abcd", "ends before"},
		{"a chunk of 4 GB", "RIFF\x00\x00\x00\x00WAVEjunk\xff\xff\xff\xffabcd", "ends before"},
		{"MP3 inside", with(func(f *file) { f.tag = 0x55 }), "MP3"},
		{"12 channels", with(func(f *file) { f.channels = 12 }), "12 channels"},
		{"no channel", with(func(f *file) { f.channels = 0 }), "0 channels"},
		{"2 kHz", with(func(f *file) { f.rate = 2000 }), "2000 samples"},
		{"4 GHz", with(func(f *file) { f.rate = 4e9 }), "4000000000 samples"},
		{"191999 Hz", with(func(f *file) { f.rate = 191999 }), "not usual"},
		{"PCM 0 bit", with(func(f *file) { f.bits = 0 }), "0 bit"},
		{"PCM 40 bit", with(func(f *file) { f.bits = 40 }), "40 bit"},
		{"PCM 65535 bit", with(func(f *file) { f.bits = 65535 }), "65535 bit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(strings.NewReader(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want ...%s...", err, c.want)
			}
		})
	}
}

// endless is a file of more and more zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestDecodeLimits(t *testing.T) {
	head := file{tag: formatPCM, bits: 16, channels: 8, rate: 8000, size: 0}
	if _, err := Decode(io.MultiReader(bytes.NewReader(head.octets()), endless{})); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an endless file: %v", err)
	}
	if testing.Short() {
		return // an hour of sound takes a few seconds
	}
	head.bits, head.channels = 8, 1
	if _, err := Decode(io.MultiReader(bytes.NewReader(head.octets()), endless{})); !errors.Is(err, ErrTooLong) {
		t.Errorf("an hour and more: %v", err)
	}
	if _, _, err := DecodeChannels(io.MultiReader(bytes.NewReader(head.octets()), endless{})); !errors.Is(err, ErrTooLong) {
		t.Errorf("an hour and more in channels: %v", err)
	}
}

func TestEncode(t *testing.T) {
	want := make([]int16, 20000)
	for i := range want {
		want[i] = int16(i * 7919)
	}
	var b bytes.Buffer
	if err := Encode(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(&b)
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%d samples come back as %d, %v", len(want), len(got), err)
	}
}

// A8.1: a recording's header is written empty, repaired later, and both tell the two channels apart.
func TestALawHeader(t *testing.T) {
	sound := bytes.Repeat([]byte{g711.EncodeAlawFrame(1000), g711.EncodeAlawFrame(-8000)}, 8000)
	for _, size := range []uint32{0, uint32(len(sound))} {
		header := ALawHeader(2, size)
		channels, rate, err := DecodeChannels(io.MultiReader(bytes.NewReader(header[:]), bytes.NewReader(sound)))
		if err != nil || rate != 8000 || len(channels) != 2 || len(channels[0]) != 8000 {
			t.Fatalf("size %d: %d channels at %d Hz, %v", size, len(channels), rate, err)
		}
		if channels[0][7999] != g711.DecodeAlawFrame(sound[0]) || channels[1][7999] != g711.DecodeAlawFrame(sound[1]) {
			t.Errorf("size %d: the channels hold %d and %d", size, channels[0][7999], channels[1][7999])
		}
	}
	if ALawHeader(2, math.MaxUint32) == ALawHeader(2, 0) {
		t.Error("the size of a recording beyond 4 GB wraps")
	}
}

// SoX is an independent reader of what we write and writer of what we read.
func TestAgainstSoX(t *testing.T) {
	if _, err := exec.LookPath("sox"); err != nil {
		t.Skip("sox is not installed")
	}
	dir := t.TempDir()
	for _, args := range []string{
		"-e a-law -c 2 -r 8000", "-e mu-law -c 1 -r 8000", "-e ms-adpcm -c 1 -r 8000", "-b 24 -c 6 -r 48000", "-e float -b 32 -c 2 -r 44100",
	} {
		name := filepath.Join(dir, "in.wav")
		command := append(append([]string{"-n"}, strings.Fields(args)...), name, "synth", "1", "sine", "1000", "vol", "0.5")
		if out, err := exec.Command("sox", command...).CombinedOutput(); err != nil {
			t.Fatalf("sox %s: %v %s", args, err, out)
		}
		samples, err := decodeFile(name)
		if strings.Contains(args, "adpcm") {
			if err == nil || !strings.Contains(err.Error(), "Microsoft ADPCM") {
				t.Errorf("%s: %v", args, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if a, snr := fit(samples, 1000); math.Abs(a-0.5) > 0.01 || snr < 33 {
			t.Errorf("%s: amplitude %.3f, %.1f dB", args, a, snr)
		}
	}
}

func decodeFile(name string) ([]int16, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Decode(f)
}

// SoX reads the header of a recording without a warning.
func TestALawHeaderAgainstSoX(t *testing.T) {
	if _, err := exec.LookPath("soxi"); err != nil {
		t.Skip("sox is not installed")
	}
	name := filepath.Join(t.TempDir(), "out.wav")
	header := ALawHeader(2, 16000)
	if err := os.WriteFile(name, append(header[:], bytes.Repeat([]byte{0xD5}, 16000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("soxi", name).CombinedOutput()
	for _, want := range []string{"Channels       : 2", "Sample Rate    : 8000", "8000 samples", "8-bit A-law"} {
		if err != nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "WARN") {
			t.Fatalf("%v: want %q in %s", err, want, out)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []file{
		{tag: formatPCM, bits: 16, channels: 1, rate: 8000, size: -1, data: make([]byte, 64)},
		{tag: formatFloat, bits: 32, channels: 2, rate: 44100, size: -1, data: bytes.Repeat([]byte{0xff}, 64)},
		{tag: formatALaw, bits: 8, channels: 2, rate: 8000, size: 0, data: make([]byte, 64)},
		{tag: formatPCM, bits: 24, channels: 2, rate: 48000, extensible: true, size: 1 << 31, data: make([]byte, 64)},
	} {
		f.Add(seed.octets())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := Decode(bytes.NewReader(data))
		if err == nil && len(samples) > 2*len(data)+2 {
			t.Errorf("%d octets make %d samples", len(data), len(samples))
		}
		_, _, _ = DecodeChannels(bytes.NewReader(data))
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, rate := range []uint32{8000, 44100, 192000} {
		octets := file{tag: formatPCM, bits: 16, channels: 2, rate: rate}.sine(1000, 0.5)
		b.Run(strconv.Itoa(int(rate)), func(b *testing.B) {
			for b.Loop() {
				_, _ = Decode(bytes.NewReader(octets))
			}
		})
	}
}
