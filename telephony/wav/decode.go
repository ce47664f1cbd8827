package wav

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"

	"callbox/telephony"

	"github.com/zaf/g711"
)

// Decode reads a WAV file (PCM of 8, 16, 24 or 32 bits, IEEE float, A-law or mu-law; 1 to 8 channels; 4 to 192 kHz) and
// returns it as the box hears: one channel at 8 kHz. Channels are mixed in equal parts. A file cut short gives what is
// there. What is larger than MaxOctets or longer than MaxLength is refused.
func Decode(r io.Reader) (samples []int16, err error) {
	f, frames, err := newFrames(r)
	if err != nil {
		return nil, err
	}
	to8k := newResampler(f.rate, telephony.SampleRate)
	for {
		frame, err := frames.next()
		if err == io.EOF {
			return to8k.finish(), nil
		}
		if err != nil {
			return nil, err
		}
		sum := float32(0)
		for _, v := range frame {
			sum += v
		}
		if to8k.write(sum / float32(len(frame))); len(to8k.out) > maxSamples {
			return nil, ErrTooLong
		}
	}
}

// DecodeChannels reads a WAV file as it is: its channels, and its rate in samples a second. It is meant for our own
// recordings and has the limits of Decode.
func DecodeChannels(r io.Reader) (channels [][]int16, rate int, err error) {
	f, frames, err := newFrames(r)
	if err != nil {
		return nil, 0, err
	}
	channels = make([][]int16, f.channels)
	for {
		frame, err := frames.next()
		if err == io.EOF {
			return channels, f.rate, nil
		}
		if err != nil {
			return nil, 0, err
		}
		for i, v := range frame {
			channels[i] = append(channels[i], toInt16(v))
		}
		if len(channels[0]) > f.rate*int(MaxLength.Seconds()) {
			return nil, 0, ErrTooLong
		}
	}
}

// frames reads one sample of every channel at a time.
type frames struct {
	file   *io.LimitedReader // of MaxOctets and one more
	body   io.Reader
	read   sampleReader
	octets []byte
	frame  []float32
}

func newFrames(r io.Reader) (format, *frames, error) {
	file := &io.LimitedReader{R: bufio.NewReaderSize(r, 1<<16), N: MaxOctets + 1}
	f, body, err := open(file)
	if err != nil {
		return f, nil, err
	}
	return f, &frames{
		file:   file,
		body:   bufio.NewReaderSize(body, 1<<16),
		read:   f.reader(),
		octets: make([]byte, f.channels*f.sampleOctets),
		frame:  make([]float32, f.channels),
	}, nil
}

// next returns the next sample of every channel, each within -1..1, valid until it is called again; io.EOF at the end.
func (fr *frames) next() ([]float32, error) {
	if _, err := io.ReadFull(fr.body, fr.octets); err != nil {
		if fr.file.N == 0 {
			return nil, ErrTooLarge
		}
		return nil, readError(err, io.EOF)
	}
	size := len(fr.octets) / len(fr.frame)
	for i := range fr.frame {
		fr.frame[i] = fr.read(fr.octets[i*size : (i+1)*size])
	}
	return fr.frame, nil
}

// A sampleReader returns the sample that the octets are, within -1..1.
type sampleReader func(octets []byte) float32

// reader returns how to read a sample of the format, or nil if it is not known.
func (f format) reader() sampleReader {
	switch [2]int{int(f.tag), f.sampleOctets} {
	case [2]int{formatPCM, 1}: // offset binary; all wider PCM is two's complement
		return func(b []byte) float32 { return float32(int(b[0])-128) / (1 << 7) }
	case [2]int{formatPCM, 2}:
		return func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) }
	case [2]int{formatPCM, 3}:
		return func(b []byte) float32 { return float32(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / (1 << 31) }
	case [2]int{formatPCM, 4}:
		return func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) }
	case [2]int{formatFloat, 4}:
		return func(b []byte) float32 { return limit(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))) }
	case [2]int{formatFloat, 8}:
		return func(b []byte) float32 { return limit(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case [2]int{formatALaw, 1}:
		return func(b []byte) float32 { return float32(g711.DecodeAlawFrame(b[0])) / (1 << 15) }
	case [2]int{formatULaw, 1}:
		return func(b []byte) float32 { return float32(g711.DecodeUlawFrame(b[0])) / (1 << 15) }
	}
	return nil
}

// limit keeps a float sample within -1..1; one that is no number is silence.
func limit(v float64) float32 {
	if math.IsNaN(v) {
		return 0
	}
	return float32(max(-1, min(1, v)))
}

func toInt16(v float32) int16 {
	return int16(max(-32768, min(32767, math.Round(float64(v)*32768))))
}
