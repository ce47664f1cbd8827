package call

import "callbox/telephony"

// noticeOf is what a caller who was already answered hears for a cause.
func noticeOf(cause telephony.Cause) string {
	switch cause.Kind() {
	case telephony.KindVacant:
		return "number_not_exist"
	case telephony.KindForbidden:
		return "not_allowed"
	case telephony.KindFull, telephony.KindNetwork:
		return "no_line"
	case telephony.KindBusy:
		return "busy_now"
	}
	return "not_available"
}

// refuse ends a call that reached nobody: by signalling where the box has not answered yet, with a notice where it has.
func (c *Call) refuse(o telephony.Outcome, cause telephony.Cause) state {
	if !c.answered {
		return c.end(o, cause)
	}
	notice := noticeOf(cause)
	c.show("refused", notice)
	return c.lastWords(notice, o, o, cause)
}
