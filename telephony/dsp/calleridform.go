package dsp

import "callbox/telephony"

// A CallerIDForm is how an exchange tells the caller's identity.
type CallerIDForm int

const (
	FormMDMF CallerIDForm = iota // FSK between the first and the second ring, with parameters
	FormSDMF                     // FSK between the first and the second ring, date and number
	FormDTMF                     // DTMF before the first ring, number only
)

// The parts of an FSK message before its data, in bits (YD/T 1277.1-2003).
const (
	seizureBits = 300 // 0 and 1 in turn
	markBits    = 180
	trailBits   = 4 // of mark at the end, so that the last stop bit is whole
)

// EncodeCallerID returns a Source that tells the identity in the form of an exchange, once. Numbers are cut after 32
// digits and names after 50 octets.
func EncodeCallerID(id CallerID, form CallerIDForm) telephony.Source {
	switch form {
	case FormDTMF:
		return encodeDTMF(id)
	case FormSDMF:
		return &fskSender{bits: fskBits(encodeCallerID(id, messageSingle), seizureBits)}
	default:
		return &fskSender{bits: fskBits(encodeCallerID(id, messageMultiple), seizureBits)}
	}
}

// fskBits returns the bits of a message after so many of seizure.
func fskBits(message []byte, seizure int) []byte {
	bits := make([]byte, 0, seizure+markBits+10*len(message)+trailBits)
	for i := range seizure {
		bits = append(bits, byte(i%2))
	}
	for range markBits {
		bits = append(bits, 1)
	}
	for _, octet := range message {
		bits = appendOctet(bits, octet)
	}
	for range trailBits {
		bits = append(bits, 1)
	}
	return bits
}

// The DTMF form: D, the digits, C. Some exchanges begin with A or end with #. A number that is not told leaves it empty.
const (
	dtmfBegins = "DA"
	dtmfEnds   = "C#"
)

func encodeDTMF(id CallerID) telephony.Source {
	number := id.Number[:min(len(id.Number), maxNumber)]
	if id.Withheld {
		number = ""
	}
	g, err := NewDTMF(dtmfBegins[:1] + number + dtmfEnds[:1])
	if err != nil { // no digits: nothing that could be told
		g, _ = NewDTMF(dtmfBegins[:1] + dtmfEnds[:1])
	}
	g.On, g.Off = 70*ms, 70*ms
	return g
}
