package fxo

import (
	"slices"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// testDigit breaks dial tone: no number in any plan is whole with it.
const testDigit = "1"

// examine answers an order to measure: a line without battery at once, and a line that a call took first not at all.
func (p *protocol) examine() {
	switch {
	case p.state == faulty || p.state == idle && p.cut:
		p.do(report{})
	case p.state == idle && !slices.Contains(p.running, callerKeep):
		p.beginExam()
	default:
		p.do(decline{})
	}
}

// beginExam seizes an idle line to measure it. Its echo stays in what is heard.
func (p *protocol) beginExam() {
	p.now, p.measures = p.next, telephony.LineMeasures{Battery: true}
	p.unname()
	p.enter(examining)
	p.do(seize{bare: true})
	p.listen(tones)
	p.show(telephony.LineDialing, 1, "line test")
	p.start(toneWait, toneWaitTime)
}

// examining waits for dial tone.
func (p *protocol) examining(e event) {
	switch e := e.(type) {
	case tone:
		if e.Signal == dsp.Dial || e.Signal == dsp.SpecialDial {
			p.measures.DialTone, p.measures.DialToneDBm0 = true, e.dBm0
			p.enter(breaking)
			p.start(examTime, examTimeout)
			p.sendAs(testDigit)
		}
	case expired:
		if e.Timer == toneWait {
			p.endExam(telephony.Text{})
			return
		}
		p.attendExam(e)
	default:
		p.attendExam(e)
	}
}

// breaking sends the digit that ends dial tone.
func (p *protocol) breaking(e event) {
	switch {
	case e == event(sent{}), e == event(wire{hal.Pulsed}):
		p.enter(measuring)
		p.start(examTime, examTimeout)
		p.listen(line)
	default:
		if _, ok := e.(tone); !ok {
			p.attendExam(e)
		}
	}
}

// measuring listens to the line, and to what it makes of a test signal.
func (p *protocol) measuring(e event) {
	m, done := e.(measurement)
	if !done {
		p.attendExam(e)
		return
	}
	p.measures.Quiet = true
	p.measures.NoiseDBm0, p.measures.HumDBm0, p.measures.HumHz = m.reading.NoiseDBm0, m.reading.HumDBm0, m.reading.HumHz
	p.measures.EchoFound, p.measures.ReturnLossDB = m.echo.Found, m.echo.LossDB
	p.measures.EchoDelayMS = int(m.echo.Delay.Milliseconds())
	p.endExam(telephony.Text{})
}

// attendExam is what may come in any part of a test.
func (p *protocol) attendExam(e event) {
	switch e := e.(type) {
	case expired:
		p.endExam(telephony.Text{ZH: "测量超时", EN: "the measurement took too long"})
	case wire:
		switch e.FXOEvent {
		case hal.BatteryLost:
			p.endExam(telephony.Text{ZH: "交换机断开了环路", EN: "the exchange opened the loop"})
		case hal.RingOn: // glare: the caller is connected already
			p.measures.Problem = telephony.Text{ZH: "有来电", EN: "a call came in"}
			p.do(report{p.measures}, seize{})
			p.beginTaken()
			p.do(arrive{})
		}
	case failed:
		p.odd(e)
		p.endExam(telephony.Text{ZH: "端口故障：" + e.err.Error(), EN: "a fault of the port: " + e.err.Error()})
	case dial:
		p.do(refuse{telephony.CauseNoChannel})
	case settings:
	default:
		p.odd(e)
	}
}

// endExam opens the loop and tells what was measured.
func (p *protocol) endExam(problem telephony.Text) {
	p.measures.Problem = problem
	p.letGo(report{p.measures})
}
