package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// verbs is the whole of boxctl.
func verbs() []verb {
	return []verb{
		{"status", "", "What box this is and what it does now.", "", nil, (*ctl).status},
		{"claim", "", "The claim code that the front panel shows, while nobody owns the box.", "", nil, (*ctl).claim},
		{
			"config get", "", "The configuration as JSON, secrets masked.",
			"Masked secrets stay as they are when the file is put back.", nil, (*ctl).configGet,
		},
		{"config diff", "FILE", "What a configuration would change.", "Nothing is changed.", nil, (*ctl).configDiff},
		{
			"config put", "FILE", "Replace the configuration; masked secrets stay as they are.",
			"FILE comes from boxctl config get. It is refused if somebody changed the configuration since: get it again.",
			nil, (*ctl).configPut,
		},
		{"config revisions", "", "Who changed the configuration and when, newest first.", "", nil, (*ctl).configRevisions},
		{
			"config undo", "REVISION", "Go back to the configuration before a revision, for 30 days.",
			"Changes made after that revision are undone as well; this is a new revision, which can be undone in its turn.",
			nil, (*ctl).configUndo,
		},
		{"calls", "", "Call records, newest first.", "", callFlags, (*ctl).calls},
		{"journal", "", "What happened to one call.", "", journalFlags, (*ctl).journal},
		{
			"trace", "FILE", "Write the signalling messages of a call to a pcapng file, which Wireshark opens.",
			"SIP and Q.931 of all its legs. The box keeps a week of them, within 256 MB, and notes in its audit who took them.",
			traceFlags, (*ctl).trace,
		},
		{"recordings", "", "Recordings, newest first.", "", recordingFlags, (*ctl).recordings},
		{
			"recording get", "ID FILE", "Write a recording to a WAV file.",
			"The left channel is the outside party, the right one what it heard. The box notes in its audit who took it.",
			nil, (*ctl).recordingGet,
		},
		{
			"spans", "", "E1 spans: alarm, D-channel, and what each channel does.",
			"With --json, one object per line: a span with its channels and error counters.", nil, (*ctl).spans,
		},
		{
			"spans block", "SPAN NUMBER", "Take a channel of a span, such as e1/1, out of service.",
			"A call in progress goes on, and none follows it. This is a revision of the configuration, which can be undone.",
			nil, (*ctl).blockChannel,
		},
		{
			"spans unblock", "SPAN NUMBER", "Give a channel back that was blocked.",
			"This is a revision of the configuration, which can be undone.", nil, (*ctl).unblockChannel,
		},
		{
			"line test", "LINE", "Measure an analogue line, such as fxo/1, and say in words how it is.",
			"Battery, dial tone and its level, noise, hum and echo, and what the last 20 calls tell. It takes up to 15 s, in which the\nline takes no call; a line in use is left alone.",
			nil, (*ctl).lineTest,
		},
		{
			"line tone", "LINE", "The tone by which an analogue line says that a call is over, as the box learned it.",
			"Calls that the other party ends first teach it. Adopting it is a revision of the configuration, which can be undone.",
			toneFlags, (*ctl).lineTone,
		},
		{"agents", "", "Agents and their states.", "", nil, (*ctl).agents},
		{
			"agent", "ID STATE [PHONE]", "Set an agent: ready, busy, break or signed_out, at a phone such as phone:801.",
			"Without PHONE the agent sits where the configuration says, or stays.", nil, (*ctl).agent,
		},
		{
			"dial", "PHONE TO", "Ring a phone such as phone:801, and when it answers, call whom it wants.",
			"TO is a target (phone:802, agent:1001, queue:sales, outside:13800138000), or digits as dialled at a phone.",
			nil, (*ctl).dial,
		},
		{
			"call", "ID ACTION [WITH]", "Act on a call in progress for its agent; boxctl status shows the ids.",
			"ACTION is hold, retrieve, back, conference, park or hangup; consult or transfer with a target or digits; pickup, listen,\n" +
				"whisper, barge, take_over or leave with a phone such as phone:801.", nil, (*ctl).actOn,
		},
		{
			"backup", "FILE", "Write the whole box, without recordings, to one signed file.",
			"FILE holds the passwords of phones and trunks too: give a passphrase, or keep it where only administrators read.", backupFlags, (*ctl).backup,
		},
		{
			"restore", "FILE", "Check a backup and replace the box's configuration and data by it.",
			"A file that is not whole is refused and changes nothing. The box starts again, which ends calls in progress.",
			restoreFlags, (*ctl).restore,
		},
		{
			"update", "FILE", "Install a signed update.",
			"The box checks it, installs it beside the system that runs, and starts with it: now, or at the quiet hour of its settings.\nBefore that new calls are refused, and those that are up have five minutes to end. If it does not prove itself, the box\ngoes back by itself.",
			updateFlags, (*ctl).update,
		},
		{
			"capacity", "", "Measure how many calls this very box carries, in about three minutes.",
			"A box beside the box takes calls of a far end on loopback, with its own recorder on the same disk. Nothing of it is left, and\n" +
				"the page of health shows the figures. It is refused while calls are in progress, and a call that comes ends it. Ctrl-C ends it too.",
			capacityFlags, (*ctl).capacity,
		},
		{
			"selftest", "", "Call a box of its own over each kind of line, and say whether all was heard and recorded.",
			"It takes half a minute, uses no line of the box and leaves nothing behind. A new system of an image is good only when it passes,\n" +
				"and when the lines are in service that were so before the update.",
			nil, (*ctl).selfTest,
		},
		{
			"bans", "", "Addresses to which SIP does not listen: too many wrong passwords, or a flood.",
			"A ban ends by itself. Hosts of trunks and addresses where phones are registered are never banned as a whole.", nil, (*ctl).bans,
		},
		{
			"unban", "ADDRESS", "Listen to an address again, before its ban is over.",
			"ADDRESS is as boxctl bans shows it. What was counted against it is forgotten.", nil, (*ctl).unban,
		},
		{
			"token", "NAME ROLE", "Make an API token with the role admin, supervisor or agent; its secret is shown once.",
			"", tokenFlags, (*ctl).makeToken,
		},
		{
			"board check", "BOARD", "What a board wants of this computer, and what is there.",
			"It looks at the computer on which it runs itself, and changes nothing.", nil, (*ctl).boardCheck,
		},
		{
			"confirm", "", "On an image: the system that was started has proved itself.",
			"The image runs this at each start. Until it has, the boot loader counts the tries of this system.", confirmFlags, (*ctl).confirm,
		},
		{
			"firewall", "FILE", "On an image: let in the services that FILE names, one a line: sip, sips, speech, browsers.",
			"The image runs this whenever the box says that its configuration uses others. The page is always let in.", nil, (*ctl).firewall,
		},
		{
			"audio detect", "FILE", "What the box's detectors hear in a WAV file: keys, tones, caller identity, R2 signals.",
			"No box is needed. With --json an object a line: at_ms, of its beginning in the file, what, value, and details.\n" +
				"For busy tone of a capture from Britain: boxctl audio detect --what progress --tones gb capture.wav",
			detectFlags, (*ctl).audioDetect,
		},
		{
			"audio make", "FILE", "Write a WAV file of a signal: keys, a tone, caller identity, R2 signals.",
			"No box is needed. For example:\n" +
				"  boxctl audio make --what dtmf --digits 0123# --on 40ms --off 40ms --level -10 --twist 2 keys.wav\n" +
				"  boxctl audio make --what tone --tone busy --tones cn --for 5s --noise -40 busy.wav\n" +
				"  boxctl audio make --what callerid --form mdmf --number 13800138000 --name 海棠 --time 09301725 caller.wav\n" +
				"  boxctl audio make --what mfr2 --digits 1,2,15 --direction forward r2.wav",
			makeFlags, (*ctl).audioMake,
		},
		{
			"sim ring", "LINE", "Simulated board: place a call into the box.",
			"It waits for the end of the call and says what came of it. Ctrl-C lets the caller hang up.", ringFlags, (*ctl).simRing,
		},
		{
			"sim phone", "EXTENSION", "Simulated board: an agent's phone.",
			"The phone stays, and whoever is configured to sit there is signed in. --hear waits until it has had one call.",
			phoneFlags, (*ctl).simPhone,
		},
		{"sim day", "", "Simulated board: a believable busy hour.", "", dayFlags, (*ctl).simDay},
	}
}

func journalFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.call, "call", "", "`id` of the call, as boxctl calls shows it; must be given")
}

func recordingFlags(f *flag.FlagSet, c *ctl) { f.IntVar(&c.limit, "limit", 50, "at most so many") }

func callFlags(f *flag.FlagSet, c *ctl) {
	f.IntVar(&c.limit, "limit", 50, "at most so many")
	f.StringVar(&c.number, "number", "", "part of the caller's or called `number`")
	f.StringVar(&c.outcome, "outcome", "", "only this `outcome`: answered, lost_in_queue, voicemail ...")
}

func (c *ctl) table(heads string, rows func(w io.Writer)) {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, heads)
	rows(w)
	w.Flush()
}

func (c *ctl) status() error {
	var s webui.Status
	var live telephony.Live
	if err := c.get("/api/status", &s); err != nil {
		return err
	}
	if err := c.get("/api/live", &live); err != nil {
		return err
	}
	answer := struct {
		webui.Status
		Live telephony.Live `json:"live"`
	}{s, live}
	return c.show(answer, func() {
		fmt.Fprintf(c.out, "%s  %s on %s, started %s, configuration %d\n", s.Name, s.Version, s.Board, when(s.Started), s.Revision)
		if !s.Claimed {
			fmt.Fprintln(c.out, "nobody owns this box yet: boxctl claim shows the code for the page")
		}
		for _, a := range live.Alarms {
			fmt.Fprintf(c.out, "ALARM (%s) since %s: %s\n", a.Severity, when(a.Since), a.Message.EN)
		}
		fmt.Fprintf(c.out, "%d calls\n", len(live.Calls))
		c.table("LINE\tSTATE\tBUSY\tSINCE\tDETAIL", func(w io.Writer) {
			for _, l := range live.Lines {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", l.ID, l.State, l.Busy, when(l.Since), l.Detail)
			}
		})
	})
}

