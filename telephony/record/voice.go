package record

import (
	"io"

	"callbox/telephony/wav"
)

// Voice reads the caller's side of a recording: the left channel's A-law octets, at most the given number.
func Voice(file io.Reader, most int) ([]byte, error) {
	if _, err := io.CopyN(io.Discard, file, wav.HeaderSize); err != nil {
		return nil, err
	}
	both, err := io.ReadAll(io.LimitReader(file, int64(most)*channels))
	if err != nil {
		return nil, err
	}
	left := both[:0]
	for i := 0; i < len(both); i += channels {
		left = append(left, both[i])
	}
	return left, nil
}
