package telephony

import (
	"maps"
	"slices"
)

// Outcomes are all of them.
var Outcomes = slices.Sorted(maps.Keys(outcomeTexts))

// Text is an outcome in words.
func (o Outcome) Text() Text { return outcomeTexts[o] }

var outcomeTexts = map[Outcome]Text{
	OutcomeAnswered:    {ZH: "已接听", EN: "answered"},
	OutcomeVoicemail:   {ZH: "已留言", EN: "left a message"},
	OutcomeSelfService: {ZH: "自助完成", EN: "served by the menu"},
	OutcomeForwarded:   {ZH: "已转外线接听", EN: "answered outside"},
	OutcomeLostInMenu:  {ZH: "在菜单中挂机", EN: "lost in the menu"},
	OutcomeLostInQueue: {ZH: "在排队中挂机", EN: "lost in the queue"},
	OutcomeLostRinging: {ZH: "在振铃中挂机", EN: "lost while ringing"},
	OutcomeNoAnswer:    {ZH: "无人接听", EN: "nobody answered"},
	OutcomeBusy:        {ZH: "被叫忙", EN: "busy"},
	OutcomeRefused:     {ZH: "已拒绝", EN: "refused"},
	OutcomeCongestion:  {ZH: "线路拥塞", EN: "no line free"},
	OutcomeFailed:      {ZH: "故障", EN: "failed"},
	OutcomeInterrupted: {ZH: "设备中断", EN: "the box went down"},
}

// LeftText is Unqueued's Reason in words, or that of a record whose stay in a queue a fall of the box ended.
func LeftText(reason string) Text { return leftTexts[reason] }

var leftTexts = map[string]Text{
	"answered":    {ZH: "已接听", EN: "answered"},
	"left":        {ZH: "主叫挂机", EN: "caller hung up"},
	"key":         {ZH: "按键离开", EN: "left by key"},
	"timeout":     {ZH: "等待超时", EN: "waited too long"},
	"full":        {ZH: "队列已满", EN: "the queue is full"},
	"no_agents":   {ZH: "无座席签入", EN: "nobody signed in"},
	"closed":      {ZH: "队列已关闭", EN: "the queue is closed"},
	"interrupted": {ZH: "设备中断", EN: "the box went down"},
}
