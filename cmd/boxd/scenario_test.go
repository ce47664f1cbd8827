package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/webui"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the transcripts of the scenarios anew")

// TestScenarios plays each testdata/scenario/*.txt in a world of its own: lines of verbs (see verbs below), then the
// transcript of each call. Read one to learn the form; run with -update to write the transcripts anew, and read the change.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenario/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script, want, _ := strings.Cut(string(text), "\n---\n")
			var got string
			synctest.Test(t, func(t *testing.T) { got = play(t, script) })
			if *update {
				if err := os.WriteFile(file, []byte(script+"\n---\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("transcript (-want +got):\n%s", diff)
			}
		})
	}
}

// play runs a script and gives the transcripts of its calls.
func play(t *testing.T, script string) string {
	cfg := testConfig()
	lines := strings.Split(script, "\n")
	for _, line := range lines {
		if setting, ok := strings.CutPrefix(line, "config "); ok {
			cfg = configured(t, cfg, setting)
		}
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err, err.Problems)
	}
	w := newWorld(t, cfg)
	defer w.close()
	for n, line := range lines {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") || words[0] == "config" {
			continue
		}
		do, known := verbs[words[0]]
		if !known {
			t.Fatalf("line %d: no verb %q", n+1, words[0])
		}
		do(w, words[1:])
	}
	time.Sleep(2 * time.Minute)
	var b strings.Builder
	for call := uint64(1); ; call++ {
		story := w.story(telephony.NewCallID(1, call))
		if story == "" {
			return b.String()
		}
		fmt.Fprintf(&b, "call %d\n%s", call, story)
	}
}

// configured is the configuration with one field changed: "queues[0].strategy "ring_all"".
func configured(t *testing.T, cfg *telephony.Config, setting string) *telephony.Config {
	t.Helper()
	path, value, _ := strings.Cut(setting, " ")
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var tree, leaf any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(value), &leaf); err != nil {
		t.Fatalf("config %s: %v", setting, err)
	}
	plant(tree, strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }), leaf)
	if raw, err = json.Marshal(tree); err != nil {
		t.Fatal(err)
	}
	changed := &telephony.Config{}
	if err := json.Unmarshal(raw, changed); err != nil {
		t.Fatalf("config %s: %v", setting, err)
	}
	return changed
}

func plant(tree any, path []string, leaf any) {
	switch node := tree.(type) {
	case map[string]any:
		if len(path) == 1 {
			node[path[0]] = leaf
			return
		}
		plant(node[path[0]], path[1:], leaf)
	case []any:
		i, _ := strconv.Atoi(path[0])
		if len(path) == 1 {
			node[i] = leaf
			return
		}
		plant(node[i], path[1:], leaf)
	}
}

