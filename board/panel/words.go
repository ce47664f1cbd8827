package panel

import (
	"errors"

	"callbox/telephony"
)

// What the panel says. A row of the smallest display has 16 columns, a Han character takes two, and the cursor takes one:
// menu entries have 15 columns, 7 Han characters.
var (
	wordFaults   = telephony.Text{ZH: "故障", EN: "Faults"}
	wordWarnings = telephony.Text{ZH: "提醒", EN: "Warnings"}
	wordWaiting  = telephony.Text{ZH: "等待", EN: "Waiting"}
	wordLines    = telephony.Text{ZH: "占用", EN: "In use"}
	wordAnswered = telephony.Text{ZH: "接通率", EN: "Answered"}
	wordCode     = telephony.Text{ZH: "认领码", EN: "Claim code"}

	entryPage    = telephony.Text{ZH: "打开网页", EN: "Web page"}
	entryNetwork = telephony.Text{ZH: "网络地址", EN: "Address"}
	entryCode    = telephony.Text{ZH: "认领码", EN: "Claim code"}
	entryLines   = telephony.Text{ZH: "线路", EN: "Lines"}
	entryAlarms  = telephony.Text{ZH: "告警", EN: "Alarms"}
	entryToday   = telephony.Text{ZH: "今日通话", EN: "Calls today"}
	entryDisk    = telephony.Text{ZH: "磁盘", EN: "Disk"}
	entryLine    = telephony.Text{ZH: "线路体检", EN: "Line test"}
	entryTest    = telephony.Text{ZH: "测试呼叫", EN: "Test call"}
	entrySelf    = telephony.Text{ZH: "自检", EN: "Self-test"}
	entryUpdate  = telephony.Text{ZH: "从U盘升级", EN: "Update by stick"}
	entryRestore = telephony.Text{ZH: "从U盘恢复", EN: "Load a backup"}
	entryRestart = telephony.Text{ZH: "重新启动", EN: "Restart"}
	entryReset   = telephony.Text{ZH: "恢复出厂设置", EN: "Factory reset"}
	entryVersion = telephony.Text{ZH: "版本", EN: "Version"}

	wordScan     = telephony.Text{ZH: "扫码打开", EN: "Scan me"}
	wordDHCP     = telephony.Text{ZH: "自动获取", EN: "DHCP"}
	wordStatic   = telephony.Text{ZH: "固定地址", EN: "Static"}
	wordVLAN     = telephony.Text{ZH: "VLAN", EN: "VLAN"}
	wordGateway  = telephony.Text{ZH: "网关", EN: "Gateway"}
	wordChange   = telephony.Text{ZH: "按确认键修改", EN: "OK: change it"}
	wordClaimed  = telephony.Text{ZH: "设备已有主人", EN: "The box has an owner"}
	wordNoAlarm  = telephony.Text{ZH: "没有告警", EN: "No alarm"}
	wordNoLine   = telephony.Text{ZH: "没有线路", EN: "No line"}
	wordOffered  = telephony.Text{ZH: "来电", EN: "Calls in"}
	wordTaken    = telephony.Text{ZH: "已接", EN: "Answered"}
	wordRate     = telephony.Text{ZH: "接通率", EN: "Answer rate"}
	wordOutgoing = telephony.Text{ZH: "呼出", EN: "Calls out"}

	wordFree  = telephony.Text{ZH: "可用", EN: "Free"}
	wordSize  = telephony.Text{ZH: "容量", EN: "Size"}
	wordState = telephony.Text{ZH: "状况", EN: "State"}
	wordLife  = telephony.Text{ZH: "寿命已用", EN: "Life used"}

	wordSinceKernel = telephony.Text{ZH: "自内核启动起：", EN: "Kernel start to"}
	wordLinesUp     = telephony.Text{ZH: "可接电话", EN: "lines"}
	wordFirstCall   = telephony.Text{ZH: "首个接通", EN: "1st call"}

	askAddress     = telephony.Text{ZH: "地址", EN: "Address"}
	askLength      = telephony.Text{ZH: "前缀长度", EN: "Prefix length"}
	askVLAN        = telephony.Text{ZH: "VLAN 0为无", EN: "VLAN, 0: none"}
	askGateway     = telephony.Text{ZH: "网关", EN: "Gateway"}
	askCode        = telephony.Text{ZH: "输入 %s 执行", EN: "Enter %s to do"}
	askRestart     = telephony.Text{ZH: "设备将重启，中断{calls}个通话。", EN: "The box restarts. Calls that end: {calls}."}
	askUpdate      = telephony.Text{ZH: "验证后安装，然后重启。", EN: "The box checks it, installs it and restarts."}
	askRestore     = telephony.Text{ZH: "用U盘备份设置本设备，然后重启。", EN: "The box takes the backup on the stick and restarts."}
	wordPassphrase = telephony.Text{ZH: "备份口令", EN: "Passphrase"}
	askSettings    = telephony.Text{ZH: "仅恢复设置", EN: "Settings only"}
	askAll         = telephony.Text{ZH: "清除全部数据", EN: "Erase all"}
	hintDigits     = telephony.Text{ZH: "上下改 确认下一", EN: "Up/down, then OK"}
	hintLetters    = telephony.Text{ZH: "上下选 确认取", EN: "Up/down, then OK"}
	hintEnter      = telephony.Text{ZH: "再按确认提交", EN: "OK again: enter"}
	hintConfirm    = telephony.Text{ZH: "确认执行 返回", EN: "OK: do it"}
	hintHold       = telephony.Text{ZH: "按住确认键5秒", EN: "Hold OK for 5 s"}
	wordWorking    = telephony.Text{ZH: "请稍候…", EN: "Please wait..."}
	wordDone       = telephony.Text{ZH: "完成。", EN: "Done."}
	wrongAddress   = telephony.Text{ZH: "地址不对，请重新输入。", EN: "No such address. Enter it again."}
	wrongVLAN      = telephony.Text{ZH: "VLAN号最大4094，请重新输入。", EN: "A VLAN has a number up to 4094. Enter it again."}
	wrongGateway   = telephony.Text{ZH: "网关不在本网段，请重新输入。", EN: "The gateway is not in this network. Enter it again."}
	wrongCode      = telephony.Text{ZH: "号码不对，没有执行。", EN: "Wrong code. Nothing was done."}
)

