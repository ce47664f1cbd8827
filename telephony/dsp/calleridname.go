package dsp

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// setName takes a name without what cannot be printed.
func (id *CallerID) setName(value []byte) {
	id.Name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, decodeName(value[:min(len(value), maxName)])))
}

// decodeName reads what China sends, GB 2312, of which GBK is the everyday superset, or Europe, ISO 8859-1. No octet tells
// which.
func decodeName(value []byte) string {
	if !isLatin(value) {
		name, _ := simplifiedchinese.GBK.NewDecoder().Bytes(value) // half an ideograph is a rune of its own, not an error
		return string(name)
	}
	runes := make([]rune, len(value)) // the octets of ISO 8859-1 are the first runes of Unicode
	for i, b := range value {
		runes[i] = rune(b)
	}
	return string(runes)
}

// isLatin tells whether the octets above 127 are accented letters. Those stand alone among plain ones, but an ideograph of
// GB 2312 is two of them, and the names of China that have none of GB 2312 are too few to count.
func isLatin(name []byte) bool {
	high := false
	for _, b := range name {
		if b >= 0x80 && (high || b < 0xA0) { // 80-9F is no letter of ISO 8859-1
			return false
		}
		high = b >= 0x80
	}
	return true
}

// encodeName returns as many characters of the name as fit: in ISO 8859-1 if it is read so again, else in GBK, without
// those that it does not have.
func encodeName(name string) []byte {
	if latin := encodeLatin(name); latin != nil {
		return latin
	}
	var out []byte
	encoder := simplifiedchinese.GBK.NewEncoder()
	for _, r := range name {
		b, err := encoder.Bytes([]byte(string(r)))
		if err != nil {
			continue
		}
		if len(out)+len(b) > maxName {
			break
		}
		out = append(out, b...)
	}
	return out
}

// encodeLatin returns the name in ISO 8859-1, or nil if that cannot hold it.
func encodeLatin(name string) []byte {
	var out []byte
	for _, r := range name {
		if r > 0xFF {
			return nil
		}
		out = append(out, byte(r))
	}
	out = out[:min(len(out), maxName)]
	if !isLatin(out) {
		return nil
	}
	return out
}
