package q931

import (
	"fmt"
	"math/bits"
	"strings"

	"callbox/telephony"
)

// Read puts a message into words for people: in one line, and element by element in the order in which they stand.
func Read(octets []byte) telephony.Reading {
	m, err := Decode(octets)
	if err != nil {
		return telephony.Reading{Name: "Q.931", Summary: telephony.Text{ZH: "无法解读", EN: err.Error()}, Text: same("% X", octets)}
	}
	way := telephony.Text{ZH: "由发送方选定", EN: "chosen by the sender"} // 4.3
	if m.Flag {
		way = telephony.Text{ZH: "由接收方选定", EN: "chosen by the receiver"}
	}
	lines := []telephony.Text{{
		ZH: fmt.Sprintf("%s（呼叫参考 %d，%s）", m.Type, m.Value, way.ZH), EN: fmt.Sprintf("%s (call reference %d, %s)", m.Type, m.Value, way.EN),
	}}
	for b := octets[3+octets[1]:]; len(b) > 0; {
		if element(b[0])&0xF0 == elementShift { // what follows is of another codeset: not ours to read
			lines = append(lines, labelled(telephony.Text{ZH: "其他编码集", EN: "Another codeset"}, same("% X", b)))
			break
		}
		id, contents, rest, whole := element(b[0]), []byte(nil), []byte(nil), false
		contents, rest, whole = cut(b)
		lines, b = append(lines, m.line(id, contents, whole)), rest
	}
	return telephony.Reading{Name: m.Type.String(), Summary: m.summary(), Text: inLines(lines)}
}

// line is one element of the message in words; what cannot be read is shown in octets.
func (m *Message) line(id element, contents []byte, whole bool) telephony.Text {
	one := &Message{Type: m.Type}
	name, known := elementNames[id]
	switch {
	case !known:
		return labelled(telephony.Text{ZH: fmt.Sprintf("信息单元 %02X", uint8(id)), EN: fmt.Sprintf("Element %02X", uint8(id))}, same("% X", contents))
	case !whole || !one.read(id, contents):
		return labelled(telephony.Text{ZH: name.ZH + "（无法解读）", EN: name.EN + " (cannot be read)"}, same("% X", contents))
	case id == elementComplete:
		return name
	}
	return labelled(name, one.value(id))
}

// value is what an element says, of a message that has nothing else.
func (m *Message) value(id element) telephony.Text {
	switch id {
	case elementBearer:
		return m.Bearer.inWords()
	case elementCause:
		return m.Reason.inWords()
	case elementState:
		return same("%d", *m.State)
	case elementChannel:
		return m.Channels.inWords()
	case elementProgress:
		return m.Progress[0].inWords()
	case elementDisplay:
		return same("%q", m.Display)
	case elementConnected:
		return m.Connected.inWords(true)
	case elementCalling:
		return m.Calling.inWords(true)
	case elementCalled:
		return m.Called.inWords(false)
	case elementRedirecting:
		return m.Redirecting.inWords(true)
	}
	return restartClasses[*m.Restart]
}

// summary is what matters most: who calls whom, on which channel, and why something ended.
func (m *Message) summary() (line telephony.Text) {
	if m.Called.Digits != "" {
		line = same("%s", strings.TrimSpace(m.Calling.Digits+" → "+m.Called.Digits))
	}
	if m.Channels != nil && m.Channels.Slots != 0 {
		line = line.And(m.Channels.named())
	}
	if m.Reason.Cause != 0 {
		line = line.And(m.Reason.named())
	}
	if m.State != nil {
		line = line.And(telephony.Text{ZH: fmt.Sprintf("状态 %d", *m.State), EN: fmt.Sprintf("state %d", *m.State)})
	}
	if m.Restart != nil {
		line = line.And(restartClasses[*m.Restart])
	}
	if InBand(m.Progress) {
		line = line.And(telephony.Text{ZH: "带内有音", EN: "tones in-band"})
	}
	return line
}

func (r Reason) named() telephony.Text {
	text := r.Cause.Text()
	return telephony.Text{ZH: fmt.Sprintf("原因 %d %s", r.Cause, text.ZH), EN: fmt.Sprintf("cause %d %s", r.Cause, text.EN)}
}

func (r Reason) inWords() telephony.Text {
	text := r.Cause.Text()
	line := telephony.Text{ZH: fmt.Sprintf("%d %s", r.Cause, text.ZH), EN: fmt.Sprintf("%d %s", r.Cause, text.EN)}.And(r.Location.inWords())
	if len(r.Diagnostics) > 0 {
		line = line.And(telephony.Text{ZH: fmt.Sprintf("诊断 % X", r.Diagnostics), EN: fmt.Sprintf("diagnostics % X", r.Diagnostics)})
	}
	return line
}

func (a Bearer) inWords() telephony.Text {
	line := inWord(transfers, a.Transfer)
	if a.Rate == Rate64 {
		line = line.And(same("64 kbit/s"))
	}
	if name, ok := map[Layer1]string{Layer1MuLaw: "G.711 μ", Layer1ALaw: "G.711 A"}[a.Layer1]; ok {
		line = line.And(same("%s", name))
	}
	return line
}

// named is the channels by number: "channel 5".
func (c Channels) named() telephony.Text {
	var numbers []string
	for left := c.Slots; left != 0; left &= left - 1 {
		numbers = append(numbers, fmt.Sprint(bits.TrailingZeros32(left)))
	}
	list := strings.Join(numbers, " ")
	return telephony.Text{ZH: "话路 " + list, EN: "channel " + list}
}

func (c Channels) inWords() telephony.Text {
	if c.Slots == 0 {
		return telephony.Text{ZH: "任意话路", EN: "any channel"}
	}
	how := telephony.Text{ZH: "首选", EN: "preferred"}
	if c.Exclusive {
		how = telephony.Text{ZH: "必选", EN: "exclusive"}
	}
	return c.named().And(how)
}

func (p Progress) inWords() telephony.Text {
	if p.Standard != 0 {
		return telephony.Text{ZH: fmt.Sprintf("非 ITU-T 说明 %d", p.Description), EN: fmt.Sprintf("description %d, not of ITU-T", p.Description)}
	}
	return inWord(descriptions, p.Description).And(p.Location.inWords())
}

func (l Location) inWords() telephony.Text { return inWord(locations, l) }

// inWords is a number with what is said of it; only those that are shown to people have a presentation.
func (n Number) inWords(shown bool) telephony.Text {
	about := inWord(numberTypes, n.Type).And(inWord(numberPlans, n.Plan))
	if shown {
		about = about.And(inWord(presentations, n.Presentation)).And(inWord(screenings, n.Screening))
	}
	return telephony.Text{ZH: n.Digits + "（" + about.ZH + "）", EN: n.Digits + " (" + about.EN + ")"}
}

// same is a text that reads the same in both languages.
func same(format string, args ...any) telephony.Text {
	s := fmt.Sprintf(format, args...)
	return telephony.Text{ZH: s, EN: s}
}

func labelled(name, value telephony.Text) telephony.Text {
	return telephony.Text{ZH: name.ZH + "：" + value.ZH, EN: name.EN + ": " + value.EN}
}

func inLines(lines []telephony.Text) (text telephony.Text) {
	for i, l := range lines {
		if i > 0 {
			text.ZH += "\n"
			text.EN += "\n"
		}
		text.ZH += l.ZH
		text.EN += l.EN
	}
	return text
}
