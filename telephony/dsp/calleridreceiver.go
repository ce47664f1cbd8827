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

// A CallerIDReceiver listens for the caller's identity in every CallerIDForm at once: on a line that rings or may ring, and
// in a call after an alert (CallerIDAlertReceiver). It belongs to the goroutine that feeds it, may be fed for as long as the
// line is on hook, and is done again after each identity.
type CallerIDReceiver struct {
	fsk     fskReceiver
	message []byte // so far; its room is for the longest there can be

	dtmf   *DTMFReceiver
	digits []byte        // of the DTMF form, beginning with a letter
	quiet  time.Duration // since the last digit
}

// NewCallerIDReceiver returns a receiver that has heard nothing yet.
func NewCallerIDReceiver() *CallerIDReceiver {
	const longest = 1 + 1 + 255 + 1
	return &CallerIDReceiver{
		fsk:     fskReceiver{ear: newFSKEar(&callerIDWaves, fskWindow)},
		message: make([]byte, 0, longest),
		dtmf:    NewDTMFReceiver(),
		digits:  make([]byte, 0, maxDTMF),
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
			id, ok = decodeDTMF(r.digits)
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

// digit takes in a digit of DTMF and reports whether an identity is complete.
func (r *CallerIDReceiver) digit(digit byte) (complete bool) {
	switch {
	case len(r.digits) == 0 && strings.IndexByte(dtmfBegins, digit) < 0: // of a number whose beginning was not heard
		return false
	case len(r.digits) == maxDTMF:
		r.digits = r.digits[:0]
		return false
	}
	r.digits = append(r.digits, digit)
	return strings.IndexByte(dtmfEnds, digit) >= 0
}
