package storage

import (
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// teamsBucket holds the queues of accounts and tokens that see no others (A16.2). The first team makes it, and no step of the format does,
// as with passkeys (passkey.go): the system before an update, which sees to no teams, leaves it as it is, and who had a team has it again
// with the next one.
var teamsBucket = []byte("teams")

const maxTeam = 64 // queues

// teamKey is a user, or a token with its id.
func teamKey(kind, id string) []byte { return []byte(kind + "/" + id) }

func userTeam(name string) []byte { return teamKey("user", name) }
func tokenTeam(id string) []byte  { return teamKey("token", id) }

// teamOf are the queues under a key; none: all of them.
func teamOf(tx *bbolt.Tx, key []byte) (queues []string, err error) {
	if b := tx.Bucket(teamsBucket); b != nil {
		_, err = getJSON(b, key, &queues)
	}
	return queues, err
}

// putTeam keeps them, or that there are none.
func putTeam(tx *bbolt.Tx, key []byte, queues []string) error {
	if len(queues) == 0 {
		if b := tx.Bucket(teamsBucket); b != nil {
			return b.Delete(key)
		}
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(teamsBucket)
	if err != nil {
		return err
	}
	return putJSON(b, key, queues)
}

// checkTeam refuses the team of an account or a token with a role that is no supervisor's, or of queues that there are not.
func (s *Store) checkTeam(role Role, queues []string) error {
	if len(queues) == 0 {
		return nil
	}
	e := &telephony.Error{Code: telephony.Invalid, Message: telephony.Text{ZH: "班组填写不正确，请按提示修改。", EN: "The team is wrong. Mend it as told beside it."}}
	bad := func(path, zh, en string) {
		e.Problems = append(e.Problems, telephony.Problem{Path: path, Message: telephony.Text{ZH: zh, EN: en}})
	}
	if role != RoleSupervisor {
		bad("queues", "只有班长可以限定班组：请改选班长，或取消所选队列", "only a supervisor has a team: choose that role, or no queue")
	}
	if len(queues) > maxTeam {
		bad("queues", fmt.Sprintf("最多 %d 个队列", maxTeam), fmt.Sprintf("at most %d queues", maxTeam))
	}
	for i, q := range queues[:min(len(queues), maxTeam)] {
		path := fmt.Sprintf("queues[%d]", i)
		switch {
		case slices.Contains(queues[:i], q):
			bad(path, "队列重复", "the queue is there twice")
		case s.Configured().Queue(q) == nil:
			bad(path, "没有队列 "+bounded(q, 64)+"：请选择现有的队列", "there is no queue "+bounded(q, 64)+": choose one that there is")
		}
	}
	if len(e.Problems) > 0 {
		return e
	}
	return nil
}

// CheckTeams refuses a configuration without a queue that is of somebody's team: it would be taken out of the team, and a team without
// queues is everything.
func (s *Store) CheckTeams(c *telephony.Config) error {
	return s.config.View(func(tx *bbolt.Tx) error { return checkTeams(tx, c) })
}

func checkTeams(tx *bbolt.Tx, c *telephony.Config) error {
	b := tx.Bucket(teamsBucket)
	if b == nil {
		return nil
	}
	return b.ForEach(func(key, value []byte) error {
		var queues []string
		if err := openJSON(key, value, &queues); err != nil {
			return err
		}
		name, err := holder(tx, key)
		for _, q := range queues {
			if err == nil && name != "" && c.Queue(q) == nil {
				return lacksQueue(name, q)
			}
		}
		return err
	})
}

// holder is who has the team under a key; empty: the system before took the account or the token away.
func holder(tx *bbolt.Tx, key []byte) (name string, err error) {
	kind, id, _ := strings.Cut(string(key), "/")
	var k struct{ Name string }
	bucket := tx.Bucket(usersBucket)
	if kind == "token" {
		bucket = tx.Bucket(tokensBucket)
	}
	_, err = getJSON(bucket, []byte(id), &k)
	return k.Name, err
}

func lacksQueue(name, queue string) error {
	return &telephony.Error{
		Code: telephony.Invalid, Message: telephony.Text{ZH: "配置有误，请按提示修改。", EN: "The configuration is wrong. Mend it as told."},
		Problems: []telephony.Problem{{Path: "queues", Message: telephony.Text{
			ZH: fmt.Sprintf("队列 %s 属于 %s 的班组：请先在“账户与令牌”中改动班组", queue, name),
			EN: fmt.Sprintf("the queue %s is of the team of %s: change that first under Accounts & tokens", queue, name),
		}}},
	}
}
