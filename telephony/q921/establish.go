package q921

// establish sends SABME ("establish data link" of figure B.9; 5.5.1.2, 5.7.2).
func (l *Link) establish(asked bool) {
	l.asked = asked
	l.clearExceptions()
	l.rc = 0
	l.unnumbered(controlSABME, true, true)
	l.await()
	l.state = awaitingEstablishment
}

func (l *Link) clearExceptions() { l.peerBusy, l.rejected, l.owing = false, false, false }

// begin enters multiple frame operation.
func (l *Link) begin() {
	l.clearExceptions()
	l.va, l.vs, l.vr = 0, 0, 0
	l.rest()
	l.state = established
}

// renew is begin after layer 2 itself or its peer re-established the link. Layer 3 is told only if frames were on their way,
// and then whatever waits is let go; frames that were not sent yet go out on the new link (5.7.2).
func (l *Link) renew() {
	if l.vs != l.va {
		l.queue = nil
		l.do(Established{})
	}
	l.begin()
}

// whileReleased is state 4, figure B.4. Frames that it does not name are discarded (5.5.4).
func (l *Link) whileReleased(f frame) {
	switch f.kind {
	case sabme: // 5.5.1.2
		l.unnumbered(controlUA, false, f.final)
		l.begin()
		l.do(Established{})
	case disc: // 5.5.4
		l.unnumbered(controlDM, false, f.final)
	case ua: // 5.8.7
		l.unsolicitedUA(f)
	case dm:
		if !f.final { // the far end asks for a SABME (5.5.4)
			l.establish(true)
		}
	}
}

// whileEstablishing is state 5, figure B.5.
func (l *Link) whileEstablishing(f frame) {
	switch f.kind {
	case sabme: // 5.5.5.1: both ends ask at once, and each still waits for its UA
		l.unnumbered(controlUA, false, f.final)
	case disc: // 5.5.5.2
		l.unnumbered(controlDM, false, f.final)
	case ua:
		switch {
		case !f.final:
			l.unsolicitedUA(f)
		case l.asked:
			l.begin()
			l.do(Established{})
		default:
			l.renew()
		}
	case dm:
		if f.final { // 5.5.1.2: the far end will not; with F = 0 it crossed our SABME (5.5.5.3)
			l.end()
		}
	}
}

// whileReleasing is state 6, figure B.6.
func (l *Link) whileReleasing(f frame) {
	switch f.kind {
	case sabme: // 5.5.5.2
		l.unnumbered(controlDM, false, f.final)
	case disc: // 5.5.5.1
		l.unnumbered(controlUA, false, f.final)
	case ua, dm: // 5.5.3.2
		switch {
		case f.final:
			l.end()
		case f.kind == ua:
			l.unsolicitedUA(f)
		}
	}
}

// unsolicitedUA tells of a UA that answers nothing (5.8.7).
func (l *Link) unsolicitedUA(f frame) {
	if f.final {
		l.fault('C', "unsolicited UA with F = 1")
	} else {
		l.fault('D', "unsolicited UA with F = 0")
	}
}

// unnumbered sends a U frame without an information field; final is its P/F bit.
func (l *Link) unnumbered(control byte, command, final bool) {
	if final {
		control |= pollFinalU
	}
	l.do(Send{[]byte{l.side.address(command), teiOctet, control}})
}
