package main

import (
	"fmt"

	"callbox/board"
	"callbox/telephony"
)

// tellFallback raises an alarm where this is not the system that was meant to run: dir is where the starts before left why.
func (b *Box) tellFallback(dir string) {
	left, err := board.ReadUnproved(dir)
	if err != nil {
		b.opt.Log.Warn("what the starts before left cannot be read", "error", err)
	}
	for version, why := range left {
		if version != b.opt.Version {
			b.Store.Append(telephony.Entry{Fact: telephony.Alarm{Name: "update_undone", On: true, Message: telephony.Text{
				ZH: fmt.Sprintf("版本 %s 没有通过自检（%s），已恢复为升级前的系统。", version, why),
				EN: fmt.Sprintf("Version %s did not prove itself (%s). The system before it runs.", version, why),
			}}})
		}
	}
}
