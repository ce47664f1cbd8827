package telephony

import "strconv"

// A Cause says why a leg ended, in the numbers of ITU-T Q.850 table 1.
type Cause uint8

// The causes that the box gives or acts upon (Q.850 2.2.7).
const (
	CauseUnallocated  Cause = 1   // vacant number
	CauseNormal       Cause = 16  // normal call clearing
	CauseBusy         Cause = 17  // user busy
	CauseNoResponse   Cause = 18  // no user responding
	CauseNoAnswer     Cause = 19  // alerted, no answer
	CauseAbsent       Cause = 20  // subscriber absent: phone not registered
	CauseRejected     Cause = 21  // call rejected
	CauseElsewhere    Cause = 26  // non-selected user clearing: answered by another
	CauseOutOfOrder   Cause = 27  // destination out of order
	CauseBadNumber    Cause = 28  // invalid number format
	CauseUnspecified  Cause = 31  // normal, unspecified
	CauseNoChannel    Cause = 34  // no circuit available
	CauseNetworkFault Cause = 38  // network out of order
	CauseTemporary    Cause = 41  // temporary failure
	CauseCongestion   Cause = 42  // switching equipment congestion
	CauseForbidden    Cause = 57  // bearer capability not authorised: the dial plan refuses
	CauseIncompatible Cause = 88  // incompatible destination: no common codec
	CauseTimerExpiry  Cause = 102 // recovery on timer expiry
	CauseInterworking Cause = 127 // interworking, unspecified
)

// A CauseKind is what a cause means to the people of a call.
type CauseKind uint8

// The kinds of cause.
const (
	KindFault     CauseKind = iota // something is wrong at the far end, or in between
	KindNoAnswer                   // nobody took the call
	KindBusy                       // the called party is busy, or does not want the call
	KindVacant                     // there is no such number
	KindForbidden                  // somebody does not allow the call
	KindFull                       // no way through: every channel is taken
	KindNetwork                    // no way through: the network has a fault
)

