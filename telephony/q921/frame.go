package q921

import "fmt"

// A kind is a command or response of table 5.
type kind uint8

const (
	none kind = iota // nothing for this link
	information
	rr
	rnr
	rej
	sabme
	dm
	disc
	ua
	frmr
)

// The control octets of table 5; a U frame's P/F bit is octet 4's, an S frame's octet 5's.
const (
	controlRR    = 0x01
	controlRNR   = 0x05
	controlREJ   = 0x09
	controlUI    = 0x03
	controlDM    = 0x0F
	controlDISC  = 0x43
	controlUA    = 0x63
	controlSABME = 0x6F
	controlFRMR  = 0x87
	controlXID   = 0xAF

	pollFinalU = 0x10
)

// The address field of SAPI 0 and TEI 0 (3.3).
const (
	sapiOctet  = 0x00
	teiOctet   = 0x01 // the last of the address
	commandBit = 0x02 // C/R
)

// frmrLength is the information field of a FRMR (figure 6).
const frmrLength = 5

// A frame is a received frame taken apart.
type frame struct {
	kind    kind
	command bool
	final   bool   // P of a command, F of a response
	ns, nr  uint8  // N(S) of an I frame, N(R) of an I or S frame
	message []byte // of an I frame
}

// address is the first octet of a frame of side s (3.3.2, table 1: a user's command has C/R 0, a network's has 1).
func (s Side) address(command bool) byte {
	if command == (s == Network) {
		return sapiOctet | commandBit
	}
	return sapiOctet
}

// decode takes apart a frame that came to side s. What 2.9 calls invalid, what is for another link and what a primary rate
// interface has no use for is of kind none; a frame that 5.8.5 rejects comes with its fault.
func (s Side) decode(octets []byte) (frame, Fault) {
	if len(octets) < 3 || octets[0]&^commandBit != sapiOctet || octets[1] != teiOctet {
		return frame{}, Fault{}
	}
	f := frame{command: (octets[0]&commandBit != 0) == (s == User)}
	switch control := octets[2]; {
	case control&3 == 3:
		return f.unnumbered(control, octets[3:])
	case len(octets) < 4:
		return frame{}, Fault{}
	case control&1 == 0:
		return f.information(octets)
	default:
		return f.supervisory(octets)
	}
}

func (f frame) unnumbered(control byte, rest []byte) (frame, Fault) {
	f.final = control&pollFinalU != 0
	command, length := false, 0
	switch control &^ pollFinalU {
	case controlSABME:
		f.kind, command = sabme, true
	case controlDISC:
		f.kind, command = disc, true
	case controlUA:
		f.kind = ua
	case controlDM:
		f.kind = dm
	case controlFRMR:
		f.kind, length = frmr, frmrLength
	case controlUI, controlXID:
		return frame{}, Fault{} // Q.931 uses neither on a point-to-point link; who gets no XID keeps to the defaults (5.4)
	default:
		return f, undefined(control)
	}
	switch {
	case f.command != command:
		return f, wrongWay(control)
	case length == 0 && len(rest) > 0:
		return f, Fault{'M', fmt.Sprintf("frame %02X with an information field", control)}
	case len(rest) != length:
		return f, Fault{'N', fmt.Sprintf("FRMR with %d octets of information", len(rest))}
	}
	return f, Fault{}
}

func (f frame) supervisory(octets []byte) (frame, Fault) {
	switch octets[2] {
	case controlRR:
		f.kind = rr
	case controlRNR:
		f.kind = rnr
	case controlREJ:
		f.kind = rej
	default:
		return f, undefined(octets[2])
	}
	if len(octets) > 4 {
		return f, Fault{'M', fmt.Sprintf("frame %02X with an information field", octets[2])}
	}
	f.nr, f.final = octets[3]>>1, octets[3]&1 != 0
	return f, Fault{}
}

func (f frame) information(octets []byte) (frame, Fault) {
	f.kind, f.message = information, octets[4:]
	f.ns, f.nr, f.final = octets[2]>>1, octets[3]>>1, octets[3]&1 != 0
	switch {
	case !f.command:
		return f, wrongWay(octets[2])
	case len(f.message) > n201:
		return f, Fault{'O', fmt.Sprintf("I frame with %d octets of information, more than N201 = %d", len(f.message), n201)}
	}
	return f, Fault{}
}

func undefined(control byte) Fault {
	return Fault{'L', fmt.Sprintf("undefined control field %02X", control)}
}

// wrongWay is what a span hears whose far end is set to the same side.
func wrongWay(control byte) Fault {
	return Fault{'L', fmt.Sprintf("frame %02X with the C/R bit of our own side: is the far end set to the same side?", control)}
}
