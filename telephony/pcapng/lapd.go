package pcapng

// The pseudo-header of LinuxLAPD, as Linux has it (LINKTYPE_LINUX_LAPD of the tcpdump group).
const (
	fromFarEnd = 0
	fromBox    = 4
	deviceLAPD = 8445   // ARPHRD_LAPD
	protoLAPD  = 0x0030 // ETH_P_LAPD
)

// A LAPD is the data link of a D-channel. The messages that it is given travel in I frames whose numbers count up as if
// each had been taken at once (Q.921 5.6); what the link did on its own, and its repetitions, are not known.
type LAPD struct {
	Network bool // the box is the network side

	sent, received byte // frames so far, modulo 128
}

// Frame is the frame of a message, of SAPI 0 and TEI 0 as on every primary rate access.
func (l *LAPD) Frame(sent bool, message []byte) []byte {
	kind, own, far := byte(fromFarEnd), &l.received, l.sent
	if sent {
		kind, own, far = fromBox, &l.sent, l.received
	}
	side, command := byte(0), byte(0)
	if l.Network {
		side = 1
	}
	if l.Network == sent { // C/R is 1 in commands of the network and 0 in the user's (Q.921 3.3.2)
		command = 1 << 1
	}
	b := []byte{
		0, kind, deviceLAPD >> 8, deviceLAPD & 0xFF, 0, 1, side, 0, 0, 0, 0, 0, 0, 0, 0, protoLAPD,
		command, 1, *own << 1, far << 1,
	}
	*own = (*own + 1) % 128
	return append(b, message...)
}
