// Package wav reads the sound files that people upload and writes the ones that the box records: RIFF WAVE (Microsoft and
// IBM, Multimedia Programming Interface and Data Specifications 1.0, 1991; Microsoft, Multiple Channel Audio Data and
// WAVE Files, 2001). Every error is a sentence that tells the person who uploaded the file what to do.
package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"callbox/telephony"
)

// What a file may be at most.
const (
	MaxOctets   = 64 << 20
	MaxLength   = time.Hour
	MaxChannels = 8
	MinRate     = 4000   // samples a second
	MaxRate     = 192000 // samples a second
)

// maxSamples is MaxLength at the box's own rate.
const maxSamples = int(MaxLength/time.Second) * telephony.SampleRate

// What is wrong with a file.
var (
	ErrNotWAV   = errors.New("this is not a WAV file: save the sound as WAV (PCM, 16 bit) and upload it again")
	ErrCut      = errors.New("this WAV file ends before its sound begins: save it again and upload it whole")
	ErrTooLarge = fmt.Errorf("this WAV file is larger than %d MB: save it as mono, 16 bit, 8000 Hz, or cut it in parts", MaxOctets>>20)
	ErrTooLong  = fmt.Errorf("this WAV file is longer than %.0f minutes: cut it in parts", MaxLength.Minutes())
)

// Format tags of the fmt chunk.
const (
	formatPCM        = 0x0001
	formatFloat      = 0x0003
	formatALaw       = 0x0006
	formatULaw       = 0x0007
	formatExtensible = 0xFFFE
)

// foreign names the compressions that a WAV file may hold and a telephone box need not know.
var foreign = map[uint16]string{
	0x0002: "Microsoft ADPCM", 0x0011: "IMA ADPCM", 0x0031: "GSM 6.10", 0x0040: "G.721", 0x0050: "MPEG", 0x0055: "MP3",
	0x0161: "Windows Media", 0x00FF: "AAC", 0xF1AC: "FLAC",
}

// A format is what a fmt chunk says.
type format struct {
	tag          uint16
	channels     int
	rate         int // samples a second
	bits         int // that count, left-justified in their octets
	sampleOctets int
}

// open reads up to the first sample. body ends where the sound ends or where the file does: a recording that a power cut
// ended has a data chunk of size nought, or of more than there is, and all of what is there is sound.
func open(r io.Reader) (f format, body io.Reader, err error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return f, nil, readError(err, ErrNotWAV)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return f, nil, ErrNotWAV
	}
	for known := false; ; {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return f, nil, readError(err, ErrCut)
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		padded := size + size%2
		switch string(head[:4]) {
		case "fmt ":
			if f, err = readFormat(io.LimitReader(r, size)); err != nil {
				return f, nil, err
			}
			known, padded = true, padded-min(size, formatOctets)
		case "data":
			if !known {
				return f, nil, ErrCut
			}
			if size == 0 {
				return f, r, nil
			}
			return f, io.LimitReader(r, size), nil
		}
		if _, err := io.CopyN(io.Discard, r, padded); err != nil {
			return f, nil, readError(err, ErrCut)
		}
	}
}

// formatOctets is the longest fmt chunk that means anything: that of WAVE_FORMAT_EXTENSIBLE.
const formatOctets = 40

func readFormat(r io.Reader) (f format, err error) {
	var b [formatOctets]byte
	n, err := io.ReadFull(r, b[:])
	if n < 16 {
		return f, readError(err, ErrCut)
	}
	f = format{
		tag:      binary.LittleEndian.Uint16(b[0:]),
		channels: int(binary.LittleEndian.Uint16(b[2:])),
		rate:     int(binary.LittleEndian.Uint32(b[4:])),
		bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	if f.tag == formatExtensible && n == formatOctets {
		f.tag = binary.LittleEndian.Uint16(b[24:]) // the first two octets of the GUID
	}
	f.sampleOctets = (f.bits + 7) / 8
	return f, f.check(int(binary.LittleEndian.Uint16(b[12:])))
}

// check refuses what cannot be read; frameOctets is the file's own word for how many octets all channels' samples take.
func (f format) check(frameOctets int) error {
	switch {
	case f.channels < 1 || f.channels > MaxChannels:
		return fmt.Errorf("this WAV file has %d channels: save it with 1 to %d", f.channels, MaxChannels)
	case f.rate < MinRate || f.rate > MaxRate:
		return fmt.Errorf("this WAV file has %d samples a second: save it with %d to %d", f.rate, MinRate, MaxRate)
	case tapCount(f.rate) > maxTaps:
		return fmt.Errorf("this WAV file has %d samples a second, which is not usual: save it with 8000, 44100 or 48000", f.rate)
	case foreign[f.tag] != "":
		return fmt.Errorf("this WAV file holds %s: save it as WAV (PCM, 16 bit)", foreign[f.tag])
	case f.reader() == nil || frameOctets != f.channels*f.sampleOctets:
		return fmt.Errorf("this WAV file is of a kind that is not known (format %#04x, %d bit): save it as WAV (PCM, 16 bit)", f.tag, f.bits)
	}
	return nil
}

// readError returns what a failed read means: cut if the file merely ended, or what the reader said.
func readError(err, cut error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return cut
	}
	return err
}
