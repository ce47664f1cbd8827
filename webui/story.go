package webui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// tell makes a readable story of a call's journal: each entry with its sentence, and how long after the first it came.
func tell(c *telephony.Config, entries []telephony.Entry) []StoryLine {
	story := make([]StoryLine, len(entries))
	for i, e := range entries {
		story[i] = StoryLine{
			Seq: e.Seq, Time: e.Time, AfterMS: since(entries[0], e).Milliseconds(),
			Kind: e.Fact.Kind(), Fact: e.Fact, Text: teller{c}.sentence(e.Fact),
		}
	}
	return story
}

// since is how long after the first entry of a call another came.
func since(first, e telephony.Entry) time.Duration {
	if e.Boot != first.Boot { // told at the next start of the box, whose clock began anew
		return e.Time.Sub(first.Time)
	}
	return e.Mono - first.Mono
}

// say fills in the two sentences; both take the same arguments.
func say(zh, en string, args ...any) telephony.Text {
	inZH, inEN := slices.Clone(args), slices.Clone(args)
	for i, a := range args {
		if text, ok := a.(telephony.Text); ok { // stands in each sentence in its language
			inZH[i], inEN[i] = text.ZH, text.EN
		}
	}
	return telephony.Text{ZH: fmt.Sprintf(zh, inZH...), EN: fmt.Sprintf(en, inEN...)}
}

// sentence tells one fact of a call. What has no words here reads as its kind (a test holds that none of a call's do).
func (t teller) sentence(fact telephony.Fact) telephony.Text {
	for _, tell := range []func(telephony.Fact) (telephony.Text, bool){t.arrival, t.menu, t.queue, t.legs, t.switching, t.recording, t.end} {
		if text, ok := tell(fact); ok {
			return text
		}
	}
	return say("%s", "%s", fact.Kind())
}

func (t teller) arrival(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.CallArrived:
		from, line := caller(f.Caller), t.line(f.Line)
		switch {
		case t.c.WebsiteAt(f.Line) != nil:
			return telephony.Text{ZH: line + " 的访客打入", EN: "A visitor of " + line + " calls"}, true
		case f.Direction == telephony.Inbound:
			return telephony.Text{ZH: from.ZH + " 从 " + line + " 打入", EN: from.EN + " rings on " + line}, true
		case f.Direction == telephony.Outbound:
			return telephony.Text{ZH: line + " 拨打外线 " + f.Called, EN: line + " dials outside: " + f.Called}, true
		}
		return telephony.Text{ZH: line + " 拨打 " + f.Called, EN: line + " dials " + f.Called}, true
	case telephony.CallerIdentified:
		return say("来电号码：%s", "The caller's number: %s", caller(f.Caller)), true
	case telephony.Routed:
		to := t.target(f.Target)
		return telephony.Text{ZH: "转往 " + to.ZH + "：" + f.Why.ZH, EN: "Sent to " + to.EN + ": " + f.Why.EN}, true
	case telephony.CallAnswered:
		return say("设备接起电话", "The box answers"), true
	}
	return telephony.Text{}, false
}

func (t teller) menu(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.MenuEntered:
		return say("进入菜单 %s", "Hears the menu %s", t.menuName(f.Menu)), true
	case telephony.MenuKey:
		switch f.Result {
		case "timeout":
			return say("没有按键", "Presses nothing"), true
		case "invalid":
			return say("按了 %s，没有这个选项", "Presses %s, which leads nowhere", f.Keys), true
		case "restart":
			return say("按 * 重新输入", "Starts again with *"), true
		}
		return say("按了 %s", "Presses %s", f.Keys), true
	case telephony.Announced:
		return say("播放提示音 %s", "Hears the prompt %s", f.Prompt), true
	}
	return telephony.Text{}, false
}

func (t teller) queue(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.Queued:
		return say("进入队列 %s，排第 %d 位", "Waits in the queue %s, position %d", t.queueName(f.Queue), f.Position), true
	case telephony.Unqueued:
		return say("离开队列 %[1]s（%[3]s），等了 %[2]s", "Leaves the queue %[1]s (%[3]s) after %[2]s",
			t.queueName(f.Queue), seconds(f.Waited), telephony.LeftText(f.Reason)), true
	case telephony.Offered:
		return say("振铃座席 %s（%s）：%s", "Rings %s (%s): %s", t.agent(f.Agent), afterKind(f.Phone), strategy(f.Why)), true
	case telephony.OfferEnded:
		return say("座席 %s：%s，振铃 %s", "%s: %s, rang %s", t.agent(f.Agent), offers[f.Result], seconds(f.Rang)), true
	}
	return telephony.Text{}, false
}

