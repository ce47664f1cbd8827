package webui

import (
	"bytes"
	"encoding/binary"
	"math"
)

// alawWAV is speech-like sound: the parties take turns, each on its own channel.
func alawWAV(channels, seconds int) []byte {
	n := seconds * 8000
	data := make([]byte, 0, n*channels)
	for i := range n {
		for c := range channels {
			t := float64(i) / 8000
			level := 0.0
			if int(t/2.3)%2 == c || channels == 1 {
				level = math.Max(0, math.Sin(t*11)) * (0.45 + 0.4*math.Sin(t*1.7+float64(c))) * 9000
			}
			data = append(data, alaw(level*(math.Sin(2*math.Pi*(150+40*float64(c))*t)+0.4*math.Sin(2*math.Pi*620*t))))
		}
	}
	head := []any{
		[]byte("RIFF"), uint32(36 + len(data)), []byte("WAVEfmt "), uint32(16), uint16(6), uint16(channels),
		uint32(8000), uint32(8000 * channels), uint16(channels), uint16(8), []byte("data"), uint32(len(data)),
	}
	var b bytes.Buffer
	for _, field := range head {
		_ = binary.Write(&b, binary.LittleEndian, field)
	}
	b.Write(data)
	return b.Bytes()
}

// alaw compands one sample (G.711 table 1a).
func alaw(sample float64) byte {
	v, sign := int(sample), byte(0x80)
	if v < 0 {
		v, sign = -v-1, 0
	}
	v = min(v, 32767) >> 4
	exponent := 0
	for s := v; s > 31; s >>= 1 {
		exponent++
	}
	if v > 15 && exponent == 0 {
		exponent = 1
	} else if exponent > 0 {
		exponent++
	}
	mantissa := v & 15
	if exponent > 1 {
		mantissa = v >> (exponent - 1) & 15
	}
	return (sign | byte(exponent<<4) | byte(mantissa)) ^ 0x55
}