// verbs are what a scenario can do.
var verbs = map[string]func(*world, []string){
	"wait": func(w *world, a []string) { time.Sleep(duration(w, a[0])) },
	// phone 801 [answer 2s] [never] [reject 486] [talk 10s] [keys 1@3s] [inband] [tcp]
	"phone": func(w *world, a []string) { w.phone(a[0], func(o *sim.PhoneOptions) { shapePhone(w, o, a[1:]) }) },
	// agent 1001 ready [801]
	"agent": func(w *world, a []string) {
		phone := telephony.Target("")
		if len(a) > 2 {
			phone = telephony.NewTarget(telephony.ToPhone, a[2])
		}
		w.agent(a[0], telephony.AgentState(a[1]), phone)
	},
	// ring ann fxo/1 13800138000 [to 62345601] [keys 1@6s,#@8s] [for 30s] [giveup 10s] [withheld]
	"ring": func(w *world, a []string) { w.ring(a[0], shapeCall(w, a)) },
	// adopt fxo/1: whoever looks after the box takes the tone that the line learned, which must be proposed
	"adopt": func(w *world, a []string) { w.adopt(a[0]) },
	"cut":   func(w *world, a []string) { w.must(w.x.Cut(a[0], true)) }, // cut e1/1: the cable
	"mend":  func(w *world, a []string) { w.must(w.x.Cut(a[0], false)) },
	// serve fxo/1 {"polarity":true}
	"serve": func(w *world, a []string) {
		var s sim.Service
		spoken := json.NewDecoder(strings.NewReader(strings.Join(a[1:], " ")))
		spoken.DisallowUnknownFields() // a fault misspelt would be none
		w.must(spoken.Decode(&s))
		if err := w.x.Serve(a[0], s); err != nil {
			w.t.Fatal(err)
		}
	},
	"call":   func(w *world, a []string) { w.must(w.phones[a[0]].Call(a[1])) }, // call 801 802
	"answer": func(w *world, a []string) { w.must(w.phones[a[0]].Answer()) },
	"lift":   func(w *world, a []string) { w.telephone(a[0]).Lift() }, // lift 811: an ordinary telephone
	"flash":  func(w *world, a []string) { w.telephone(a[0]).Flash() },
	// shows 811 13800138000: the telephone's display
	"shows": func(w *world, a []string) {
		if id, _ := w.telephone(a[0]).Shown(); id.Number != a[1] {
			w.t.Errorf("telephone %s shows %q, not %s", a[0], id.Number, a[1])
		}
	},
	"lamp": func(w *world, a []string) { // lamp 811 lit
		if lit := w.telephone(a[0]).Lit(); lit != (a[1] == "lit") {
			w.t.Errorf("the lamp of %s is lit: %v", a[0], lit)
		}
	},
	"press": func(w *world, a []string) { // press 801 5, press ann 5
		if t := w.telephone(a[0]); t != nil {
			w.must(t.Press(a[1]))
			return
		}
		if p := w.phones[a[0]]; p != nil {
			w.must(p.Press(a[1]))
			return
		}
		w.must(w.callers[a[0]].Press(a[1]))
	},
	"hangup": func(w *world, a []string) { // hangup 801, hangup ann
		if t := w.telephone(a[0]); t != nil {
			t.HangUp()
			return
		}
		if p := w.phones[a[0]]; p != nil {
			w.must(p.Hangup())
			return
		}
		w.callers[a[0]].Hangup()
	},
	// heard ann busy: the caller, or the telephone since it was lifted, heard this tone of the country
	"heard": func(w *world, a []string) {
		ear := w.callers[a[0]].Heard
		if t := w.telephone(a[0]); t != nil {
			ear = t.Heard
		}
		if heard := tonesIn(ear()); !slices.Contains(heard, a[1]) {
			w.t.Errorf("%s heard the tones %v, not %s", a[0], heard, a[1])
		}
	},
	"hold":     func(w *world, a []string) { w.must(w.phones[a[0]].Hold(a[1] == "on")) },
	"vanish":   func(w *world, a []string) { w.phones[a[0]].Vanish() },               // the phone's plug is pulled
	"transfer": func(w *world, a []string) { w.must(w.phones[a[0]].Transfer(a[1])) }, // transfer 801 802: at the phone
	// order 1 record|pause|resume|stop|hangup [1001]
	"order": func(w *world, a []string) {
		n, _ := strconv.ParseUint(a[0], 10, 64)
		if a[1] == "hangup" {
			w.must(w.box.Hangup(telephony.NewCallID(1, n), strings.Join(a[2:], ""), webui.By{Who: "test"}))
			return
		}
		w.must(w.box.order("test", telephony.NewCallID(1, n), a[1]))
	},
	"stop": func(w *world, _ []string) { w.stop() }, // the box is told to
	// switch 1 hold, switch 1 transfer queue:sales, switch 1 pickup phone:803, switch 1 whisper phone:804, switch 1 attach order 7
	"switch": func(w *world, a []string) {
		n, _ := strconv.ParseUint(a[0], 10, 64)
		o := webui.CallOrder{Do: a[1]}
		switch a = append(a[1:], "", ""); o.Do {
		case "attach":
			o.Data = map[string]string{a[1]: a[2]}
		case "pickup":
			o.Phone = telephony.Target(a[1])
		case "listen", "whisper", "barge", "take_over", "leave":
			o.Do, o.Mode, o.Phone = "monitor", a[0], telephony.Target(a[1])
		default:
			o.To = a[1]
		}
		w.must(w.box.Order(telephony.NewCallID(1, n), o, webui.By{Who: "boss"}))
	},
	// place phone:801 802: for somebody at the page
	"place": func(w *world, a []string) {
		_, err := w.box.Place(webui.Placing{From: telephony.Target(a[0]), To: a[1]}, webui.By{Who: "boss"})
		w.must(err)
	},
	"lock": func(w *world, a []string) { w.must(w.box.LockRoom(a[0], a[1] == "on", webui.By{Who: "boss"})) }, // lock board on
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// tonesIn are the exchange tones in what somebody heard.
func tonesIn(samples []int16) (tones []string) {
	detector := dsp.NewProgress(dsp.PlanOf("cn"))
	for frame := range slices.Chunk(samples, telephony.FrameSamples) {
		f := telephony.Frame{}
		copy(f[:], frame)
		if signal, ok := detector.Frame(&f); ok {
			tones = append(tones, string(signal))
		}
	}
	return tones
}

func duration(w *world, s string) time.Duration {
	d, err := time.ParseDuration(s)
	w.must(err)
	return d
}

func shapePhone(w *world, o *sim.PhoneOptions, a []string) {
	for len(a) > 0 {
		switch a[0] {
		case "never":
			o.NeverAnswer, a = true, a[1:]
		case "inband":
			o.InBand, a = true, a[1:]
		case "tcp":
			o.Transport, a = "tcp", a[1:]
		case "answer":
			o.AnswerAfter, a = duration(w, a[1]), a[2:]
		case "talk":
			o.TalkFor, a = duration(w, a[1]), a[2:]
		case "reject":
			o.Reject, _ = strconv.Atoi(a[1])
			a = a[2:]
		case "keys":
			o.Keys, a = keysAt(w, a[1]), a[2:]
		default:
			w.t.Fatalf("a phone knows no %q", a[0])
		}
	}
}

func shapeCall(w *world, a []string) sim.Call {
	c := sim.Call{Line: a[1], From: a[2]}
	for a = a[3:]; len(a) > 0; {
		switch a[0] {
		case "withheld":
			c.Withheld, a = true, a[1:]
		case "keys":
			c.Keys, a = keysAt(w, a[1]), a[2:]
		case "to":
			c.To, a = a[1], a[2:]
		case "for":
			c.For, a = duration(w, a[1]), a[2:]
		case "giveup":
			c.GiveUp, a = duration(w, a[1]), a[2:]
		default:
			w.t.Fatalf("a call knows no %q", a[0])
		}
	}
	return c
}

func keysAt(w *world, s string) []sim.KeyAt {
	keys, err := sim.ParseKeys(s)
	w.must(err)
	return keys
}
