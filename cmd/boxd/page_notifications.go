package main

import (
	"context"
	"iter"

	"callbox/telephony"
)

// notifications tells programs outside what happened.
type notifications struct{ *Box }

// Newest is the number of the newest thing that happened.
func (n notifications) Newest() uint64 { return n.Store.LastSeq() }

// Notifications tells what happened behind the journal's entry with the number, then each new thing, until ctx ends.
func (n notifications) Notifications(ctx context.Context, after uint64) iter.Seq[telephony.Notification] {
	return func(yield func(telephony.Notification) bool) {
		callers := map[telephony.CallID]telephony.Caller{} // of calls in progress that began behind the entry
		for e := range n.Store.Follow(ctx, after) {
			switch f := e.Fact.(type) {
			case telephony.CallArrived:
				callers[e.Call] = f.Caller
			case telephony.CallerIdentified:
				callers[e.Call] = f.Caller
			}
			kind, told := telephony.NotificationType(e.Fact)
			if !told {
				continue
			}
			data := telephony.NotificationData{Call: e.Call, Fact: e.Fact}
			if caller, ok := callers[e.Call]; ok {
				data.Caller = &caller
			}
			if _, ended := e.Fact.(telephony.CallEnded); ended {
				delete(callers, e.Call)
				data.Record = n.record(ctx, e)
			}
			if !yield(telephony.Notification{Seq: e.Seq, Type: kind, Time: e.Time, Data: data}) {
				return
			}
		}
	}
}

// record is the record of a call that an entry ended, nil where it cannot be had.
func (n notifications) record(ctx context.Context, e telephony.Entry) any {
	if n.Store.Reached(ctx, e.Seq) != nil {
		return nil
	}
	r, err := calls(n).Call(ctx, e.Call)
	if err != nil {
		return nil
	}
	return r
}
