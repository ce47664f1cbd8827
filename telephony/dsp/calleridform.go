package dsp

import (
	"callbox/telephony"
)

// A CallerIDForm is how an exchange tells the caller's identity.
type CallerIDForm int

// The forms of the world's exchanges. A receiver hears them all; a sender picks the one that its telephone knows.
const (
	FormMDMF        CallerIDForm = iota // FSK after the first ring, with parameters: China, North America
	FormSDMF                            // FSK after the first ring, date and number
	FormDTMF                            // DTMF before the first ring, D to C: some exchanges of China, Taiwan, Kuwait
	FormMDMFV23                         // FSK after the first ring, with parameters: Europe
	FormSDMFV23                         // FSK after the first ring, date and number: Singapore
	FormShort                           // FSK before the first ring, after a short seizure: Britain
	FormDTMFHash                        // DTMF before the first ring, A to #: Denmark
	FormCallWaiting                     // FSK in a call, once the telephone has acknowledged the alert: see NewCallerIDAlert
)

// A format is what a form is made of.
type format struct {
	name    string // with its standard
	dtmf    string // how a number begins and ends; empty: it is sent by FSK
	modem   modem
	message byte // SDMF or MDMF
	seizure int  // bits of 0 and 1 in turn
	marks   int  // bits of 1 before the message
}

var formats = [...]format{
	FormMDMF:        {"MDMF by Bell 202: YD/T 1277.1-2003, Telcordia GR-30", "", bell202, messageMultiple, 300, 180},
	FormSDMF:        {"SDMF by Bell 202: YDN 069-1997, Telcordia GR-30", "", bell202, messageSingle, 300, 180},
	FormDTMF:        {"DTMF D to C: YDN 069-1997", "DC", modem{}, 0, 0, 0},
	FormMDMFV23:     {"MDMF by V.23: ETSI EN 300 659-1", "", v23, messageMultiple, 300, 180},
	FormSDMFV23:     {"SDMF by V.23: IDA A-CLIP", "", v23, messageSingle, 300, 180},
	FormShort:       {"MDMF by V.23 after 96 bits of seizure: BT SIN 227", "", v23, messageMultiple, 96, 55},
	FormDTMFHash:    {"DTMF A to #: ETS 300 648", "A#", modem{}, 0, 0, 0},
	FormCallWaiting: {"MDMF by Bell 202 in a call: Telcordia GR-30, off hook", "", bell202, messageMultiple, 0, 80},
}

// trailBits is how much mark ends a message, so that the last stop bit is whole.
const trailBits = 4

// String names the form and its standard.
func (f CallerIDForm) String() string { return formats[f].name }

// EncodeCallerID returns a Source that tells the identity in the form of an exchange, once. Numbers are cut after 32
// digits and names after 50 octets.
func EncodeCallerID(id CallerID, form CallerIDForm) telephony.Source {
	f := &formats[form]
	if f.dtmf != "" {
		return encodeDTMF(id, f.dtmf)
	}
	return &fskSender{modem: f.modem, bits: f.bits(encodeCallerID(id, f.message))}
}

// bits returns the bits of a message.
func (f *format) bits(message []byte) []byte {
	bits := make([]byte, 0, f.seizure+f.marks+10*len(message)+trailBits)
	for i := range f.seizure {
		bits = append(bits, byte(i%2))
	}
	for range f.marks {
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

// encodeDTMF sends the digits of an identity, 70 ms on and 70 ms off.
func encodeDTMF(id CallerID, ends string) telephony.Source {
	g, err := NewDTMF(dtmfOf(id, ends))
	if err != nil { // a number that is no digits cannot be told
		g, _ = NewDTMF(dtmfOf(CallerID{Absent: true}, ends))
	}
	g.On, g.Off = 70*ms, 70*ms
	return g
}
