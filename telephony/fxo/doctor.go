package fxo

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"callbox/telephony"
)

// Test measures the line, in up to 15 s, and says in words how it is. It refuses with Busy while the line is in use; a line
// without battery is told as such.
func (l *Line) Test(ctx context.Context) (*telephony.LineReport, error) {
	if l.status.Load().State != telephony.LineFault && !l.free.CompareAndSwap(true, false) {
		return nil, l.notFree()
	}
	reply := make(chan *telephony.LineReport, 1)
	l.post(verb{event: exam{reply}})
	select {
	case r := <-reply:
		if r == nil { // a call was first
			return nil, l.notFree()
		}
		return r, nil
	case <-l.ended:
		return nil, telephony.Errorf(telephony.Unavailable, "线路 %s 已停止：设备正在重新启动", "line %s has stopped: the box starts again", l.ID())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// diagnose puts what was measured and what is remembered into words.
func diagnose(line string, m telephony.LineMeasures, past telephony.LineMemory) *telephony.LineReport {
	d := &diagnosis{LineReport: telephony.LineReport{Line: line, Time: time.Now(), LineMeasures: m, LineMemory: past}}
	switch {
	case !m.Battery:
		d.find("battery", telephony.Red, "没有馈电：外线没插好或断线", "no battery: the line is unplugged or its wire is cut")
	case !m.DialTone && m.Problem == (telephony.Text{}):
		d.find("dial_tone", telephony.Red, "有馈电但听不到拨号音：请用普通话机试，再找运营商", "there is battery and no dial tone: try with an ordinary telephone, then call the carrier")
	case m.DialTone:
		d.level(m.DialToneDBm0)
	}
	if m.Problem != (telephony.Text{}) {
		d.say("line", telephony.Yellow, telephony.Text{
			ZH: "测试中断（" + m.Problem.ZH + "）：请再测一次", EN: "the test broke off (" + m.Problem.EN + "): test again",
		})
	}
	if m.Quiet {
		d.sounds(m)
	}
	d.calls(past)
	slices.SortStableFunc(d.Findings, func(a, b telephony.LineFinding) int { return badness[b.Light] - badness[a.Light] })
	d.Light = d.Findings[0].Light
	return &d.LineReport
}

var badness = map[telephony.Light]int{telephony.Green: 0, telephony.Yellow: 1, telephony.Red: 2}

// A diagnosis is a report in the making.
type diagnosis struct{ telephony.LineReport }

// find adds a finding; both sentences take the same arguments.
func (d *diagnosis) find(about string, light telephony.Light, zh, en string, args ...any) {
	d.say(about, light, telephony.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

func (d *diagnosis) say(about string, light telephony.Light, text telephony.Text) {
	d.Findings = append(d.Findings, telephony.LineFinding{About: about, Light: light, Text: text})
}

// The limits. An exchange sends dial tone at -10 +/- 3 dBm0 (GB/T 3380), and a subscriber's line may weaken it by 7 dB
// (YD/T 5102); a telephone set is asked to bear noise of -50 dBm0; an echo must be 6 dB down at the least (G.168 6.4), and a
// good hybrid makes 14 of it.
const (
	weakDBm0, faintDBm0 = -20.0, -30.0
	noisyDBm0, deafDBm0 = -52.0, -40.0
	goodLossDB          = 10.0
	leastLossDB         = 6.0
)

func (d *diagnosis) level(dBm0 float64) {
	level := int(math.Round(dBm0))
	switch {
	case dBm0 < faintDBm0:
		d.find("level", telephony.Red, "拨号音 %d dBm0，太弱：检查接头，线路过长需运营商处理", "dial tone at %d dBm0 is too faint: check the joints; a line that is too long is the carrier's to mend", level)
	case dBm0 < weakDBm0:
		d.find("level", telephony.Yellow, "拨号音 %d dBm0，偏弱：检查接头和分线盒", "dial tone at %d dBm0 is weak: check joints and sockets", level)
	default:
		d.find("level", telephony.Green, "拨号音 %d dBm0，正常", "dial tone at %d dBm0", level)
	}
}

func (d *diagnosis) sounds(m telephony.LineMeasures) {
	noise, hum := int(math.Round(m.NoiseDBm0)), int(math.Round(m.HumDBm0))
	light := lightOf(m.HumDBm0)
	if light != telephony.Green {
		d.find("hum", light, "%[2]d Hz 交流声 %[1]d dBm0：电话线离电源线太近或接地不良", "mains hum of %[2]d Hz at %[1]d dBm0: the wire runs beside a power cable, or an earth is bad", hum, int(m.HumHz))
	} else {
		d.find("hum", light, "无交流声（%d dBm0）", "no hum (%d dBm0)", hum)
	}
	switch l := lightOf(m.NoiseDBm0); {
	case l == telephony.Green:
		d.find("noise", l, "噪声 %d dBm0，正常", "noise at %d dBm0", noise)
	case light != telephony.Green && m.NoiseDBm0 < m.HumDBm0+3: // the hum is all there is of it
	default:
		d.find("noise", l, "噪声 %d dBm0，偏大：检查接头是否受潮氧化", "noise at %d dBm0: look for wet or rusty joints", noise)
	}
	loss := int(math.Round(m.ReturnLossDB))
	switch {
	case !m.EchoFound || m.ReturnLossDB >= goodLossDB:
		d.find("echo", telephony.Green, "回声损耗 %d dB，正常", "the echo is %d dB down", loss)
	case m.ReturnLossDB < leastLossDB:
		d.find("echo", telephony.Red, "回声损耗仅 %d dB：线路阻抗不匹配，检查并接的话机和分线", "the echo is only %d dB down: the line does not match; look for other telephones on the same wire", loss)
	default:
		d.find("echo", telephony.Yellow, "回声损耗 %d dB，偏低：回声消除器会处理", "the echo is %d dB down, which the echo canceller deals with", loss)
	}
}

func lightOf(dBm0 float64) telephony.Light {
	switch {
	case dBm0 > deafDBm0:
		return telephony.Red
	case dBm0 > noisyDBm0:
		return telephony.Yellow
	}
	return telephony.Green
}

// calls judges what the last calls tell. Nothing is said of what has not happened yet.
func (d *diagnosis) calls(past telephony.LineMemory) {
	const enough = 3 // calls
	switch {
	case past.Rings == 0:
	case past.LostRings > 0:
		d.find("ringing", telephony.Yellow, "最近 %d 次振铃中丢失 %d 次：振铃电压可能偏低", "of the last %d rings %d were lost: the ringing voltage may be low", past.Rings+past.LostRings, past.LostRings)
	case past.PauseMS == 0: // each call was taken at its first ring
		d.find("ringing", telephony.Green, "振铃 %d 毫秒", "rings of %d ms", past.RingMS)
	default:
		d.find("ringing", telephony.Green, "振铃 %d 毫秒，间隔 %d 毫秒", "rings of %d ms, %d ms apart", past.RingMS, past.PauseMS)
	}
	switch {
	case past.Incoming < enough:
	case past.Identified == 0:
		d.find("caller_id", telephony.Yellow, "最近 %d 个来电都没有号码：请向运营商开通来电显示，或试 early_caller", "the last %d callers had no number: ask the carrier for caller identity, or try early_caller", past.Incoming)
	case past.Identified*4 < past.Incoming*3:
		d.find("caller_id", telephony.Yellow, "最近 %d 个来电只有 %d 个带号码", "of the last %d callers only %d had a number", past.Incoming, past.Identified)
	default:
		d.find("caller_id", telephony.Green, "最近 %d 个来电有 %d 个带号码", "of the last %d callers %d had a number", past.Incoming, past.Identified)
	}
	switch {
	case past.Ended == 0:
	case past.Silent*2 > past.Ended:
		d.find("release", telephony.Red, "对方挂机后线路没有任何信号，只能靠静音判断：请向运营商开通反极，或学习本线忙音", "the line tells nothing when the other party hangs up, and only silence ends a call: ask the carrier for polarity reversal, or adopt the line's own busy tone")
	default:
		d.find("release", telephony.Green, "对方挂机能识别（把握 %d%%）", "that the other party has hung up is heard (%d %% sure)", cmp.Or(int(100*past.Sure), 50))
	}
}
