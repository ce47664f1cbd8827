// Package dahdi drives telephone cards through the kernel's DAHDI drivers, by ioctl and sysfs alone: no udev rule, no
// dahdi_cfg, no file in /etc. The driver of the card must be loaded; everything else is done here, at each start. A program without
// root's rights needs the devices' group, and spans that the kernel numbers and makes E1 by itself (auto_assign_spans, default_linemode).
//
// The media loop reads and writes the bearers' blocks itself: a read that would wait is answered at once, as on the RTP
// sockets beside it, so nothing stands between the line and the loop. One goroutine (loop) waits for what happens on
// D-channels and on the wires of analogue ports.
package dahdi

// Options is what a board's profile says about its cards.
type Options struct {
	Spans []SpanOptions `json:"spans"` // "e1/1" and so on, in order
	FXO   []PortOptions `json:"fxo"`   // "fxo/1" and so on
	FXS   []PortOptions `json:"fxs"`   // "fxs/1" and so on
	// BlockMS is how much speech the kernel hands over at once: 20, or 10 for 10 ms less delay each way at twice the work.
	// 0 is 20.
	BlockMS int `json:"block_ms"`
}

// SpanOptions says where an E1 is plugged in, and how the line is.
type SpanOptions struct {
	Card string `json:"card"` // its hardware id or its location; an error at Open tells those that there are
	Port int    `json:"port"` // of the card, from 1
	CRC4 bool   `json:"crc4"` // the multiframe of G.704 2.3.3, as the carrier has it
	// Timing is this span's place among those that the card takes its clock from: 1 is the first choice, as a carrier's line
	// must be. 0: the card gives the clock, for a span whose far end is a PBX.
	Timing int `json:"timing"`
	LBO    int `json:"lbo"` // line build-out as the card counts it: 0 for up to 40 m of cable
}

// PortOptions says which socket of an analogue card a line or a telephone is plugged into.
type PortOptions struct {
	Card string `json:"card"` // as in SpanOptions
	Port int    `json:"port"` // of the card, from 1
	// The gains of the card's amplifiers, in dB, of what comes from the wires and of what goes there.
	RxGainDB float64 `json:"rx_gain_db"`
	TxGainDB float64 `json:"tx_gain_db"`
	// EchoCanceller is the kernel's that works in a line's calls in place of the box's own, such as "mg2", whose module must be
	// loaded; "" is none.
	EchoCanceller string `json:"echo_canceller"`
}
