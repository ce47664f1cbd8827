package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"callbox/webui"
)

// runIn runs boxctl and gives what it printed.
func runIn(t *testing.T, ctx context.Context, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(ctx, args, &out)
	return out.String(), err
}

// invocations is every verb once; FILE is a file to write, CONFIG a configuration with another name, WAV a sound, SOUND a
// whole one, SERVICES what boxd says of itself, SYSTEM a directory.
var invocations = []struct {
	args  string
	says  string // somewhere in the table
	field string // somewhere in the JSON
	asked string // of the box
}{
	{"status", "ALARM (fault) since", `"simulated": true`, ""},
	{"claim", "48217730", `"code": "48217730"`, ""},
	{"config get", `"password": "********"`, `"revision": 7`, ""},
	{"config diff CONFIG", "- \"海棠\"\n  + \"另一家\"", `"path": "site.name"`, ""},
	{"config put CONFIG", "revision 8 is in force", `"revision": 8`, "put by "},
	{"config revisions", "lihua", `"revision": 7`, ""},
	{"config undo 7", "revision 9 is in force", `"revision": 9`, "undo 7 by "},
	{"calls --number 138 --outcome answered", "1m1s", `"id": "3-42"`, "calls 138 answered"},
	{"journal --call 3-42", "call_answered", `"kind": "call_answered"`, ""},
	{"trace --call 3-42 FILE", "14 octets", `"octets": 14`, "trace 3-42"},
	{"spans", "1 idle, 1 talking", `"dchannel":"up"`, ""},
	{"spans block e1/1 5", "channel 5 of e1/1 is blocked; revision 8 is in force", `"revision": 8`, "put by "},
	{"spans unblock e1/1 5", "channel 5 of e1/1 is back in service", `"revision": 8`, "put by "},
	{"line test fxo/1", "mains hum", `"light": "yellow"`, ""},
	{"line tone fxo/1", "adopt it with boxctl line tone fxo/1 --adopt", `"proposed": true`, ""},
	{"recordings --limit 5", "r1", `"purpose": "call"`, ""},
	{"recording get r1 FILE", "13 octets", `"octets": 13`, ""},
	{"agents", "李华", `"state": "ready"`, ""},
	{"agent 1001 busy phone:801", "agent 1001 is busy", `"state": "busy"`, "agent 1001 busy phone:801 by "},
	{"dial phone:801 802", "call 3-43 rings phone:801", `"call": "3-43"`, "place phone:801 802 by "},
	{"call 3-42 transfer queue:sales", "call 3-42: transfer", `"action": "transfer"`, "3-42 transfer queue:sales by "},
	{"backup FILE --before-update --passphrase three_kites", "25 octets", `"octets": 25`, ""},
	{"restore BACKUP --other --passphrase 三只kites", "starts again", `"restored": true`, "restore with 三只kites, other true by "},
	{"update BACKUP --older --restart quiet", "at its quiet hour", `"installed": true`, "update older true, restart quiet: the whole box by "},
	{"capacity --anyway", "1000   parties in conferences of ten (more was not tried)", `"bridged": {`, "measure true"},
	{"selftest", "both sides heard each other", `"what": "analogue_sip"`, "self-test"},
	{"bans", "198.51.100.7", `"reason": "guesses"`, ""},
	{"unban 198.51.100.7", "listens to 198.51.100.7 again", `"unbanned": "198.51.100.7"`, "unban 198.51.100.7 by "},
	{"token crm supervisor --queues sales,support", secret, `"role": "supervisor"`, "token crm supervisor sales,support by "},
	{"board check sim", "simulated", `"found": true`, ""},
	{"confirm --system SYSTEM", "proved itself", `"good": true`, "self-test"},
	{"firewall SERVICES", "the page comes in, and [sip speech]", `"services": [`, ""},
	{"audio detect SOUND", "dtmf  5", `"what":"dtmf","value":"5"`, ""},
	{"audio make --what tone --tone ringback FILE", "86400 octets", `"octets": 86400`, ""},
	{"sim ring fxo/1 --from 138 --keys 1@4s --play WAV --hear FILE", "answered", `"outcome": "answered"`, "ring fxo/1 138 1@4s RIFF"},
	{"sim phone 801 --answer-after 2s --play WAV", "phone 801 is registered and idle", `"state": "idle"`, "phone 801"},
	{"sim day --calls 5 --minutes 1", "5 calls in 1 minutes", `"phones"`, "day"},
}

