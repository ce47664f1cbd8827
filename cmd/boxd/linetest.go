package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"callbox/telephony"
)

// testLine says in words how a line is, the worst first, whatever board it is on: an analogue line is measured as the page does, of an
// E1 its signal and its D-channel are looked at, of a trunk what its carrier answers. Nobody is called.
func (f *front) testLine(ctx context.Context, id string) ([]telephony.LineFinding, error) {
	live := f.Exchange.Live()
	switch kind, _, _ := strings.Cut(id, "/"); kind {
	case "fxo":
		report, err := analogue{f.FXO}.TestLine(ctx, id)
		if err != nil {
			return nil, err
		}
		return report.Findings, nil
	case "e1":
		spans := f.E1.Live()
		if at := slices.IndexFunc(spans, func(s telephony.LiveSpan) bool { return s.Span == id }); at >= 0 {
			return spanFindings(&spans[at]), nil
		}
	default:
		if at := slices.IndexFunc(live.Lines, func(l telephony.LineStatus) bool { return l.ID == id }); at >= 0 {
			return []telephony.LineFinding{trunkFinding(live.Lines[at])}, nil
		}
	}
	return nil, telephony.Errorf(telephony.NotFound, "没有线路 %s", "there is no line %s", id)
}

// spanAlarms are what the alarms of an E1 come from (G.775), most often its wiring.
var spanAlarms = map[string]telephony.LineFinding{
	"los": {Light: telephony.Red, Text: telephony.Text{
		ZH: "没有收到任何信号：请检查线缆是否插好、收发是否接反。",
		EN: "There is no signal at all: check that the cable is plugged in, and that its two directions are not swapped.",
	}},
	"red": {Light: telephony.Red, Text: telephony.Text{
		ZH: "收到信号但无法对齐帧：请检查线缆，并与运营商核对成帧方式（CRC-4）。",
		EN: "There is a signal, but no frame in it: check the cable, and agree on framing (CRC-4) with the carrier.",
	}},
	"ais": {Light: telephony.Red, Text: telephony.Text{
		ZH: "对端设备在发全 1 信号，它自己或它后面的线路有故障：请联系运营商。",
		EN: "The far end sends all ones: it or the line behind it has a fault. Call the carrier.",
	}},
	"yellow": {Light: telephony.Red, Text: telephony.Text{
		ZH: "对端收不到我们的信号：请检查发送方向的线缆。",
		EN: "The far end does not receive us: check the cable of the sending direction.",
	}},
}

// spanFindings says how an E1 is.
func spanFindings(s *telephony.LiveSpan) (list []telephony.LineFinding) {
	add := func(about string, light telephony.Light, zh, en string) {
		list = append(list, telephony.LineFinding{About: about, Light: light, Text: telephony.Text{ZH: zh, EN: en}})
	}
	alarm, alarmed := spanAlarms[s.Alarm]
	switch {
	case alarmed:
		alarm.About = "signal"
		list = append(list, alarm)
	case s.DChannel != "up":
		add("dchannel", telephony.Red, "信号正常，但D通道不通：请核对用户侧/网络侧，并问运营商PRI是否已开通。",
			"The signal is good, but the D-channel is down: check the side, user or network, and ask the carrier whether PRI is switched on.")
	default:
		n := bearers([]telephony.LiveSpan{*s}, s.Span)
		add("signal", telephony.Green, fmt.Sprintf("信号和D通道正常，30个通道可用%d个。", n), fmt.Sprintf("Signal and D-channel are good; %d of 30 channels can be used.", n))
	}
	if c := s.Counters; c.CodeViolations+c.CRC+c.FrameSlips > 0 {
		add("errors", telephony.Yellow, fmt.Sprintf("启动以来编码错%d、CRC错%d、滑码%d：检查接头，滑码查时钟。", c.CodeViolations, c.CRC, c.FrameSlips),
			fmt.Sprintf("Since the start: code violations %d, CRC %d, slips %d. Check the joints, and for slips the clock.", c.CodeViolations, c.CRC, c.FrameSlips))
	}
	return list
}

// trunkFinding says how a trunk is. Detail is what its carrier answers.
func trunkFinding(l telephony.LineStatus) telephony.LineFinding {
	f := telephony.LineFinding{About: "line", Light: telephony.Green, Text: telephony.Text{ZH: "运营商有应答，可以通话。", EN: "The carrier answers; calls can be made."}}
	switch {
	case l.State == telephony.LineBlocked:
		f.Light, f.Text = telephony.Yellow, telephony.Text{ZH: "在配置中停用。", EN: "Disabled in the configuration."}
	case !inService(l):
		f.Light, f.Text = telephony.Red, telephony.Text{
			ZH: "不可用：请检查网络、服务器地址、用户名和密码。" + l.Detail, EN: "Out of order: check network, host, user and password. " + l.Detail,
		}
	}
	return f
}
