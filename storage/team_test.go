package storage

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// twoQueues puts the queues sales and support, with an agent in each.
func twoQueues(t *testing.T, s *Store) {
	t.Helper()
	c := *s.Configured()
	c.Agents = []telephony.Agent{{ID: "1001", Name: "a", PIN: "7351"}, {ID: "1002", Name: "b", PIN: "7352"}}
	c.Queues = nil
	for i, id := range []string{"sales", "support"} {
		c.Queues = append(c.Queues, telephony.Queue{
			ID: id, Name: id, Strategy: telephony.LongestIdle, RingSeconds: 15, AnswerSeconds: 30, Record: "always",
			Members: []telephony.Member{{Agent: c.Agents[i].ID, Level: 1}},
		})
	}
	c.Routes = nil
	c.Menus = nil
	if _, err := s.Put(t.Context(), &c, Change{Base: c.Revision, Who: "tester"}); err != nil {
		t.Fatal(err)
	}
}

// field is where a refusal points.
func field(err error) string {
	var e *telephony.Error
	if errors.As(err, &e) && len(e.Problems) > 0 {
		return e.Problems[0].Path
	}
	return ""
}

// TestTeams (A16.2): a team is a supervisor's, of queues that there are; it is in the audit, outlives a start and the system before, and
// goes with the account or the token. A queue of a team stays.
func TestTeams(t *testing.T) {
	dir := t.TempDir()
	s := claimed(t, dir)
	twoQueues(t, s)
	for i, c := range []struct {
		role   Role
		queues []string
		at     string
	}{
		{RoleSupervisor, []string{"sales", "gone"}, "queues[1]"},
		{RoleSupervisor, []string{"sales", "sales"}, "queues[1]"},
		{RoleSupervisor, make([]string, maxTeam+1), "queues"},
		{RoleAgent, []string{"sales"}, "queues"},
		{RoleAdmin, []string{"sales"}, "queues"},
		{RoleSupervisor, []string{"support", "sales"}, ""},
		{RoleSupervisor, nil, ""},
		{RoleSupervisor, []string{"sales"}, ""},
	} {
		err := s.PutUser(t.Context(), User{Name: "li", Role: c.role, Queues: c.queues}, goodPassword, tester)
		_, _, byToken := s.CreateToken(t.Context(), Token{Name: fmt.Sprint(i), Role: c.role, Queues: c.queues}, tester)
		if field(err) != c.at || field(byToken) != c.at {
			t.Errorf("%s with %v: %v, %v", c.role, c.queues, err, byToken)
		}
	}
	if lines, err := s.AuditLines(0, 2); err != nil || lines[0].Detail != "7 supervisor sales" || lines[1].Detail != "supervisor  sales" {
		t.Errorf("audit %+v, %v", lines, err)
	}
	session, p, err := s.SignIn(t.Context(), "li", goodPassword, "")
	if want := []string{"sales"}; err != nil || !reflect.DeepEqual(p.Queues, want) {
		t.Errorf("signed in as %+v, %v", p, err)
	}
	secret, made, err := s.CreateToken(t.Context(), Token{Name: "wall", Role: RoleSupervisor, Queues: []string{"support"}}, tester)
	if err != nil {
		t.Fatal(err)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, Options{})
	defer s.Close()
	if p, _ := s.Session(session); len(p.Queues) != 1 {
		t.Errorf("after a start the session is of %+v", p)
	}
	if p, _ := s.Token(secret); !reflect.DeepEqual(p.Queues, []string{"support"}) {
		t.Errorf("and the token %+v", p)
	}
	users, err := s.Users()
	tokens, err2 := s.Tokens()
	if len(users) != 2 || len(users[0].Queues)+len(users[1].Queues) != 1 || err != nil || err2 != nil || len(tokens) != 4 {
		t.Errorf("%+v, %v, %+v, %v", users, err, tokens, err2)
	}

	without := func(queue int) error {
		c := *s.Configured()
		c.Queues = []telephony.Queue{c.Queues[1-queue]}
		if err := s.CheckTeams(&c); err != nil {
			if _, put := s.Put(t.Context(), &c, Change{Base: c.Revision}); field(put) != field(err) {
				t.Errorf("checked %v, put %v", err, put)
			}
			return err
		}
		return nil
	}
	if field(without(0)) != "queues" || field(without(1)) != "queues" {
		t.Errorf("a queue of a team goes: %v, %v", without(0), without(1))
	}
	for _, other := range tokens {
		if err := s.DeleteToken(t.Context(), other.ID, tester); err != nil && other.ID != made.ID {
			t.Error(err)
		}
	}
	if err := without(1); err != nil {
		t.Errorf("the token with the team is gone: %v", err)
	}
	if err := s.change(t.Context(), func(tx *bbolt.Tx) error { return tx.Bucket(usersBucket).Delete([]byte("li")) }); err != nil { // by the system before
		t.Fatal(err)
	}
	if err := without(0); err != nil {
		t.Errorf("nobody has the team any more: %v", err)
	}
}

