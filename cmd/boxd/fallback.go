package main

import (
	"context"
	"time"

	"callbox/board"
	"callbox/telephony"
)

// tellFallback raises an alarm where this is not the system that was meant to run: dir is where the starts before left why.
func (b *Box) tellFallback(dir string) {
	switch runs, byHand := board.Recovery(dir); {
	case byHand:
		b.raise("recovery", "开机时按住了 Esc，现在运行恢复系统。可以在网页或用U盘升级；重新启动则回到原系统，原有设置和录音都还在。",
			"Esc was held at the start: this is the recovery system. Send it an update, or restart to go back. Settings and recordings are kept.")
		return
	case runs:
		b.raise("recovery", "两套系统都无法启动，现在运行恢复系统。请在网页或用U盘重新升级；原有设置和录音都还在。",
			"Neither system starts; this is the recovery system. Send it an update, on the page or by a stick. Settings and recordings are kept.")
		return
	}
	left, err := board.ReadUnproved(dir)
	if err != nil {
		b.opt.Log.Warn("what the starts before left cannot be read", "error", err)
	}
	for system, why := range left {
		if system != board.Running(b.opt.Version) {
			b.raise("update_undone", "版本 %s 没有通过自检（%s），已恢复为升级前的系统。",
				"Version %s did not prove itself (%s). The system before it runs.", board.VersionOf(system), why)
		}
	}
}

// provedLook is how often the box looks whether boxctl confirm has found it good.
const provedLook = 2 * time.Second

// onTrial says that this system has not proved itself on this computer, of which dir tells.
func onTrial(dir, version string) bool {
	return dir != "" && !board.HasProved(dir, board.Running(version))
}

// awaitProof ends the trial when this version has proved itself: until then the data lie there in their old form too (storage).
func (b *Box) awaitProof(ctx context.Context) {
	for onTrial(b.opt.System, b.opt.Version) {
		if wait(ctx, provedLook) != nil {
			return
		}
	}
	if err := b.Store.Confirm(); err != nil {
		b.opt.Log.Warn("the data's old form cannot be removed", "error", err)
	}
}

// tellCards raises an alarm where telephone cards are there and cannot be used.
func (b *Box) tellCards(err error) {
	if err != nil {
		b.raise("cards", "电话卡无法使用：%v。SIP 照常工作。", "The telephone cards cannot be used: %v. SIP works all the same.", err)
	}
}

func (b *Box) raise(name, zh, en string, args ...any) {
	b.Store.Append(telephony.Entry{Fact: telephony.Alarm{
		Name: name, On: true, Message: telephony.Errorf(telephony.Internal, zh, en, args...).Message,
	}})
}