// stateWords are what lines do.
var stateWords = map[telephony.LineState]telephony.Text{
	telephony.LineIdle:    {ZH: "空闲", EN: "idle"},
	telephony.LineRinging: {ZH: "来电", EN: "ringing"},
	telephony.LineDialing: {ZH: "呼出", EN: "dialing"},
	telephony.LineTalking: {ZH: "通话", EN: "talking"},
	telephony.LineBlocked: {ZH: "停用", EN: "blocked"},
	telephony.LineFault:   {ZH: "故障", EN: "fault"},
	telephony.LineOffline: {ZH: "离线", EN: "offline"},
}

// lightWords are how what was found on a line is.
var lightWords = map[telephony.Light]telephony.Text{
	telephony.Green:  {ZH: "正常", EN: "Good"},
	telephony.Yellow: {ZH: "注意", EN: "Mind"},
	telephony.Red:    {ZH: "故障", EN: "Fault"},
}

// diskWords are how a disk fares.
var diskWords = map[string]telephony.Text{
	"good":    {ZH: "良好", EN: "good"},
	"worn":    {ZH: "磨损", EN: "worn"},
	"failing": {ZH: "将坏", EN: "failing"},
}

// languages are the panel's, each by its own name.
var languages = []struct{ code, name string }{{"zh", "中文"}, {"en", "English"}}

// entryLanguage is the same in every language, for whoever cannot read the one that is set.
var entryLanguage = telephony.Text{ZH: "语言 Language", EN: "Language"}

// reason is an error for people.
func reason(err error) telephony.Text {
	if e := new(telephony.Error); errors.As(err, &e) {
		return e.Message
	}
	return telephony.Text{ZH: err.Error(), EN: err.Error()}
}
