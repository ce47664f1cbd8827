package storage

import (
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// complaintsBucket is call -> Complaint, in the month of the call's arrival. The first complaint makes it, as scores are (score.go).
var complaintsBucket = []byte("complaints")

// What a Query asks of complaints, beside Any.
const (
	ComplaintOpen      = "open" // nobody judged it yet
	ComplaintFounded   = "founded"
	ComplaintUnfounded = "unfounded"
)

// A Complaint is what a caller complained of, by the code of an agent's note, and what a supervisor judged of it (A11.13, A18.13).
type Complaint struct {
	Code     string                `json:"code"`
	Noted    time.Time             `json:"noted"`
	NotedBy  string                `json:"noted_by"`
	Judgment *telephony.CallJudged `json:"judgment,omitempty"` // the newest stands
	Judged   time.Time             `json:"judged,omitzero"`
}

// State is one of those that a Query asks for.
func (c *Complaint) State() string {
	switch {
	case c == nil:
		return ""
	case c.Judgment == nil:
		return ComplaintOpen
	case c.Judgment.Founded:
		return ComplaintFounded
	}
	return ComplaintUnfounded
}

// A complained is a fact that makes, takes back or judges a complaint.
type complained struct {
	call    telephony.CallID
	time    time.Time
	arrived time.Time
	fact    telephony.Fact
}

func complainedOf(e telephony.Entry) (complained, bool) {
	switch f := e.Fact.(type) {
	case telephony.CallNoted:
		return complained{e.Call, e.Time, f.Arrived, f}, !f.Arrived.IsZero()
	case telephony.CallJudged:
		return complained{e.Call, e.Time, f.Arrived, f}, true
	}
	return complained{}, false
}

// putComplaints writes what became of complaints of one month. The newest note of a call stands, until a supervisor has judged.
func putComplaints(tx *bbolt.Tx, list []complained) error {
	for _, told := range list {
		c, err := complaintOf(tx, told.call)
		if err != nil {
			return err
		}
		switch f := told.fact.(type) {
		case telephony.CallNoted:
			if c == nil && !f.Complaint || c != nil && c.Judgment != nil {
				continue
			}
			if !f.Complaint {
				if err := tx.Bucket(complaintsBucket).Delete([]byte(told.call)); err != nil {
					return err
				}
				continue
			}
			c = &Complaint{Code: f.Code, Noted: told.time, NotedBy: f.By}
		case telephony.CallJudged:
			if c == nil {
				continue
			}
			c.Judgment, c.Judged = &f, told.time
		}
		b, err := tx.CreateBucketIfNotExists(complaintsBucket)
		if err != nil {
			return err
		}
		if err := putJSON(b, []byte(told.call), c); err != nil {
			return err
		}
	}
	return nil
}

// complaintOf reads the complaint that lies beside a record; nil: there is none.
func complaintOf(tx *bbolt.Tx, call telephony.CallID) (*Complaint, error) {
	b := tx.Bucket(complaintsBucket)
	if b == nil {
		return nil, nil
	}
	var c Complaint
	if found, err := getJSON(b, []byte(call), &c); err != nil || !found {
		return nil, err
	}
	return &c, nil
}
