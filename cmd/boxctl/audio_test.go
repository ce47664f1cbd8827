package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// events are what boxctl audio detect --json prints of a file, an object a line.
func events(t *testing.T, args ...string) (all []heard) {
	t.Helper()
	out, err := runIn(t, t.Context(), append([]string{"audio", "detect", "--json"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out) {
		var h heard
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, h)
	}
	return all
}

// TestAudio: what boxctl makes, it detects, with the times and levels that it was made with.
func TestAudio(t *testing.T) {
	for _, row := range []struct{ make, detect, want string }{
		{
			"--what dtmf --digits 15#D --on 40ms --off 40ms --level -10 --twist 2", "",
			"200 dtmf 1 40 ms -5.9 dBm0 twist 2, 280 dtmf 5 40 ms -5.9 dBm0 twist 2, 360 dtmf # 40 ms -5.9 dBm0 twist 2, 440 dtmf D 40 ms -5.9 dBm0 twist 2",
		},
		{"--what tone --tone busy --for 5s --noise -40", "", "200 progress busy 5000 ms -10 dBm0"},
		{"--what tone --tone busy --tones us --level -20", "--tones us", "200 progress busy 4500 ms -17 dBm0"},
		{"--what tone --tone busy --tones us", "--tones cn", ""},
		{"--what tone --tone ringback --for 11s --tones gb", "--tones gb --what progress", "200 progress ringback 10000 ms -10.2 dBm0"},
		{
			"--what callerid --form mdmf --number 13800138000 --name 海棠 --time 09301725", "--what callerid",
			"200 callerid 13800138000 680 ms 海棠 09301725",
		},
		{"--what callerid --form v23 --number 02161234567 --time 09301725", "--what callerid", "200 callerid 02161234567 620 ms 09301725"},
		{"--what callerid --form dtmf --number 62345678", "--what callerid", "200 callerid 62345678 1300 ms"},
		{"--what callerid --form sdmf --time 09301725", "--what callerid", "200 callerid withheld 520 ms 09301725"},
		{
			"--what mfr2 --digits 1,15 --level -12", "--what mfr2",
			"200 mfr2 1 100 ms -9 dBm0 twist 0 forward, 400 mfr2 15 100 ms -9 dBm0 twist 0 forward",
		},
		{"--what mfr2 --digits 6 --direction backward --on 150ms", "--what mfr2", "200 mfr2 6 150 ms -5 dBm0 twist 0 backward"},
	} {
		t.Run(row.make, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "made.wav")
			if _, err := runIn(t, t.Context(), append(strings.Fields("audio make "+row.make), file)...); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range events(t, append(strings.Fields(row.detect), file)...) {
				got = append(got, h.rounded())
			}
			if got := strings.Join(got, ", "); got != row.want {
				t.Errorf("heard %s\nwant  %s", got, row.want)
			}
		})
	}
}

// rounded is an event in words, to within what a detector promises: 20 ms of its beginning and end, and a decibel.
func (h heard) rounded() string {
	near := func(v, grid int64) int64 { return (v + grid/2) / grid * grid }
	words := []string{fmt.Sprint(near(h.AtMS, 20)), h.What, h.Value}
	if h.Withheld {
		words[2] = "withheld"
	}
	words = append(words, fmt.Sprint(near(h.DurationMS, 10)), "ms")
	if h.LevelDBm0 != nil {
		words = append(words, fmt.Sprint(*h.LevelDBm0), "dBm0")
	}
	if h.TwistDB != nil {
		words = append(words, "twist", fmt.Sprintf("%.0f", *h.TwistDB))
	}
	for _, s := range []string{h.Direction, h.Name, h.Time} {
		if s != "" {
			words = append(words, s)
		}
	}
	return strings.Join(words, " ")
}

func TestAudioRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "no.wav")
	if err := os.WriteFile(file, []byte("no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ args, says string }{
		{"detect --what sonar " + file, `there is no detector "sonar"; --what takes: callerid, dtmf, mfr2, progress`},
		{"detect --tones xx " + file, `the tones of "xx" are not known; --tones takes one of: ae ar at`},
		{"detect " + file, "no.wav: "},
		{"make " + file, `there is no generator ""; --what takes: callerid, dtmf, mfr2, tone`},
		{"make --what dtmf --digits 12x " + file, `--digits "12x": give digits 0-9, A-D, *, # and comma for a pause`},
		{"make --what mfr2 --digits 1;2 " + file, `--digits "1;2": give codes separated by commas, such as 1,2,15`},
		{"make --what mfr2 --digits 7 --direction backward " + file, `7 is no backward R2 signal: use 1 to 6`},
		{"make --what mfr2 --digits 1 --direction up " + file, `--direction is forward or backward, not "up"`},
		{"make --what tone --tone whistle " + file, `cn has no tone "whistle"; it has: dial special-dial ringback busy`},
		{"make --what tone --for 3h " + file, "longer than 10m0s"},
		{"make --what callerid --form morse " + file, `there is no form "morse"; --form takes: dtmf, dtmf-hash, mdmf`},
		{"make --what callerid --number +86 " + file, `--number "+86": give digits alone`},
		{"make --what callerid --time noon " + file, `--time "noon": give MMDDHHMM`},
	} {
		_, err := runIn(t, t.Context(), strings.Fields("audio "+row.args)...)
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want %s", row.args, err, row.says)
		}
	}
}

// A minute of capture is read faster than it lasts, whatever is in it.
func BenchmarkAudioDetect(b *testing.B) {
	file := filepath.Join(b.TempDir(), "busy.wav")
	var out strings.Builder
	if err := run(b.Context(), strings.Fields("audio make --what tone --for 1m "+file), &out); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := run(b.Context(), []string{"audio", "detect", file}, &out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/time.Minute.Seconds(), "s/s")
}