var offers = map[telephony.OfferResult]telephony.Text{
	telephony.OfferAnswered:   {ZH: "接听", EN: "answers"},
	telephony.OfferNoAnswer:   {ZH: "未接听", EN: "does not answer"},
	telephony.OfferRejected:   {ZH: "拒接", EN: "refuses"},
	telephony.OfferFailed:     {ZH: "话机无法振铃", EN: "the phone could not be rung"},
	telephony.OfferElsewhere:  {ZH: "已由他人接听", EN: "another was faster"},
	telephony.OfferCallerLeft: {ZH: "主叫已离开", EN: "the caller left"},
	telephony.OfferWithdrawn:  {ZH: "座席状态改变，撤回", EN: "withdrawn, the agent's state changed"},
}

func (t teller) legs(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.Dialed:
		return say("经 %s 呼出 %s", "Dials out by %s %s", t.line(f.Line), f.To), true
	case telephony.LegRinging:
		return say("%s 振铃", "%s rings", f.Leg), true
	case telephony.LegAnswered:
		return say("%s 应答", "%s answers", t.party(f.Agent, f.Leg)), true
	case telephony.Bridged:
		return say("与 %s 通话", "Talks with %s", t.party(f.Agent, f.B)), true
	case telephony.LegHeld:
		if f.On {
			return say("%s 保持通话", "%s holds the call", f.Leg), true
		}
		return say("%s 取回通话", "%s takes the call back", f.Leg), true
	case telephony.LegSpeech:
		return say(f.Leg+"：%s", f.Leg+": %s", f.Fault.Text()), true
	case telephony.LegQuality:
		return say("%s 通话质量 MOS %.1f（最差 %.1f），丢包 %.1f%%，抖动 %d 毫秒，延迟 %d 毫秒",
			"%s sounded like MOS %.1f (at worst %.1f): %.1f%% lost, jitter %d ms, delay %d ms",
			f.Leg, f.MOS, f.Worst, 100*f.Loss, f.JitterMS, f.DelayMS), true
	case telephony.LegReleased:
		return released(f), true
	case telephony.CallWaited:
		return say(f.Leg+"：另有来电 %s", f.Leg+": another call waits, from %s", caller(f.Caller)), true
	}
	return telephony.Text{}, false
}

// switching tells what people did with a conversation.
func (t teller) switching(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.Originated:
		to := t.target(f.To)
		return say("%[1]s 发起呼叫，先振铃 %[2]s", "%[1]s asks for the call, which rings %[3]s first", f.By, to.ZH, to.EN), true
	case telephony.Consulting:
		return say("%s 咨询 %s", "%s consults %s", f.By, t.party(f.Agent, f.With)), true
	case telephony.Conferenced:
		return say("多方通话：%s", "All talk with each other: %s", strings.Join(f.Legs, ", ")), true
	case telephony.Transferred:
		to, how := t.target(f.To), transfers[f.How]
		return say("%[1]s 转接到 %[2]s（%[4]s）", "%[1]s puts the call through to %[3]s (%[5]s)",
			t.party(f.Agent, f.By), to.ZH, to.EN, how.ZH, how.EN), true
	case telephony.Parked:
		return say("%s 把通话停泊在 %d 号位", "%s parks the call in slot %d", f.By, f.Slot), true
	case telephony.PickedUp:
		return say("%s 代接", "%s picks the call up", t.party(f.Agent, f.Leg)), true
	case telephony.Monitored:
		mode := monitoring[f.Mode]
		return say("%[1]s：%[2]s", "%[1]s: %[3]s", f.By, mode.ZH, mode.EN), true
	case telephony.RoomEntered:
		return say("进入会议室 %s", "Enters the conference room %s", t.room(f.Room)), true
	case telephony.RoomLeft:
		return say("离开会议室 %s", "Leaves the conference room %s", t.room(f.Room)), true
	case telephony.LegGiven:
		return say("%s 并入通话 %s", "%s goes over to call %s", f.Leg, f.To), true
	case telephony.LegTaken:
		return say("%s 从通话 %s 并入", "%s comes over from call %s", f.Leg, f.From), true
	case telephony.DataAttached:
		return say("随路数据 %s（%s）", "Attaches %s (%s)", attached(f.Data), f.By), true
	}
	return telephony.Text{}, false
}

var transfers = map[string]telephony.Text{
	"blind":     {ZH: "直接转接", EN: "without asking"},
	"attended":  {ZH: "咨询后转接", EN: "after asking"},
	"take_over": {ZH: "班长拦截", EN: "taken over"},
}

