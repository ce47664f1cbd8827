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

var causeNames = map[Cause]Text{
	CauseUnallocated:  {"空号", "vacant number"},
	CauseNormal:       {"正常挂机", "normal clearing"},
	CauseBusy:         {"用户忙", "busy"},
	CauseNoResponse:   {"用户无响应", "no response"},
	CauseNoAnswer:     {"无人接听", "no answer"},
	CauseAbsent:       {"话机未注册", "phone not registered"},
	CauseRejected:     {"拒接", "rejected"},
	CauseElsewhere:    {"已由他人接听", "answered elsewhere"},
	CauseOutOfOrder:   {"终端故障", "destination out of order"},
	CauseBadNumber:    {"号码格式错误", "invalid number"},
	CauseUnspecified:  {"正常，未说明", "normal, unspecified"},
	CauseNoChannel:    {"无可用线路", "no line available"},
	CauseNetworkFault: {"网络故障", "network out of order"},
	CauseTemporary:    {"临时故障", "temporary failure"},
	CauseCongestion:   {"设备拥塞", "congestion"},
	CauseForbidden:    {"不允许的呼叫", "call not permitted"},
	CauseIncompatible: {"媒体不兼容", "no common codec"},
	CauseTimerExpiry:  {"定时器超时", "timer expired"},
	CauseInterworking: {"互通问题", "interworking"},
}

// Text is the cause in words, for people.
func (c Cause) Text() Text {
	if t, ok := causeNames[c]; ok {
		return t
	}
	return Text{ZH: "原因 " + strconv.Itoa(int(c)), EN: "cause " + strconv.Itoa(int(c))}
}

// String is the cause in English with its number, for the journal and transcripts: "17 busy".
func (c Cause) String() string { return strconv.Itoa(int(c)) + " " + c.Text().EN }