// TestLineTone: a learned tone is adopted and forgotten, as revisions.
func TestLineTone(t *testing.T) {
	b := newBox()
	data := b.onSocket(t)
	for _, c := range []struct {
		option, says string
		want         int // frequencies in force then
	}{{"--adopt", "adopted; revision ", 1}, {"--forget", "forgotten; revision ", 0}} {
		out, err := runIn(t, t.Context(), "line", "tone", "fxo/1", c.option, "--data", data)
		if err != nil || !strings.Contains(out, c.says) || len(b.config.Line("fxo/1").BusyTone.Hz) != c.want {
			t.Errorf("%s: %q, %v; in force %+v", c.option, out, err, b.config.Line("fxo/1").BusyTone)
		}
	}
	if !slices.Contains(b.asked, "forget fxo/1") {
		t.Errorf("asked %v", b.asked)
	}
}

// TestVerbs runs each verb over the socket and over https, with and without --json, options in front and behind.
func TestVerbs(t *testing.T) {
	if len(invocations) != len(verbs()) {
		t.Errorf("%d verbs, %d tested", len(verbs()), len(invocations))
	}
	onImage(t, 0)
	roads := map[string]func(*box) []string{
		"socket": func(b *box) []string { return []string{"--data", b.onSocket(t)} },
		"https": func(b *box) []string {
			url, cert := b.onHTTPS(t)
			return []string{"--url", url, "--cert", cert, "--token", secret}
		},
	}
	for road, open := range roads {
		for _, i := range invocations {
			t.Run(road+" "+i.args, func(t *testing.T) {
				for _, inJSON := range []bool{false, true} {
					b := newBox()
					args, written := filled(t, i.args)
					verb := verbWords(args)
					args = slices.Concat(args[:verb], open(b), args[verb:])
					want := i.says
					if inJSON {
						args, want = append(args, "--json"), i.field
					}
					out, err := runIn(t, t.Context(), args...)
					if err != nil || !strings.Contains(out, want) {
						t.Errorf("%v: %v, printed\n%s\nwithout %q", args, err, out, want)
					}
					if inJSON && !json.Valid([]byte(out)) {
						t.Errorf("no JSON: %s", out)
					}
					if i.asked != "" && !strings.HasPrefix(strings.Join(b.asked, "|"), i.asked) {
						t.Errorf("asked %v, want %q", b.asked, i.asked)
					}
					if written != "" {
						wholeFile(t, written)
					}
				}
			})
		}
	}
}

// filled puts real files in the place of the words for them.
func filled(t *testing.T, line string) (args []string, written string) {
	t.Helper()
	dir := t.TempDir()
	for _, a := range strings.Fields(line) {
		name := filepath.Join(dir, strings.ToLower(a))
		switch a {
		case "CONFIG":
			writeFile(t, name, []byte(`{"format":1,"revision":7,"site":{"name":"另一家","language":"zh"}}`))
		case "BACKUP":
			writeFile(t, name, []byte("the whole box"))
		case "SERVICES":
			writeFile(t, name, []byte("sip\nspeech\n"))
		case "SOUND":
			if _, err := runIn(t, t.Context(), "audio", "make", "--what", "dtmf", "--digits", "5", name); err != nil {
				t.Fatal(err)
			}
		case "WAV":
			writeFile(t, name, []byte("RIFF"))
		case "FILE":
			written = name
		case "SYSTEM":
			name = dir
		default:
			name = a
		}
		args = append(args, name)
	}
	return args, written
}