// TestATokenGetsAnotherTeam (A16.2): what a token sees is changed under the same secret, and told in the audit; what is no team changes nothing.
func TestATokenGetsAnotherTeam(t *testing.T) {
	s := claimed(t, t.TempDir())
	defer s.Close()
	twoQueues(t, s)
	secret, made, err := s.CreateToken(t.Context(), Token{Name: "wall", Role: RoleSupervisor}, tester)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id           string
		queues, then []string
		at, audit    string
	}{
		{made.ID, []string{"support"}, []string{"support"}, "", "wall supervisor support"},
		{made.ID, []string{"gone"}, []string{"support"}, "queues[0]", ""},
		{made.ID, []string{"sales", "support"}, []string{"sales", "support"}, "", "wall supervisor sales support"},
		{made.ID, nil, nil, "", "wall supervisor"},
	} {
		if err := s.PutTokenTeam(t.Context(), c.id, c.queues, tester); field(err) != c.at || (err == nil) != (c.at == "") {
			t.Errorf("%v: %v", c.queues, err)
		}
		if p, _ := s.Token(secret); p.Name != "token:wall" || !reflect.DeepEqual(p.Queues, c.then) {
			t.Errorf("after %v it is %+v", c.queues, p)
		}
		lines, err := s.AuditLines(0, 1)
		if c.audit != "" && (err != nil || lines[0].Action != "token.put" || lines[0].On != made.ID || lines[0].Detail != c.audit) {
			t.Errorf("audit %+v, %v", lines, err)
		}
	}
	var e *telephony.Error
	if err := s.PutTokenTeam(t.Context(), "none", nil, tester); !errors.As(err, &e) || e.Code != telephony.NotFound {
		t.Errorf("a token that there is not: %v", err)
	}
	_, agents, err := s.CreateToken(t.Context(), Token{Name: "pop", Role: RoleAgent}, tester)
	if err2 := s.PutTokenTeam(t.Context(), agents.ID, []string{"sales"}, tester); err != nil || field(err2) != "queues" {
		t.Errorf("an agent's token has a team: %v, %v", err, err2)
	}
}

// TestRecordingsOfATeam (A8.5): page after page, those of its queue by whomever, those of its agent by whatever queue, and no others.
func TestRecordingsOfATeam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		twoQueues(t, s)
		var want []string
		for i := range 260 {
			call := telephony.NewCallID(9, uint64(i+1))
			queue, agent := "support", "1002"
			switch {
			case i%100 == 3:
				queue = "sales"
			case i%100 == 5:
				agent = "1001"
			}
			rec := string(call) + ".1"
			if queue == "sales" || agent == "1001" {
				want = append([]string{rec}, want...)
			}
			for _, f := range []telephony.Fact{
				telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1"},
				telephony.Queued{Queue: queue},
				telephony.Unqueued{Queue: queue, Reason: "answered"},
				telephony.Bridged{A: "a", B: "b", Agent: agent},
				telephony.RecordingStarted{Recording: rec, Purpose: "call", Agent: agent},
				telephony.CallEnded{Outcome: telephony.OutcomeAnswered},
			} {
				s.Append(telephony.Entry{Call: call, Fact: f})
			}
			time.Sleep(time.Second)
		}
		syncStore(t, s)
		for _, limit := range []int{1, 4, 6, 100} {
			var got []string
			q := RecordingQuery{Team: s.Config().Team([]string{"sales"}, ""), Limit: limit}
			for pages := 0; ; pages++ {
				list, next, err := s.Recordings(t.Context(), q)
				if err != nil || len(list) > limit || pages > 10 {
					t.Fatalf("%d, %v", len(list), err)
				}
				for _, r := range list {
					got = append(got, r.ID)
				}
				if q.Before = next; next == "" {
					break
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("by %d: %v, want %v", limit, got, want)
			}
		}
	})
}
