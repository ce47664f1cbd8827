package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"callbox/telephony"
	"callbox/webui"
)

// The box asks the servers of its settings, and where there are none those that the network names (issue 7: closed networks reach no public
// ones). What is no address is not written to where programs read addresses.
func TestServersAsked(t *testing.T) {
	for name, row := range map[string]struct {
		set      telephony.Network
		state    map[string]string // of systemd-networkd
		resolver string
		time     string
		servers  []string
		by       webui.ClockBy
	}{
		"nobody names one": {resolver: "", time: "NTP=\n", by: webui.ClockByDefault},
		"the network does": {
			state:    map[string]string{"DNS": "192.168.1.1 fd00::1", "NTP": "192.168.1.2 ntp.example.cn"},
			resolver: "nameserver 192.168.1.1\nnameserver fd00::1\n", time: "NTP=\n",
			servers: []string{"192.168.1.2", "ntp.example.cn"}, by: webui.ClockByNetwork,
		},
		"the settings do": {
			set:      telephony.Network{NameServers: []string{"10.0.0.1"}, TimeServers: []string{"10.0.0.2", "ntp.example.cn"}},
			state:    map[string]string{"DNS": "192.168.1.1", "NTP": "192.168.1.2"},
			resolver: "nameserver 10.0.0.1\n", time: "NTP=10.0.0.2 ntp.example.cn\n",
			servers: []string{"10.0.0.2", "ntp.example.cn"}, by: webui.ClockBySettings,
		},
		"what the library does not read": {
			state:    map[string]string{"DNS": "10.0.0.1#dns.example.cn options 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6"},
			resolver: "nameserver 10.0.0.3\nnameserver 10.0.0.4\nnameserver 10.0.0.5\n", time: "NTP=\n", by: webui.ClockByDefault,
		},
	} {
		if got := string(resolver(row.set, row.state)); got != "# by boxd\n"+row.resolver {
			t.Errorf("%s: resolv.conf is %q", name, got)
		}
		if got := string(timeService(row.set)); got != "# by boxd\n[Time]\n"+row.time {
			t.Errorf("%s: timesyncd.conf is %q", name, got)
		}
		if got, by := timeServers(row.set, row.state); !slices.Equal(got, row.servers) || by != row.by {
			t.Errorf("%s: %v by %s", name, got, by)
		}
	}
}

// A file that others read, and wait for, is written when there is something new in it.
func TestTell(t *testing.T) {
	b := &Box{opt: Options{Requests: t.TempDir(), Log: slog.New(slog.DiscardHandler)}}
	file := filepath.Join(b.opt.Requests, timeFile)
	var told []byte
	for _, step := range []struct {
		text    string
		written bool
	}{{"a", true}, {"a", false}, {"b", true}, {"", true}, {"", false}} {
		os.Remove(file)
		b.tell(timeFile, []byte(step.text), &told)
		got, err := os.ReadFile(file)
		if written := err == nil; written != step.written || written && string(got) != step.text {
			t.Errorf("%q: %q, %v", step.text, got, err)
		}
	}
}

// The kernel may be asked how right the clock is, and the answer hangs together.
func TestClock(t *testing.T) {
	c := computer{&Box{}}.clock()
	if c.By != webui.ClockByComputer || c.Synchronized && c.ErrorMS <= 0 || !c.Synchronized && c.ErrorMS != 0 {
		t.Errorf("%+v", c)
	}
}
