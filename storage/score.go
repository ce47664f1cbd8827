package storage

import (
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// scoresBucket is call -> Score, in the month of the call's arrival. The first score makes it, and no step of the format does, as with
// passkeys (passkey.go).
var scoresBucket = []byte("scores")

// A Score is what a supervisor found of a call, and when: the newest of a call stands (A11.11, QA points).
type Score struct {
	Call telephony.CallID `json:"call"`
	Time time.Time        `json:"time"`
	telephony.CallScored
}

// points are what was given, and scored is to whom; both empty where nobody gave any.
func (r *Record) points() any {
	if r.Score == nil {
		return ""
	}
	return int64(r.Score.Points)
}

func (r *Record) scored() string {
	if r.Score == nil {
		return ""
	}
	return r.Score.Agent
}

// putScores writes scores of one month.
func putScores(tx *bbolt.Tx, scores []Score) error {
	if len(scores) == 0 {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(scoresBucket)
	if err != nil {
		return err
	}
	for _, s := range scores {
		if err := putJSON(b, []byte(s.Call), s); err != nil {
			return err
		}
	}
	return nil
}

// scoreOf reads the score that lies beside a record; nil: nobody gave any.
func scoreOf(tx *bbolt.Tx, call telephony.CallID) (*Score, error) {
	b := tx.Bucket(scoresBucket)
	if b == nil {
		return nil, nil
	}
	var s Score
	if found, err := getJSON(b, []byte(call), &s); err != nil || !found {
		return nil, err
	}
	return &s, nil
}
