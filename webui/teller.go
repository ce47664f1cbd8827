package webui

import (
	"cmp"
	"strings"
	"time"

	"callbox/telephony"
)

// A teller names things as the configuration does.
type teller struct{ c *telephony.Config }

// targets are the kinds of target in words.
var targets = map[string]telephony.Text{
	telephony.ToMenu:      {ZH: "菜单", EN: "the menu"},
	telephony.ToQueue:     {ZH: "队列", EN: "the queue"},
	telephony.ToPhone:     {ZH: "分机", EN: "phone"},
	telephony.ToAgent:     {ZH: "座席", EN: "agent"},
	telephony.ToOutside:   {ZH: "外线", EN: "outside number"},
	telephony.ToVoicemail: {ZH: "信箱", EN: "the mailbox"},
	telephony.ToRoom:      {ZH: "会议室", EN: "the conference room"},
	telephony.ToPrompt:    {ZH: "提示音", EN: "the prompt"},
	telephony.ToExtension: {ZH: "所拨分机", EN: "the extension that was dialled"},
	telephony.ToBusy:      {ZH: "忙音", EN: "busy tone"},
	telephony.ToHangup:    {ZH: "挂机", EN: "hang-up"},
	telephony.ToReturn:    {ZH: "上级菜单", EN: "the menu before"},
}

func (t teller) target(to telephony.Target) telephony.Text {
	kind, ok := targets[to.Kind()]
	if !ok {
		return telephony.Text{ZH: string(to), EN: string(to)}
	}
	name := to.ID()
	switch to.Kind() {
	case telephony.ToMenu:
		name = t.menuName(name)
	case telephony.ToQueue:
		name = t.queueName(name)
	case telephony.ToAgent:
		name = t.agent(name)
	case telephony.ToVoicemail:
		name = t.mailbox(name)
	case telephony.ToRoom:
		name = t.room(name)
	}
	return telephony.Text{ZH: strings.TrimSpace(kind.ZH + " " + name), EN: strings.TrimSpace(kind.EN + " " + name)}
}

func (t teller) menuName(id string) string {
	if m := t.c.Menu(id); m != nil && m.Name != "" {
		return m.Name
	}
	return id
}

func (t teller) queueName(id string) string {
	if q := t.c.Queue(id); q != nil && q.Name != "" {
		return q.Name
	}
	return id
}

func (t teller) agent(id string) string {
	if a := t.c.Agent(id); a != nil && a.Name != "" {
		return a.Name + " " + id
	}
	return id
}

func (t teller) mailbox(id string) string {
	if m := t.c.Mailbox(id); m != nil && m.Name != "" {
		return m.Name
	}
	return id
}

func (t teller) room(id string) string {
	if r := t.c.Room(id); r != nil && r.Name != "" {
		return r.Name
	}
	return id
}

func (t teller) line(id string) string {
	return cmp.Or(t.c.OutsideLine(id).Name, id)
}

func (t teller) party(agent, leg string) string {
	if agent != "" {
		return t.agent(agent)
	}
	return leg
}

func caller(c telephony.Caller) telephony.Text {
	switch {
	case c.Withheld, c.Number == "" && c.Name == "":
		return telephony.Text{ZH: "未显示号码的来电者", EN: "A caller without a number"}
	case c.Name == "":
		return telephony.Text{ZH: c.Number, EN: c.Number}
	}
	both := strings.TrimSpace(c.Name + " " + c.Number)
	return telephony.Text{ZH: both, EN: both}
}

// seconds is how long something took.
func seconds(d time.Duration) telephony.Text {
	en := d.Round(100 * time.Millisecond).String()
	return telephony.Text{ZH: strings.TrimSpace(inChineseUnits.Replace(en)), EN: en}
}

var inChineseUnits = strings.NewReplacer("ms", " 毫秒 ", "h", " 小时 ", "m", " 分 ", "s", " 秒 ")

// afterKind is a target or a line without its kind: "phone:801" and "phone/801" are 801 to people.
func afterKind(id string) string {
	if i := strings.IndexAny(id, ":/"); i >= 0 {
		return id[i+1:]
	}
	return id
}

var strategies = map[telephony.Strategy]telephony.Text{
	telephony.LongestIdle: {ZH: "最久空闲", EN: "longest idle"},
	telephony.RoundRobin:  {ZH: "轮流", EN: "round robin"},
	telephony.FewestCalls: {ZH: "接听最少", EN: "fewest calls"},
	telephony.RandomAgent: {ZH: "随机", EN: "random"},
	telephony.TopDown:     {ZH: "按顺序", EN: "top down"},
	telephony.RingAll:     {ZH: "同时振铃", EN: "ring all"},
}

var whyInChinese = strings.NewReplacer("idle ", "空闲 ", "next in turn", "轮到", " agents", " 位", " calls", " 通", "of ", "共 ",
	"level ", "级别 ", ", ", "，", "h", " 小时 ", "m", " 分 ", "s", " 秒")

// strategy puts acd's reason for an offer ("longest_idle: idle 9s, level 1") into words.
func strategy(why string) telephony.Text {
	name, rest, _ := strings.Cut(why, ": ")
	words, known := strategies[telephony.Strategy(name)]
	if !known {
		return telephony.Text{ZH: why, EN: why}
	}
	return telephony.Text{ZH: words.ZH + "，" + whyInChinese.Replace(rest), EN: words.EN + ", " + rest}
}

// sum tells a whole call in one sentence.
func (t teller) sum(r CallRecord) telephony.Text {
	outcome, by := r.Outcome.Text(), enders[r.EndedBy]
	zh, en := []string{outcome.ZH}, []string{outcome.EN}
	add := func(z, e string, args ...any) {
		text := say(z, e, args...)
		zh, en = append(zh, text.ZH), append(en, text.EN)
	}
	if r.Queue != "" {
		add("在 %s 等了 %s", "waited %[2]s in %[1]s", t.queueName(r.Queue), seconds(time.Duration(r.WaitMS)*time.Millisecond))
	}
	if r.TalkMS > 0 {
		add("与 %s 通话 %s", "talked with %s for %s", t.party(r.Agent, "?"), seconds(time.Duration(r.TalkMS)*time.Millisecond))
	}
	if by.EN != "" {
		add("%s", "%s", by)
	}
	return telephony.Text{ZH: strings.Join(zh, "，") + "。", EN: strings.Join(en, ", ") + "."}
}
