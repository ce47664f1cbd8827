package dsp

import "bytes"

// An identity by DTMF is fields of a letter and digits, and a last digit that ends it. It has no checksum, so whatever is
// not exactly of one of these forms is dropped:
//
//	D number C                        YDN 069-1997
//	A number [D redirecting] C        ETS 300 648; B00C: the number is not available, B10C: it is withheld
//	A number #                        ETS 300 648; D1#: withheld, D2# and D3#: not available
const (
	dtmfBegins = "ABD"
	dtmfEnds   = "C#"
)

// maxDTMF is the longest identity: two numbers, a code, and their letters.
const maxDTMF = 2*(1+maxNumber) + len("B00C")

// What ETS 300 648 sends in place of a number: a field B before C, or a field D before #.
const (
	dtmfAbsent, dtmfWithheld = "00", "10"
	hashWithheld             = "1"
	hashForeign, hashAbsent  = "2", "3" // the call comes from abroad; for technical reasons
)

// decodeDTMF reads the digits from a first letter to an end.
func decodeDTMF(digits []byte) (id CallerID, ok bool) {
	a, b, d := dtmfField(digits, 'A'), dtmfField(digits, 'B'), dtmfField(digits, 'D')
	number := d
	switch hash := digits[len(digits)-1] == '#'; {
	case b != nil:
		id.Withheld, id.Absent = string(b) == dtmfWithheld, string(b) == dtmfAbsent
		return id, !hash && (id.Withheld || id.Absent)
	case a != nil:
		number = a
	case hash && string(d) == hashWithheld:
		return CallerID{Withheld: true}, true
	case hash && (string(d) == hashForeign || string(d) == hashAbsent):
		number = nil
	}
	if len(number) > maxNumber {
		return CallerID{}, false
	}
	return CallerID{Number: string(number), Absent: len(number) == 0}, true
}

// dtmfField returns the digits that follow the last letter of a kind, or nil if there is none.
func dtmfField(digits []byte, letter byte) []byte {
	i := bytes.LastIndexByte(digits, letter)
	if i < 0 {
		return nil
	}
	value := digits[i+1:]
	return value[:bytes.IndexAny(value, dtmfBegins+dtmfEnds)]
}

// dtmfOf returns the digits of an identity between the two that begin and end a number. D to C has no way to tell that a
// number is withheld: it is sent as an empty one.
func dtmfOf(id CallerID, ends string) string {
	hash := ends[1] == '#'
	switch {
	case hash && id.Withheld:
		return "D" + hashWithheld + "#"
	case hash && id.Number == "":
		return "D" + hashAbsent + "#"
	case id.Withheld:
		return ends
	}
	return ends[:1] + id.Number[:min(len(id.Number), maxNumber)] + ends[1:]
}
