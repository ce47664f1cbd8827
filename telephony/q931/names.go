package q931

import (
	"fmt"

	"callbox/telephony"
)

// The names of elements and of what they say, as Chinese and English editions of the recommendation have them.

var elementNames = map[element]telephony.Text{
	elementBearer:      {ZH: "承载能力", EN: "Bearer capability"},
	elementCause:       {ZH: "原因", EN: "Cause"},
	elementState:       {ZH: "呼叫状态", EN: "Call state"},
	elementChannel:     {ZH: "通路识别", EN: "Channel identification"},
	elementProgress:    {ZH: "进展指示语", EN: "Progress indicator"},
	elementDisplay:     {ZH: "显示", EN: "Display"},
	elementConnected:   {ZH: "接通号码", EN: "Connected number"},
	elementCalling:     {ZH: "主叫号码", EN: "Calling number"},
	elementCalled:      {ZH: "被叫号码", EN: "Called number"},
	elementRedirecting: {ZH: "改发号码", EN: "Redirecting number"},
	elementRestart:     {ZH: "重新启动指示语", EN: "Restart indicator"},
	elementComplete:    {ZH: "发送完毕", EN: "Sending complete"},
}

var restartClasses = map[RestartClass]telephony.Text{
	RestartChannels:   {ZH: "指定的话路", EN: "the channels named"},
	RestartInterface:  {ZH: "单个接口", EN: "a single interface"},
	RestartInterfaces: {ZH: "所有接口", EN: "all interfaces"},
}

var transfers = map[Transfer]telephony.Text{
	TransferSpeech:     {ZH: "语音", EN: "speech"},
	TransferDigital:    {ZH: "不受限的数字信息", EN: "unrestricted digital information"},
	TransferRestricted: {ZH: "受限的数字信息", EN: "restricted digital information"},
	TransferAudio:      {ZH: "3.1 kHz 音频", EN: "3.1 kHz audio"},
	TransferTones:      {ZH: "带音信号的数字信息", EN: "digital information with tones"},
	TransferVideo:      {ZH: "视频", EN: "video"},
}

var descriptions = map[ProgressDescription]telephony.Text{
	NotEndToEnd:        {ZH: "呼叫不是端到端 ISDN", EN: "the call is not end-to-end ISDN"},
	DestinationNotISDN: {ZH: "被叫不是 ISDN", EN: "the destination is not ISDN"},
	OriginationNotISDN: {ZH: "主叫不是 ISDN", EN: "the origin is not ISDN"},
	ReturnedToISDN:     {ZH: "呼叫回到 ISDN", EN: "the call has returned to ISDN"},
	ServiceChanged:     {ZH: "互通改变了业务", EN: "interworking changed the service"},
	InBandInformation:  {ZH: "带内有音", EN: "tones in-band"},
}

var locations = map[Location]telephony.Text{
	LocationUser:          {ZH: "来自用户", EN: "from the user"},
	LocationPrivateLocal:  {ZH: "来自本端专用网", EN: "from the private network nearby"},
	LocationPublicLocal:   {ZH: "来自本端公用网", EN: "from the public network nearby"},
	LocationTransit:       {ZH: "来自转接网", EN: "from a transit network"},
	LocationPublicRemote:  {ZH: "来自对端公用网", EN: "from the public network far away"},
	LocationPrivateRemote: {ZH: "来自对端专用网", EN: "from the private network far away"},
	LocationInternational: {ZH: "来自国际网", EN: "from the international network"},
	LocationBeyond:        {ZH: "来自互通点之后的网络", EN: "from beyond an interworking point"},
}

var numberTypes = map[NumberType]telephony.Text{
	NumberUnknown:       {ZH: "类型未知", EN: "type unknown"},
	NumberInternational: {ZH: "国际号码", EN: "international"},
	NumberNational:      {ZH: "国内号码", EN: "national"},
	NumberNetwork:       {ZH: "网络专用号码", EN: "network specific"},
	NumberSubscriber:    {ZH: "用户号码", EN: "subscriber"},
	NumberAbbreviated:   {ZH: "缩位号码", EN: "abbreviated"},
}

var numberPlans = map[NumberPlan]telephony.Text{
	PlanUnknown:  {ZH: "编号计划未知", EN: "plan unknown"},
	PlanISDN:     {ZH: "E.164", EN: "E.164"},
	PlanNational: {ZH: "国内编号计划", EN: "national plan"},
	PlanPrivate:  {ZH: "专用编号计划", EN: "private plan"},
}

var presentations = map[Presentation]telephony.Text{
	PresentationAllowed:     {ZH: "允许显示", EN: "may be shown"},
	PresentationRestricted:  {ZH: "限制显示", EN: "may not be shown"},
	PresentationUnavailable: {ZH: "号码不可用", EN: "not available"},
}

var screenings = map[Screening]telephony.Text{
	ScreeningNone:    {ZH: "用户提供，未检验", EN: "given by the user, not checked"},
	ScreeningPassed:  {ZH: "用户提供，检验通过", EN: "given by the user, checked"},
	ScreeningFailed:  {ZH: "用户提供，检验未通过", EN: "given by the user, found wrong"},
	ScreeningNetwork: {ZH: "网络提供", EN: "given by the network"},
}

// inWord is the name of a value; one that has none is shown as it is.
func inWord[V ~uint8](names map[V]telephony.Text, v V) telephony.Text {
	if name, ok := names[v]; ok {
		return name
	}
	return telephony.Text{ZH: fmt.Sprintf("值 %d", v), EN: fmt.Sprintf("value %d", v)}
}