// causes are all of Q.850 table 1, in words and in what they mean.
var causes = map[Cause]struct {
	text Text
	kind CauseKind
}{
	CauseUnallocated:  {Text{"空号", "vacant number"}, KindVacant},
	2:                 {Text{"无到转接网的路由", "no route to transit network"}, KindNetwork},
	3:                 {Text{"无到目的地的路由", "no route to destination"}, KindVacant},
	4:                 {Text{"发送特殊信号音", "special information tone"}, KindVacant},
	5:                 {Text{"长途字冠误拨", "misdialled trunk prefix"}, KindVacant},
	6:                 {Text{"通路不可接受", "channel unacceptable"}, KindFull},
	7:                 {Text{"呼叫在已建通路上交付", "call awarded in an established channel"}, KindFault},
	8:                 {Text{"被抢占", "pre-empted"}, KindFull},
	9:                 {Text{"被抢占，电路保留", "pre-empted, circuit reserved"}, KindFull},
	14:                {Text{"号码已携带转网", "ported number"}, KindVacant},
	CauseNormal:       {Text{"正常挂机", "normal clearing"}, KindNoAnswer},
	CauseBusy:         {Text{"用户忙", "busy"}, KindBusy},
	CauseNoResponse:   {Text{"用户无响应", "no response"}, KindNoAnswer},
	CauseNoAnswer:     {Text{"无人接听", "no answer"}, KindNoAnswer},
	CauseAbsent:       {Text{"话机未注册", "phone not registered"}, KindNoAnswer},
	CauseRejected:     {Text{"拒接", "rejected"}, KindBusy},
	22:                {Text{"号码已更改", "number changed"}, KindVacant},
	23:                {Text{"改向新目的地", "redirected to new destination"}, KindVacant},
	25:                {Text{"交换机路由错误", "exchange routing error"}, KindNetwork},
	CauseElsewhere:    {Text{"已由他人接听", "answered elsewhere"}, KindNoAnswer},
	CauseOutOfOrder:   {Text{"终端故障", "destination out of order"}, KindFault},
	CauseBadNumber:    {Text{"号码格式错误", "invalid number"}, KindVacant},
	29:                {Text{"补充业务被拒", "facility rejected"}, KindForbidden},
	30:                {Text{"对状态询问的响应", "response to status enquiry"}, KindFault},
	CauseUnspecified:  {Text{"正常，未说明", "normal, unspecified"}, KindNoAnswer},
	CauseNoChannel:    {Text{"无可用线路", "no line available"}, KindFull},
	CauseNetworkFault: {Text{"网络故障", "network out of order"}, KindNetwork},
	39:                {Text{"永久帧连接中断", "permanent frame connection out of service"}, KindNetwork},
	40:                {Text{"永久帧连接可用", "permanent frame connection operational"}, KindNetwork},
	CauseTemporary:    {Text{"临时故障", "temporary failure"}, KindNetwork},
	CauseCongestion:   {Text{"设备拥塞", "congestion"}, KindFull},
	43:                {Text{"接入信息被丢弃", "access information discarded"}, KindNetwork},
	44:                {Text{"所请求通路不可用", "requested channel not available"}, KindFull},
	46:                {Text{"优先呼叫受阻", "precedence call blocked"}, KindFull},
	47:                {Text{"资源不可用", "resource unavailable"}, KindFull},
	49:                {Text{"服务质量不可用", "quality of service not available"}, KindFull},
	50:                {Text{"未申请该业务", "facility not subscribed"}, KindForbidden},
	53:                {Text{"闭合用户群内禁止呼出", "outgoing calls barred in the group"}, KindForbidden},
	55:                {Text{"闭合用户群内禁止呼入", "incoming calls barred in the group"}, KindForbidden},
	CauseForbidden:    {Text{"不允许的呼叫", "call not permitted"}, KindForbidden},
	58:                {Text{"承载能力目前不可用", "bearer capability not available now"}, KindFull},
	62:                {Text{"接入信息不一致", "inconsistent access information"}, KindForbidden},
	63:                {Text{"业务不可用", "service not available"}, KindNetwork},
	65:                {Text{"承载能力未实现", "bearer capability not implemented"}, KindFault},
	66:                {Text{"通路类型未实现", "channel type not implemented"}, KindFault},
	69:                {Text{"所请求业务未实现", "facility not implemented"}, KindFault},
	70:                {Text{"仅有受限数字承载", "only restricted digital bearer"}, KindFault},
	79:                {Text{"业务未实现", "service not implemented"}, KindFault},
	81:                {Text{"呼叫参考无效", "invalid call reference"}, KindFault},
	82:                {Text{"所标识的通路不存在", "identified channel does not exist"}, KindFault},
	83:                {Text{"有暂停呼叫，但标识不符", "suspended call has another identity"}, KindFault},
	84:                {Text{"呼叫标识正在使用", "call identity in use"}, KindFault},
	85:                {Text{"没有暂停的呼叫", "no call suspended"}, KindFault},
	86:                {Text{"该呼叫已被清除", "suspended call has been cleared"}, KindFault},
	87:                {Text{"不是闭合用户群成员", "not a member of the group"}, KindForbidden},
	CauseIncompatible: {Text{"媒体不兼容", "no common codec"}, KindFault},
	90:                {Text{"闭合用户群不存在", "no such group"}, KindForbidden},
	91:                {Text{"转接网选择无效", "invalid transit network"}, KindNetwork},
	95:                {Text{"无效消息", "invalid message"}, KindFault},
	96:                {Text{"缺少必备信息单元", "mandatory element missing"}, KindFault},
	97:                {Text{"消息类型不存在", "message type not implemented"}, KindFault},
	98:                {Text{"消息与状态不符或不存在", "message not of this state, or not implemented"}, KindFault},
	99:                {Text{"信息单元不存在", "element not implemented"}, KindFault},
	100:               {Text{"信息单元内容无效", "invalid element contents"}, KindFault},
	101:               {Text{"消息与呼叫状态不符", "message not compatible with call state"}, KindFault},
	CauseTimerExpiry:  {Text{"定时器超时", "timer expired"}, KindFault},
	103:               {Text{"参数不存在，已透传", "parameter not implemented, passed on"}, KindFault},
	110:               {Text{"含未知参数的消息被丢弃", "message with unknown parameter discarded"}, KindFault},
	111:               {Text{"协议错误", "protocol error"}, KindFault},
	CauseInterworking: {Text{"互通问题", "interworking"}, KindFault},
}

// Kind is what the cause means to people. One that Q.850 does not know counts as the unspecified one of its class
// (Q.850 2.2.6).
func (c Cause) Kind() CauseKind {
	if known, ok := causes[c]; ok {
		return known.kind
	}
	switch {
	case c < 16:
		return KindVacant
	case c < 32:
		return KindNoAnswer
	case c < 48:
		return KindFull
	case c < 64:
		return KindNetwork
	}
	return KindFault
}

// Text is the cause in words, for people.
func (c Cause) Text() Text {
	if known, ok := causes[c]; ok {
		return known.text
	}
	return Text{ZH: "原因 " + strconv.Itoa(int(c)), EN: "cause " + strconv.Itoa(int(c))}
}

// Numbered is the cause in words behind its number: "17 busy".
func (c Cause) Numbered() Text {
	number, text := strconv.Itoa(int(c)), c.Text()
	return Text{ZH: number + " " + text.ZH, EN: number + " " + text.EN}
}

// String is the same in English, for the journal and transcripts.
func (c Cause) String() string { return c.Numbered().EN }
