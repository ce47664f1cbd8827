package storage

import (
	"slices"
	"strings"
	"sync"
	"time"

	"callbox/telephony"
)

// An alarmBoard holds the alarms that stand, from the moment they are appended: a disk that refuses the journal must not
// hide its own alarm.
type alarmBoard struct {
	mu       sync.Mutex
	standing map[string]telephony.LiveAlarm
}

const maxAlarms = 1000 // that stand; names come from configuration, so this is a guard against faults of our own

func (b *alarmBoard) put(a telephony.Alarm, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !a.On {
		delete(b.standing, a.Name)
		return
	}
	if b.standing == nil {
		b.standing = map[string]telephony.LiveAlarm{}
	}
	if old, ok := b.standing[a.Name]; ok {
		at = old.Since
	} else if len(b.standing) >= maxAlarms {
		return
	}
	b.standing[a.Name] = telephony.LiveAlarm{Name: a.Name, Severity: a.Severity, Message: a.Message, Since: at}
}

// Alarms lists the alarms raised since the start of the box and not cleared, by name.
func (j *Journal) Alarms() []telephony.LiveAlarm {
	j.board.mu.Lock()
	defer j.board.mu.Unlock()
	list := make([]telephony.LiveAlarm, 0, len(j.board.standing))
	for _, a := range j.board.standing {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b telephony.LiveAlarm) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// damageAlarm tells that a file was damaged, and that the box went on.
func damageAlarm(name string, how error) telephony.Alarm {
	return telephony.Alarm{Name: "storage_damaged/" + name, On: true, Message: telephony.Text{
		ZH: "数据库 " + name + " 已损坏，已用副本或日志恢复。请检查磁盘。",
		EN: "The database " + name + " was damaged (" + bounded(how.Error(), 200) + "); its copy or the journal took its place. Check the disk.",
	}}
}