func (c *ctl) claim() error {
	var answer struct {
		Code string `json:"code"`
	}
	if err := c.get("/api/claim", &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		if answer.Code == "" {
			fmt.Fprintln(c.out, "this box has an owner")
			return
		}
		fmt.Fprintln(c.out, answer.Code)
	})
}

func (c *ctl) calls() error {
	q := url.Values{"limit": {fmt.Sprint(c.limit)}}
	if c.number != "" {
		q.Set("number", c.number)
	}
	if c.outcome != "" {
		q.Set("outcome", c.outcome)
	}
	var page webui.CallPage
	if err := c.get("/api/calls?"+q.Encode(), &page); err != nil {
		return err
	}
	return c.show(page, func() {
		c.table("CALL\tARRIVED\tLINE\tCALLER\tCALLED\tQUEUE\tAGENT\tTALK\tOUTCOME", func(w io.Writer) {
			for _, r := range page.Calls {
				talk := (time.Duration(r.TalkMS) * time.Millisecond).Round(time.Second)
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
					r.ID, when(r.Arrived), r.Line, r.Caller.Number, r.Called, r.Queue, r.Agent, talk, r.Outcome)
			}
		})
	})
}

func (c *ctl) journal() error {
	if c.call == "" {
		return errors.New("boxctl journal needs --call ID; boxctl calls shows the ids")
	}
	var answer struct {
		Entries []struct {
			AfterMS int64          `json:"after_ms"`
			Kind    string         `json:"kind"`
			Fact    map[string]any `json:"fact"`
			Text    telephony.Text `json:"text"`
			Time    time.Time      `json:"time"`
			Seq     uint64         `json:"seq"`
		} `json:"entries"`
	}
	if err := c.get("/api/calls/"+url.PathEscape(c.call)+"/journal", &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		c.table("SECONDS\tWHAT\tIN WORDS", func(w io.Writer) {
			for _, e := range answer.Entries {
				fmt.Fprintf(w, "%.1f\t%s\t%s\n", float64(e.AfterMS)/1000, e.Kind, e.Text.EN)
			}
		})
	})
}

func (c *ctl) recordings() error {
	var page webui.RecordingPage
	if err := c.get(fmt.Sprintf("/api/recordings?limit=%d", c.limit), &page); err != nil {
		return err
	}
	return c.show(page, func() {
		c.table("RECORDING\tSTARTED\tLENGTH\tPURPOSE\tCALLER\tAGENT\tPROBLEM", func(w io.Writer) {
			for _, r := range page.Recordings {
				length := (time.Duration(r.LengthMS) * time.Millisecond).Round(time.Second)
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
					r.ID, when(r.Started), length, r.Purpose, r.Caller.Number, r.Agent, r.Problem)
			}
		})
	})
}

func (c *ctl) recordingGet() error {
	n, err := c.fetch("/api/recordings/"+url.PathEscape(c.args[0])+"/audio", c.args[1])
	return c.written(n, c.args[1], err)
}

