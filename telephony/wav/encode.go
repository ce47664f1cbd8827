package wav

import (
	"encoding/binary"
	"io"
	"math"

	"callbox/telephony"
)

// Encode writes samples as a WAV file: PCM, 16 bit, one channel at 8 kHz.
func Encode(w io.Writer, samples []int16) error {
	const octets = 2
	size := uint32(min(len(samples), math.MaxInt32/octets) * octets)
	b := append(make([]byte, 0, 1<<13), "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, 36+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = appendFormat(b, formatPCM, 1, octets)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	for _, s := range samples[:size/octets] {
		if len(b)+octets > cap(b) {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	_, err := w.Write(b)
	return err
}

// HeaderSize is the size in octets of an ALawHeader, and so the place of the first sample.
const HeaderSize = 58

// ALawHeader returns the header of an A-law recording of so many channels at 8 kHz whose sound takes dataOctets. A
// recorder writes it first with none, and again over the first when it knows: only its sizes change. A compressed format
// must have the extension size in its fmt chunk, and a fact chunk.
func ALawHeader(channels int, dataOctets uint32) [HeaderSize]byte {
	dataOctets = min(dataOctets, math.MaxUint32-HeaderSize) // sizes are 32 bits
	b := append(make([]byte, 0, HeaderSize), "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, HeaderSize-8+dataOctets)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 18)
	b = appendFormat(b, formatALaw, channels, 1)
	b = binary.LittleEndian.AppendUint16(b, 0) // no extension
	b = append(b, "fact"...)
	b = binary.LittleEndian.AppendUint32(b, 4)
	b = binary.LittleEndian.AppendUint32(b, dataOctets/uint32(channels))
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, dataOctets)
	return [HeaderSize]byte(b)
}

// appendFormat appends the 16 octets that every fmt chunk begins with.
func appendFormat(b []byte, tag uint16, channels, sampleOctets int) []byte {
	b = binary.LittleEndian.AppendUint16(b, tag)
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, telephony.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, uint32(telephony.SampleRate*channels*sampleOctets))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels*sampleOctets))
	return binary.LittleEndian.AppendUint16(b, uint16(sampleOctets*8))
}