var monitoring = map[string]telephony.Text{
	"listen":    {ZH: "开始监听", EN: "listens"},
	"whisper":   {ZH: "耳语指导", EN: "whispers to the agent"},
	"barge":     {ZH: "强插", EN: "barges in"},
	"take_over": {ZH: "拦截", EN: "takes over"},
	"":          {ZH: "结束监听", EN: "listens no longer"},
}

// attached is data in the order of its names; a value that was taken away is empty.
func attached(data map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(data)) {
		list = append(list, name+"="+data[name])
	}
	return strings.Join(list, ", ")
}

// released tells the end of a leg, and how sure it is where the line does not say so itself.
func released(f telephony.LegReleased) telephony.Text {
	cause, witness := f.Cause.Text(), f.Witness.Text()
	if f.Confidence == 0 {
		return say(f.Leg+" 释放：%s", f.Leg+" is released: %s", cause)
	}
	return say("%[1]s 释放：%[2]s（%[4]s，把握 %[6]d%%）", "%[1]s is released: %[3]s (%[5]s, %[6]d %% sure)",
		f.Leg, cause.ZH, cause.EN, witness.ZH, witness.EN, int(100*f.Confidence+0.5))
}

func (t teller) recording(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.RecordingStarted:
		return say("开始录音", "Recording begins"), true
	case telephony.RecordingPaused:
		if f.On {
			return say("录音暂停（%s）", "Recording pauses (%s)", f.By), true
		}
		return say("录音继续（%s）", "Recording goes on (%s)", f.By), true
	case telephony.Recorded:
		switch f.Problem {
		case "":
			return say("录音结束，共 %s", "Recording ends: %s", seconds(f.Length)), true
		case "disk_full":
			return say("磁盘已满，录音在 %s 处停止", "The disk is full: recording stopped at %s", seconds(f.Length)), true
		}
		return say("录音中断，保留 %s（%s）", "Recording was cut at %s (%s)", seconds(f.Length), f.Problem), true
	case telephony.RecordingDeleted:
		return say("录音已删除（%s）", "The recording was deleted (%s)", f.Reason), true
	case telephony.CallNoted:
		return say("座席 %s 记录：%s %s", "%s noted: %s %s", t.agent(f.Agent), f.Code, f.Text), true
	case telephony.Polled:
		return say("请主叫评价座席 %s（队列 %s）", "Is asked how satisfied they are with %s (%s)", t.agent(f.Agent), t.queueName(f.Queue)), true
	case telephony.Voted:
		return say("评价：%s", "Votes: %s", f.Vote.Text()), true
	case telephony.CallScored:
		return say("%s 打 %d 分（座席 %s）%s", "%s gives %d points (agent %s) %s", f.By, f.Points, t.agent(f.Agent), f.Note), true
	case telephony.CallJudged:
		if f.Founded {
			return say("%s 认定投诉有理 %s", "%s finds the complaint founded %s", f.By, f.Note), true
		}
		return say("%s 认定投诉无理 %s", "%s finds the complaint unfounded %s", f.By, f.Note), true
	case telephony.VoicemailLeft:
		return say("在信箱 %s 留言", "Leaves a message in %s", t.mailbox(f.Mailbox)), true
	case telephony.VoicemailHeard:
		if f.New {
			return say("留言被 %s 标为新留言", "%s marks the message as new", f.By), true
		}
		return say("留言已由 %s 听过", "%s has heard the message", f.By), true
	}
	return telephony.Text{}, false
}

func (t teller) end(fact telephony.Fact) (telephony.Text, bool) {
	switch f := fact.(type) {
	case telephony.CallEnded:
		outcome, by, cause := f.Outcome.Text(), enders[f.By], f.Cause.Text()
		return say("通话结束：%[1]s（%[3]s，%[5]s）", "The call is over: %[2]s (%[4]s, %[6]s)",
			outcome.ZH, outcome.EN, by.ZH, by.EN, cause.ZH, cause.EN), true
	case telephony.Oddity:
		return say("%s 收到意外消息：%s", "%s met something odd: %s", f.Where, f.What), true
	case telephony.Panicked:
		return say("程序故障，本次通话被终止：%s", "A fault of the program ended this call: %s", f.Where), true
	}
	return telephony.Text{}, false
}

var enders = map[string]telephony.Text{
	"caller":  {ZH: "主叫挂机", EN: "the caller hung up"},
	"agent":   {ZH: "座席挂机", EN: "the agent hung up"},
	"phone":   {ZH: "话机挂机", EN: "the phone hung up"},
	"outside": {ZH: "外线挂机", EN: "the outside party hung up"},
	"box":     {ZH: "设备挂机", EN: "the box hung up"},
}
