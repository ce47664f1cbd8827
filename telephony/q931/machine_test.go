package q931

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/telephony"
	"callbox/telephony/machine"
)

// at is an event of a story and when it happens, in milliseconds.
type at struct {
	ms int
	Event
}

// The call references of the stories: one of ours, one of theirs.
var (
	ours   = Ref{Value: 1}
	theirs = Ref{Value: 7, Theirs: true}
)

// got is a message from the far end.
func got(ms int, r Ref, m Message) at {
	m.Value, m.Flag = r.Value, !r.Theirs
	return at{ms, Received{m.Encode()}}
}

// play tells an interface a story under virtual time, the data link being up, and returns the transcript of what it did, until
// it has nothing left to do or five minutes are over.
func play(t *testing.T, side Side, story []at) (transcript []string) {
	t.Helper()
	slices.SortStableFunc(story, func(a, b at) int { return a.ms - b.ms })
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		i := New(Options{Side: side})
		host := machine.New(i.Step, func(t machine.Timer) Event { return Expired{t} }, func(a Action) {
			transcript = append(transcript, fmt.Sprintf("%d %s", time.Since(begin).Milliseconds(), said(a)))
		})
		defer host.Close()
		host.Step(LinkUp{})
		for end := time.After(5 * time.Minute); ; {
			var next <-chan time.Time
			if len(story) > 0 {
				next = time.After(time.Duration(story[0].ms)*time.Millisecond - time.Since(begin))
			}
			select {
			case <-next:
				host.Step(story[0].Event)
				story = story[1:]
			case <-host.Alarm():
				host.Expire()
			case <-end:
				return
			}
		}
	})
	return transcript
}

// said is an action in a transcript.
func said(a Action) string {
	switch a := a.(type) {
	case Send:
		m, err := Decode(a.Octets)
		if err != nil {
			return "> " + err.Error()
		}
		ref := Ref{m.Value, m.Flag}
		return words(">", m.Type, ref, m.Reason, m.State, m.Channels, m.Restart, m.Calling, m.Called, complete(m.Complete), m.Progress)
	case Establish:
		return "establish"
	case Incoming:
		return words("incoming", a.Ref, a.Setup.Channel, a.Setup.Calling, a.Setup.Called, complete(a.Setup.Complete), a.Setup.Progress)
	case Digits:
		return words("digits", a.Ref, a.Digits, complete(a.Complete))
	case DigitsWanted:
		return words("digits wanted", a.Ref, a.Channel, a.Progress)
	case Proceeding:
		return words("proceeding", a.Ref, a.Channel, a.Progress)
	case Alerting:
		return words("alerting", a.Ref, a.Channel, a.Progress)
	case Progressing:
		return words("progress", a.Ref, a.Cause, a.Progress)
	case Connected:
		return words("connected", a.Ref, a.Channel, a.Number, a.Progress)
	case Active:
		return words("active", a.Ref)
	case Disconnecting:
		return words("disconnecting", a.Ref, a.Cause, a.Progress)
	case Released:
		return words("released", a.Ref, a.Cause, byUs(a.ByUs), maintenance(a.Maintenance))
	case Restarted:
		return words("restarted", a.Channels)
	case RestartDone:
		return words("restart done", a.Channels, failed(a.Failed))
	case Odd:
		return "odd: " + a.What
	}
	return fmt.Sprintf("%T", a)
}

// transcript is what the actions of one step say, timers left out.
func transcript(actions []Action) (list []string) {
	for _, a := range actions {
		switch a.(type) {
		case machine.Start, machine.Stop:
		default:
			list = append(list, said(a))
		}
	}
	return list
}

// What a transcript says of a flag that is set.
type (
	complete    bool
	byUs        bool
	maintenance bool
	failed      bool
)

// words joins what there is to say.
func words(parts ...any) string {
	var list []string
	for _, p := range parts {
		if s := word(p); s != "" {
			list = append(list, s)
		}
	}
	return strings.Join(list, " ")
}

func word(p any) string {
	switch p := p.(type) {
	case Reason:
		if p.Cause != 0 {
			return p.String()
		}
	case telephony.Cause:
		if p != 0 {
			return fmt.Sprintf("cause %d", p)
		}
	case *CallState:
		if p != nil {
			return fmt.Sprintf("state %d", *p)
		}
	case *Channels:
		if p != nil && bits.OnesCount32(p.Slots) < 2 {
			return word(Channel{bits.TrailingZeros32(p.Slots) & 31, p.Exclusive})
		} else if p != nil {
			return fmt.Sprintf("ch %08X", p.Slots)
		}
	case Channel:
		if p.Number != 0 && p.Exclusive {
			return fmt.Sprintf("ch %d!", p.Number)
		} else if p.Number != 0 {
			return fmt.Sprintf("ch %d", p.Number)
		}
	case *RestartClass:
		if p != nil {
			return fmt.Sprintf("class %d", *p)
		}
	case Number:
		return p.Digits
	case []Progress:
		if len(p) > 0 {
			return fmt.Sprintf("pi %d", p[0].Description)
		}
	case complete, byUs, maintenance, failed:
		if fmt.Sprint(p) == "true" {
			return strings.TrimPrefix(fmt.Sprintf("%T", p), "q931.")
		}
	default:
		return fmt.Sprint(p)
	}
	return ""
}

type row struct {
	name  string
	side  Side
	story []at
	want  []string
}

func run(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if diff := cmp.Diff(r.want, play(t, r.side, r.story)); diff != "" {
				t.Errorf("transcript (-want +got):\n%s", diff)
			}
		})
	}
}

// What stories are made of.
var (
	ch3     = &Channels{Slots: 1 << 3}
	ch3only = &Channels{Slots: 1 << 3, Exclusive: true}
	ch5only = &Channels{Slots: 1 << 5, Exclusive: true}
	tone    = []Progress{{Description: InBandInformation, Location: LocationPublicLocal}}
	setupIn = Message{
		Type: TypeSetup, Bearer: Speech, Channels: ch3, Called: Number{Digits: "61234567"}, Calling: Number{Digits: "1390"}, Complete: true,
	}
	setupOut = Setup{Called: Number{Digits: "10086"}, Channel: Channel{Number: 3}, Complete: true}
	normal   = Reason{Cause: telephony.CauseNormal}
)

// placed is a call of ours that is up by 30 ms, with what came before.
func placed(more ...at) []at {
	return append([]at{
		{0, Call{ours, setupOut}},
		got(10, ours, Message{Type: TypeCallProceeding, Channels: ch3only}),
		got(20, ours, Message{Type: TypeAlerting}),
		got(30, ours, Message{Type: TypeConnect}),
	}, more...)
}

var placedSaid = []string{
	"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3!", "20 alerting o1 ch 3!", "30 > CONNECT ACKNOWLEDGE o1", "30 connected o1 ch 3!",
}

// answered is a call of theirs to a user that is up by 30 ms.
func answered(more ...at) []at {
	return append([]at{
		got(0, theirs, setupIn),
		{10, Alert{Ref: theirs}},
		{20, Connect{Ref: theirs}},
		got(30, theirs, Message{Type: TypeConnectAcknowledge}),
	}, more...)
}

var answeredSaid = []string{"0 incoming t7 ch 3 1390 61234567 complete", "10 > ALERTING t7 ch 3!", "20 > CONNECT t7", "30 active t7"}

// then is the transcript of what comes after.
func then(before []string, more ...string) []string { return append(slices.Clone(before), more...) }