func (c *ctl) agents() error {
	var answer struct {
		Agents []telephony.LiveAgent `json:"agents"`
	}
	if err := c.get("/api/agents", &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		c.table("AGENT\tNAME\tSTATE\tREASON\tPHONE\tSINCE", func(w io.Writer) {
			for _, a := range answer.Agents {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Name, a.State, cmp.Or(a.Reason, string(a.Doing)), a.Phone, when(a.Since))
			}
		})
	})
}

func (c *ctl) agent() error {
	wish := struct {
		State string `json:"state"`
		Phone string `json:"phone,omitempty"`
	}{State: c.args[1]}
	if len(c.args) > 2 {
		wish.Phone = c.args[2]
	}
	if err := c.send(http.MethodPost, "/api/agents/"+url.PathEscape(c.args[0])+"/state", wish, nil); err != nil {
		return err
	}
	return c.show(wish, func() { fmt.Fprintf(c.out, "agent %s is %s\n", c.args[0], c.args[1]) })
}

func backupFlags(f *flag.FlagSet, c *ctl) {
	f.BoolVar(&c.saved, "before-update", false, "the one that the box made by itself before its last update")
	passphraseFlag(f, c, "encrypts FILE with it, and nobody opens it without")
}

func passphraseFlag(f *flag.FlagSet, c *ctl, does string) {
	f.StringVar(&c.passphrase, "passphrase", os.Getenv("CALLBOX_PASSPHRASE"), "`text`: "+does+"; better in CALLBOX_PASSPHRASE, where no list of processes shows it")
}

func restoreFlags(f *flag.FlagSet, c *ctl) {
	f.BoolVar(&c.other, "other", false, "even if FILE is another box's; root on the box itself need not say so")
	passphraseFlag(f, c, "with which FILE was encrypted")
}

func (c *ctl) backup() error {
	path := "/api/backup"
	if c.saved {
		path = "/api/saved/file"
	}
	n, err := c.fetch(path, c.args[0])
	return c.written(n, c.args[0], err)
}

func (c *ctl) restore() error {
	f, err := os.Open(c.args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	body, err := c.request(http.MethodPost, fmt.Sprintf("/api/restore?other=%t", c.other), f, "application/octet-stream")
	if err != nil {
		return err
	}
	body.Close()
	return c.show(map[string]bool{"restored": true}, func() {
		fmt.Fprintln(c.out, "restored; the box starts again with what the backup holds")
	})
}

func updateFlags(f *flag.FlagSet, c *ctl) {
	f.BoolVar(&c.older, "older", false, "even if FILE is older than what runs")
	f.StringVar(&c.when, "restart", string(webui.RestartNow), "`when` to start with it: now, quiet (at the quiet hour), later (when the page says so)")
}

func (c *ctl) update() error {
	f, err := os.Open(c.args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	body, err := c.request(http.MethodPost, fmt.Sprintf("/api/update?older=%t&restart=%s", c.older, url.QueryEscape(c.when)), f, "application/octet-stream")
	if err != nil {
		return err
	}
	body.Close()
	return c.show(map[string]bool{"installed": true}, func() {
		switch webui.When(c.when) {
		case webui.RestartQuiet:
			fmt.Fprintln(c.out, "installed; the box starts with it at its quiet hour")
		case webui.RestartLater:
			fmt.Fprintln(c.out, "installed; the box starts with it at its next restart")
		default:
			fmt.Fprintln(c.out, "installed; the box starts with it as soon as the calls in progress have ended, in five minutes at most")
		}
	})
}

func tokenFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.queues, "queues", "", "a supervisor's team: `ID,ID`... of the queues beyond which the program sees nothing")
}

func (c *ctl) makeToken() error {
	var answer struct {
		Token  webui.Token `json:"token"`
		Secret string      `json:"secret"`
	}
	what := map[string]any{"name": c.args[0], "role": c.args[1]}
	if c.queues != "" {
		what["queues"] = strings.Split(c.queues, ",")
	}
	if err := c.send(http.MethodPost, "/api/tokens", what, &answer); err != nil {
		return err
	}
	return c.show(answer, func() { fmt.Fprintln(c.out, answer.Secret) })
}

// written says that a file was.
func (c *ctl) written(octets int64, file string, err error) error {
	if err != nil {
		return err
	}
	answer := struct {
		File   string `json:"file"`
		Octets int64  `json:"octets"`
	}{file, octets}
	return c.show(answer, func() { fmt.Fprintf(c.out, "%s: %d octets\n", file, octets) })
}

// when is a time for people.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
