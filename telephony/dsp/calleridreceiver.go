package dsp

import (
	"strings"
	"time"

	"callbox/telephony"
)

// leadMarks is how many bits of mark come before a message at the least: exchanges send 180, of which the first may be
// lost. Between the octets of a message there are 10 at most, and 9 may belong to an octet.
const leadMarks = 20

// digitWait is the longest silence between two digits of the DTMF form.
const digitWait = 500 * time.Millisecond

// A CallerIDReceiver listens to a line that rings for the caller's identity in any form that exchanges of China use. It
// belongs to the goroutine that feeds it, may be fed for as long as the line is on hook, and is done again after each
// identity.
type CallerIDReceiver struct {
	fsk     fskReceiver
	message []byte // so far; its room is for the longest there can be

	dtmf   *DTMFReceiver
	digits []byte        // of the DTMF form, beginning with D or A
	quiet  time.Duration // since the last digit
}

// NewCallerIDReceiver returns a receiver that has heard nothing yet.
func NewCallerIDReceiver() *CallerIDReceiver {
	const longest = 1 + 1 + 255 + 1
	return &CallerIDReceiver{
		message: make([]byte, 0, longest),
		dtmf:    NewDTMFReceiver(),
		digits:  make([]byte, 0, 1+maxNumber),
	}
}

// Frame takes in the next frame and reports an identity as soon as its last octet or digit has come. A message with a
// wrong checksum, or of a kind or length that no exchange sends, is dropped.
func (r *CallerIDReceiver) Frame(f *telephony.Frame) (id CallerID, ok bool) {
	for _, sample := range f {
		switch r.fsk.hear(sample) {
		case fskOctet:
			if r.octet(r.fsk.octet, r.fsk.lead > leadMarks*fskBit) {
				id, ok = decodeCallerID(r.message)
				r.message = r.message[:0]
			}
		case fskBroken:
			r.message = r.message[:0]
		}
	}
	if digit, heard := r.dtmf.Frame(f); heard {
		r.quiet = 0
		if r.digit(digit) {
			id, ok = CallerID{Number: string(r.digits[1:]), Absent: len(r.digits) == 1}, true
			r.digits = r.digits[:0]
		}
	} else if r.quiet += telephony.Tick; r.quiet >= digitWait {
		r.digits = r.digits[:0]
	}
	return id, ok
}

// octet takes in an octet of FSK and reports whether a message is complete. The one after a long mark is the first.
func (r *CallerIDReceiver) octet(octet byte, first bool) (complete bool) {
	switch {
	case first && (octet == messageSingle || octet == messageMultiple):
		r.message = append(r.message[:0], octet)
	case first || len(r.message) == 0: // of a kind that is not for us
		r.message = r.message[:0]
	default:
		r.message = append(r.message, octet)
	}
	return len(r.message) > 2 && len(r.message) == int(r.message[1])+3
}

// digit takes in a digit of DTMF and reports whether a number is complete.
func (r *CallerIDReceiver) digit(digit byte) (complete bool) {
	switch {
	case strings.IndexByte(dtmfBegins, digit) >= 0:
		r.digits = append(r.digits[:0], digit)
	case len(r.digits) == 0: // of a number whose beginning was not heard
	case strings.IndexByte(dtmfEnds, digit) >= 0:
		return true
	case len(r.digits) > maxNumber || digit > '9': // no number
		r.digits = r.digits[:0]
	default:
		r.digits = append(r.digits, digit)
	}
	return false
}