// verbWords is how many of the arguments name the verb.
func verbWords(args []string) int {
	_, rest := find(args)
	return len(args) - len(rest)
}

// wholeFile looks at a file that boxctl wrote: it is there, for its owner alone, and nothing half done lies beside it.
func wholeFile(t *testing.T, name string) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), ".*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestRefusals: what cannot be done is told in a sentence that says what to do next, and nothing is left behind.
func TestRefusals(t *testing.T) {
	b := newBox()
	b.claimed, b.breaking = true, true
	data := b.onSocket(t)
	url, cert := b.onHTTPS(t)
	dir := t.TempDir()
	file := func(name, content string) string {
		name = filepath.Join(dir, name)
		writeFile(t, name, []byte(content))
		return name
	}
	noName := file("noname.json", `{"format":1,"revision":7}`)
	foreign := file("foreign.crt", "-----BEGIN CERTIFICATE-----\nYW5vdGhlcg==\n-----END CERTIFICATE-----\n")
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct {
		name, args, says string
	}{
		{"no verb", "burn", `there is no verb "burn"`},
		{"half a verb", "config", `there is no verb "config"`},
		{"an option that is none", "status --colour", "boxctl status --help shows the options"},
		{"too few arguments", "recording get r1", `takes ID FILE, not "r1"`},
		{"too many arguments", "status please", "takes no arguments"},
		{"a journal of no call", "journal", "needs --call ID; boxctl calls shows the ids"},
		{"a trace of no call", "trace " + out, "needs --call ID; boxctl calls shows the ids"},
		{"no such span", "spans block e1/9 5 --data " + data, "There is no span e1/9"},
		{"no number of a channel", "spans block e1/1 five --data " + data, "number"},
		{"no box there", "status --data " + dir, "no box runs on " + dir},
		{"no such call", "journal --call 9-9 --data " + data, "there is no call 9-9"},
		{"an owner already", "claim --data " + data, "The box has an owner"},
		{"a wrong configuration", "config put " + noName + " --data " + data, "\n  site.name: give it a name"},
		{"a misspelt field", "config diff " + file("sight.json", `{"sight":{}}`) + " --data " + data, "the configuration cannot be read"},
		{"no such file", "config put " + dir + "/none --data " + data, "no such file"},
		{"no backup", "restore " + noName + " --data " + data, "it is no backup"},
		{"no recording", "recording get r2 " + out + " --data " + data, "there is no recording r2"},
		{"a passphrase that is guessed", "backup " + out + " --passphrase short --data " + data, "at least 10 characters"},
		{"a backup that breaks off", "backup " + out + " --data " + data, "broke off after"},
		{"no place for the file", "backup " + dir + "/none/out --data " + data, "no such file or directory"},
		{"no such extension", "sim phone 899 --data " + data, "there is no extension 899"},
		{"a token over http", "status --token x --url http" + strings.TrimPrefix(url, "https"), "a token travels only over https"},
		{"no token", "status --url " + url, "give --token, or put it into CALLBOX_TOKEN"},
		{"a wrong token", "agents --token x --url " + url + " --cert " + cert, "Sign in first"},
		{"a stranger's certificate", "status --token x --url " + url, "trust the box's own certificate with --cert"},
		{"another box's certificate", "status --token x --url " + url + " --cert " + foreign, "it shows another certificate"},
		{"no certificate", "status --token x --url " + url + " --cert " + noName, "holds no certificate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("CALLBOX_TOKEN", "")
			if _, err := runIn(t, t.Context(), strings.Fields(c.args)...); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
			if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestTokenFromTheEnvironment: it is used, and no help shows it.
func TestTokenFromTheEnvironment(t *testing.T) {
	t.Setenv("CALLBOX_TOKEN", secret)
	url, cert := newBox().onHTTPS(t)
	if out, err := runIn(t, t.Context(), "agents", "--url", url, "--cert", cert); err != nil || !strings.Contains(out, "1001") {
		t.Errorf("%v %s", err, out)
	}
	if out, _ := runIn(t, t.Context(), "agents", "--help"); strings.Contains(out, secret) {
		t.Errorf("the help shows the token: %s", out)
	}
}

// TestTheTokenIsForOneBox: a box that sends elsewhere is not followed there.
func TestTheTokenIsForOneBox(t *testing.T) {
	var elsewhere webui.Status
	c := client{ctx: t.Context(), token: secret}
	c.url, c.cert = newBox().onHTTPS(t)
	if err := c.get("/../api/status", &elsewhere); err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("followed: %v %v", err, elsewhere)
	}
}

// TestHelp: every verb explains itself and its options.
func TestHelp(t *testing.T) {
	overview, err := runIn(t, t.Context(), "--help")
	if !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, v := range verbs() {
		if !strings.Contains(overview, "  "+strings.TrimSpace(v.words+" "+v.args)) || !strings.Contains(overview, v.does) {
			t.Errorf("the overview lacks %s", v.words)
		}
		out, err := runIn(t, t.Context(), append(strings.Fields(v.words), "-h")...)
		if !errors.Is(err, flag.ErrHelp) {
			t.Errorf("%s: %v", v.words, err)
		}
		for _, want := range []string{"boxctl " + v.words, v.does, v.more, "-json", "-data directory", "-token secret", "-cert file"} {
			if !strings.Contains(out, want) {
				t.Errorf("the help of %s lacks %q:\n%s", v.words, want, out)
			}
		}
	}
	for _, args := range [][]string{nil, {"help"}, {"-h"}} {
		if out, err := runIn(t, t.Context(), args...); !errors.Is(err, flag.ErrHelp) || out != overview {
			t.Errorf("%v: %v %s", args, err, out)
		}
	}
}

// TestAPhoneIsWaitedFor: sim phone tells how it went with the registration, and not that it has only begun.
func TestAPhoneIsWaitedFor(t *testing.T) {
	states := func(list ...string) (worlds []webui.WorldState) {
		for _, s := range list {
			worlds = append(worlds, webui.WorldState{Phones: []webui.SimPhone{{Extension: "801", State: s}}})
		}
		return worlds
	}
	heard := states("idle", "talking", "idle")
	heard[2].Phones[0].Sound = "heard-2"
	for _, c := range []struct {
		name   string
		worlds []webui.WorldState
		more   []string
		says   string
		fails  string
	}{
		{"at last", states("idle", "not registered: ", "idle"), nil, "phone 801 is registered and idle\n", ""},
		{"refused", states("idle", "not registered: ", "not registered: registration: 403 Forbidden"), nil, "", "the box does not take phone 801: registration: 403 Forbidden"},
		{"taken away", append(states("idle"), webui.WorldState{}), nil, "", "phone 801 is no longer there"},
		{"heard", slices.Insert(heard, 0, states("idle")...), []string{"--hear", "heard.wav"}, "phone 801 has had a call; what it heard is in heard.wav\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox()
			b.world = c.worlds
			data := b.onSocket(t)
			t.Chdir(t.TempDir())
			out, err := runIn(t, t.Context(), append([]string{"sim", "phone", "801", "--data", data}, c.more...)...)
			if out != c.says || (err == nil) != (c.fails == "") || err != nil && err.Error() != c.fails {
				t.Errorf("%q %v", out, err)
			}
		})
	}
}

// TestCtrlCEndsTheCall: whoever waits for a simulated call may leave; the box learns of it.
func TestCtrlCEndsTheCall(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	left := make(chan struct{})
	b := newBox()
	b.ringing = func(call context.Context) {
		interrupt()
		<-call.Done()
		close(left)
	}
	if _, err := runIn(t, ctx, "sim", "ring", "fxo/1", "--data", b.onSocket(t)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-left
}
