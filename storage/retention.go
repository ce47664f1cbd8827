package storage

import (
	"context"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// Recordings go when they are older than the policy keeps them, and the oldest first when space is short. Either is
// announced by an alarm a day before the first one goes (pain 25); only below the line where recording itself stops do
// the oldest go at once, after the alarm is in the journal.
const (
	retentionEvery = 5 * time.Minute
	retentionGrace = 24 * time.Hour
	retentionBatch = 500 // recordings in one round
	noticePrefix   = "recordings_"
	spaceNotice    = noticePrefix + "space"
	ageNotice      = noticePrefix + "expire/" // with the days: a policy that changes is announced anew
	mebi           = 1 << 20
)

// Run keeps house until the context ends: it deletes recordings whose time is over, as the newest configuration says.
func (s *Store) Run(ctx context.Context) {
	tick := time.NewTicker(retentionEvery)
	defer tick.Stop()
	for {
		// A disk that refuses has its own alarm; the next round tries again.
		_ = s.keepHouse(ctx, s.Free())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Store) keepHouse(ctx context.Context, free int64) error {
	if err := s.Sync(ctx); err != nil {
		return err
	}
	policy := s.Config().Recording
	if err := s.expire(ctx, policy.KeepDays); err != nil {
		return err
	}
	return s.makeSpace(ctx, policy, free)
}

// expire deletes what is older than so many days; 0 keeps all.
func (s *Store) expire(ctx context.Context, days int) error {
	if days <= 0 {
		return nil
	}
	old, err := s.oldest(retentionBatch, time.Now().AddDate(0, 0, -days))
	if err != nil || len(old) == 0 {
		return err
	}
	name := ageNotice + strconv.Itoa(days)
	since, err := s.notice(name)
	if err != nil {
		return err
	}
	if since.IsZero() {
		s.raise(name, telephony.Text{
			ZH: "明天起将删除超过 " + strconv.Itoa(days) + " 天的录音。需要保留的请先下载，或改长保存天数。",
			EN: "From tomorrow, recordings older than " + strconv.Itoa(days) + " days are deleted. Download what you need, or keep them for more days.",
		})
		return s.Sync(ctx)
	}
	if time.Since(since) < retentionGrace {
		return nil
	}
	if s.stands(name) {
		s.Append(telephony.Entry{Fact: telephony.Alarm{Name: name}})
	}
	for i := range old {
		if err := s.removeRecording(&old[i], "age", "box"); err != nil {
			return err
		}
	}
	return s.Sync(ctx)
}

// makeSpace deletes the oldest until MinFreeMB are free again, a day after the alarm; below StopFreeMB at once, but then
// no more than it takes to record again.
func (s *Store) makeSpace(ctx context.Context, p telephony.RecordingPolicy, free int64) error {
	low, stop := int64(p.MinFreeMB)*mebi, int64(p.StopFreeMB)*mebi
	since, err := s.notice(spaceNotice)
	if err != nil {
		return err
	}
	if free >= low {
		if !since.IsZero() {
			s.Append(telephony.Entry{Fact: telephony.Alarm{Name: spaceNotice}})
		}
		return nil
	}
	if since.IsZero() || !s.stands(spaceNotice) {
		s.raise(spaceNotice, telephony.Text{
			ZH: "磁盘空间不足：明天起将删除最早的录音。请下载需要的录音，或缩短保存天数，或换更大的磁盘。",
			EN: "Disk space is short: from tomorrow the oldest recordings are deleted. Download what you need, keep them for fewer days, or fit a larger disk.",
		})
		if err := s.Sync(ctx); err != nil {
			return err
		}
	}
	goal := stop
	if !since.IsZero() && time.Since(since) >= retentionGrace {
		goal = low
	}
	return s.deleteOldest(ctx, goal-free)
}

// deleteOldest deletes until so many octets are free that were not.
func (s *Store) deleteOldest(ctx context.Context, octets int64) error {
	if octets <= 0 {
		return nil
	}
	old, err := s.oldest(retentionBatch, time.Now())
	if err != nil {
		return err
	}
	for i := range old {
		if octets <= 0 {
			break
		}
		if err := s.removeRecording(&old[i], "space", "box"); err != nil {
			return err
		}
		octets -= old[i].Octets
	}
	return s.Sync(ctx)
}

func (s *Store) raise(name string, message telephony.Text) {
	s.Append(telephony.Entry{Fact: telephony.Alarm{Name: name, On: true, Message: message}})
}

// stands reports whether an alarm was raised since the start.
func (s *Store) stands(name string) bool {
	for _, a := range s.Alarms() {
		if a.Name == name {
			return true
		}
	}
	return false
}

// notice is when a deletion was announced, zero if it was not. It outlives a restart.
func (s *Store) notice(name string) (at time.Time, err error) {
	err = s.reader.state.View(func(tx *bbolt.Tx) error {
		_, err := getJSON(tx.Bucket(noticesBucket), []byte(name), &at)
		return err
	})
	return at, err
}

// putNotice keeps the time of an announcement. The one for space ends with its alarm; the one for age holds as long as the
// policy does, so that people hear of it once and not each day.
func putNotice(tx *bbolt.Tx, a telephony.Alarm, at time.Time) error {
	b := tx.Bucket(noticesBucket)
	name := []byte(a.Name)
	switch {
	case a.On && b.Get(name) == nil:
		return putJSON(b, name, at)
	case !a.On && !strings.HasPrefix(a.Name, ageNotice):
		return b.Delete(name)
	}
	return nil
}
