package storage

import "callbox/telephony"

// words are what exports call the codes of a column; outcomes and causes have words of their own.
var words = map[string]map[string]telephony.Text{
	"direction": {
		"in": {ZH: "呼入", EN: "in"}, "out": {ZH: "呼出", EN: "out"}, "internal": {ZH: "内部", EN: "internal"},
	},
	"by": {
		"caller": {ZH: "主叫", EN: "caller"}, "agent": {ZH: "座席", EN: "agent"}, "phone": {ZH: "话机", EN: "phone"},
		"outside": {ZH: "外线", EN: "outside party"}, "box": {ZH: "设备", EN: "box"},
	},
	"closed": {
		"off": {ZH: "下班时间", EN: "after hours"}, "holiday": {ZH: "假日", EN: "holiday"},
	},
	"complaint": {
		"open": {ZH: "待核实", EN: "not judged yet"}, "founded": {ZH: "有理", EN: "founded"}, "unfounded": {ZH: "无理", EN: "unfounded"},
	},
	"state": {
		"online": {ZH: "签入", EN: "signed in"}, "ready": {ZH: "空闲", EN: "ready"}, "busy": {ZH: "示忙", EN: "busy"},
		"break": {ZH: "小休", EN: "break"}, "ringing": {ZH: "振铃", EN: "ringing"}, "talking": {ZH: "通话", EN: "talking"},
		"wrap_up": {ZH: "话后处理", EN: "wrap-up"},
	},
	"reason": {
		"paperwork": {ZH: "整理资料", EN: "paperwork"}, "meeting": {ZH: "会议", EN: "meeting"}, "training": {ZH: "培训", EN: "training"},
		"other": {ZH: "其他", EN: "other"}, "no_answer": {ZH: "未接听", EN: "did not answer"}, "rejected": {ZH: "拒接", EN: "refused a call"},
		"phone_offline": {ZH: "话机离线", EN: "phone offline"}, "failed": {ZH: "话机无法振铃", EN: "phone unreachable"},
		"desk_offline": {ZH: "页面已关闭", EN: "page closed"},
	},
	"input": {
		"hung_up": {ZH: "挂机", EN: "hung up"}, "invalid": {ZH: "按错", EN: "wrong key"}, "timeout": {ZH: "未按键", EN: "no key"},
		"restart": {ZH: "重新输入", EN: "started again"},
	},
}

// word is a code in words; one that has none stands for itself.
func word(column, code string) telephony.Text {
	if text, ok := words[column][code]; ok {
		return text
	}
	return telephony.Text{ZH: code, EN: code}
}

// ending is how calls of a report ended, in words: an outcome, the end of a stay in a queue, or a menu's input.
func ending(per Per, name string) telephony.Text {
	if per == PerMenu {
		if text, ok := words["input"][name]; ok {
			return text
		}
		return telephony.Text{ZH: "按键 " + name, EN: "key " + name}
	}
	for _, text := range []telephony.Text{telephony.Outcome(name).Text(), telephony.LeftText(name)} {
		if text.EN != "" {
			return text
		}
	}
	return telephony.Text{ZH: name, EN: name}
}
