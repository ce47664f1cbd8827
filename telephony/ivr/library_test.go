package ivr

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
)

// The table of prompts and the sounds that ship agree: each text has its file, each file its text.
func TestThePromptsThatShipAreThoseOfTheTable(t *testing.T) {
	want := map[string]bool{}
	for _, p := range telephony.BuiltinPrompts {
		switch {
		case !telephony.ValidID(p.ID):
			t.Errorf("%q is no id", p.ID)
		case want["zh/"+p.ID] || want["en/"+p.ID] || want["any/"+p.ID]:
			t.Errorf("%s is in the table twice", p.ID)
		case strings.HasPrefix(p.Text.ZH, "♪"):
			want["any/"+p.ID] = true
		default:
			want["zh/"+p.ID], want["en/"+p.ID] = p.Text.ZH != "", p.Text.EN != ""
		}
	}
	total := 0
	err := fs.WalkDir(builtin, "prompts", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "prompts/"), ".al")
		if !want[name] {
			t.Errorf("%s is not in the table", name)
		}
		delete(want, name)
		sound, err := builtin.ReadFile(path)
		total += len(sound)
		if level := loudness(sound); level < -32 || level > -10 {
			t.Errorf("%s has %.1f dBm0", name, level)
		}
		if d := length(len(sound)); d < 80*time.Millisecond || d > 31*time.Second {
			t.Errorf("%s lasts %v", name, d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, wanted := range want {
		if wanted {
			t.Errorf("%s has no sound: run prompts/make.sh", name)
		}
	}
	if total > 4<<20 {
		t.Errorf("the prompts take %d octets", total)
	}
}

// loudness is the average level of A-law in dBm0.
func loudness(sound []byte) float64 {
	samples := make([]int16, len(sound))
	dsp.DecodeALaw(samples, sound)
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return 20 * math.Log10(math.Sqrt(2*sum/float64(len(samples)))/dsp.Peak(0))
}

// play hears a source to its end.
func play(s telephony.Source) []int16 {
	var out []int16
	for more := true; more; {
		var f telephony.Frame
		more = s.Next(&f)
		out = append(out, f[:]...)
	}
	return out
}

// tone is a WAV of a constant sample, at 8 kHz.
func tone(t *testing.T, value int16, samples int) *bytes.Buffer {
	var b bytes.Buffer
	if err := wav.Encode(&b, slices.Repeat([]int16{value}, samples)); err != nil {
		t.Fatal(err)
	}
	return &b
}

func put(t *testing.T, l *Library, language, id string, value int16, samples int) {
	t.Helper()
	if err := l.Put(language, id, tone(t, value, samples)); err != nil {
		t.Fatal(err)
	}
}

func TestSource(t *testing.T) {
	l := NewLibrary(t.TempDir())
	put(t, l, "zh", "a", 1008, 100)
	put(t, l, "zh", "b", 2016, 100)
	put(t, l, "en", "only-en", 4032, 80)

	t.Run("parts follow without a gap, the end is padded with silence", func(t *testing.T) {
		got := play(l.Source("zh", "a", "b"))
		want := slices.Concat(slices.Repeat([]int16{1008}, 100), slices.Repeat([]int16{2016}, 100), make([]int16, 120))
		if !slices.Equal(got, want) {
			t.Errorf("heard %v", got)
		}
	})
	t.Run("a whole frame is the last", func(t *testing.T) {
		put(t, l, "zh", "c", 1008, telephony.FrameSamples)
		if got := play(l.Source("zh", "c")); len(got) != telephony.FrameSamples {
			t.Errorf("heard %d samples", len(got))
		}
	})
	t.Run("what the language lacks is played in the other", func(t *testing.T) {
		if got := play(l.Source("zh", "only-en")); got[0] != 4032 {
			t.Errorf("heard %v", got[0])
		}
	})
	t.Run("what no language has is a short silence, and counted", func(t *testing.T) {
		before := l.Missing()
		got := play(l.Source("en", "nowhere", "../../etc/passwd"))
		if len(got) != 2*len(pause) || slices.ContainsFunc(got, func(s int16) bool { return s > 8 || s < -8 }) {
			t.Errorf("heard %d samples", len(got))
		}
		if n := l.Missing() - before; n != 2 {
			t.Errorf("%d counted", n)
		}
	})
	t.Run("nothing is one silent frame", func(t *testing.T) {
		if got := play(l.Source("zh")); len(got) != telephony.FrameSamples {
			t.Errorf("heard %d samples", len(got))
		}
	})
	t.Run("the length is known", func(t *testing.T) {
		if d := l.Duration("zh", "a", "b"); d != 25*time.Millisecond {
			t.Errorf("%v", d)
		}
	})
	t.Run("music begins again without a gap", func(t *testing.T) {
		s, first := l.Loop("zh", "a"), telephony.Frame{}
		for range 10 {
			if more := s.Next(&first); !more || slices.Contains(first[:], 0) {
				t.Fatalf("more %v, heard %v", more, first)
			}
		}
	})
	t.Run("the box's own are there in both languages", func(t *testing.T) {
		if l.Duration("zh", "welcome") == l.Duration("en", "welcome") || l.Duration("zh", "beep") != 500*time.Millisecond {
			t.Error("not the prompts that ship")
		}
	})
}

// What runs on the tick neither waits nor allocates.
func TestNextDoesNotAllocate(t *testing.T) {
	l := NewLibrary(t.TempDir())
	var f telephony.Frame
	long, music := l.Source("zh", slices.Repeat([]string{"welcome"}, 100)...), l.Loop("zh", "hold_music")
	if n := testing.AllocsPerRun(500, func() { long.Next(&f); music.Next(&f) }); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

func TestPut(t *testing.T) {
	dir := t.TempDir()
	l := NewLibrary(dir)
	own := l.Duration("zh", "welcome")

	t.Run("an upload goes before the box's own, also after a restart", func(t *testing.T) {
		put(t, l, "zh", "welcome", 1008, 8000)
		for _, l := range []*Library{l, NewLibrary(dir)} {
			if d := l.Duration("zh", "welcome"); d != time.Second {
				t.Errorf("%v", d)
			}
		}
	})
	t.Run("what plays goes on when it is replaced", func(t *testing.T) {
		s := l.Source("zh", "welcome")
		put(t, l, "zh", "welcome", 2016, 8000)
		if got := play(s); got[0] != 1008 || got[7999] != 1008 {
			t.Error("the sound changed in the middle")
		}
		if got := play(l.Source("zh", "welcome")); got[0] != 2016 {
			t.Error("the new sound is not heard")
		}
	})
	t.Run("deleted, the box's own is back", func(t *testing.T) {
		if err := l.Delete("zh", "welcome"); err != nil {
			t.Fatal(err)
		}
		if d := l.Duration("zh", "welcome"); d != own {
			t.Errorf("%v, want %v", d, own)
		}
		wantCode(t, l.Delete("zh", "welcome"), telephony.NotFound)
	})
	t.Run("bad uploads are refused and change nothing", func(t *testing.T) {
		put(t, l, "zh", "news", 1008, 8000)
		for name, row := range map[string]struct {
			language, id string
			file         *bytes.Buffer
			code         telephony.Code
		}{
			"third language": {"fr", "news", tone(t, 1, 10), telephony.Invalid},
			"a path":         {"zh", "../news", tone(t, 1, 10), telephony.Invalid},
			"no WAV":         {"zh", "news", bytes.NewBufferString("ID3 music"), telephony.Invalid},
			"cut":            {"zh", "news", bytes.NewBuffer(tone(t, 1, 10).Bytes()[:20]), telephony.Invalid},
			"no sound":       {"zh", "news", tone(t, 1, 0), telephony.Invalid},
			"eleven minutes": {"zh", "news", tone(t, 1, 11*60*8000), telephony.TooLarge},
		} {
			t.Run(name, func(t *testing.T) { wantCode(t, l.Put(row.language, row.id, row.file), row.code) })
		}
		if d := l.Duration("zh", "news"); d != time.Second {
			t.Errorf("the prompt lasts %v", d)
		}
	})
	t.Run("a full disk is told", func(t *testing.T) {
		blocked := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantCode(t, NewLibrary(blocked).Put("zh", "news", tone(t, 1, 10)), telephony.Unavailable)
	})
	t.Run("an upload that a power cut left half done goes", func(t *testing.T) {
		left := filepath.Join(dir, "zh", unfinished+"123")
		if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		NewLibrary(dir)
		if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("still there: %v", err)
		}
	})
}

func wantCode(t *testing.T, err error, code telephony.Code) {
	t.Helper()
	var e *telephony.Error
	if !errors.As(err, &e) || e.Code != code || e.Message.ZH == "" || e.Message.EN == "" {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestList(t *testing.T) {
	l := NewLibrary(t.TempDir())
	put(t, l, "en", "welcome", 1008, 8000)
	put(t, l, "zh", "tea", 1008, 4000)
	list := l.List()
	for _, want := range []Sound{
		{"welcome", "en", true, time.Second},
		{"tea", "zh", true, 500 * time.Millisecond},
		{"beep", "zh", false, 500 * time.Millisecond},
		{"beep", "en", false, 500 * time.Millisecond},
	} {
		if !slices.Contains(list, want) {
			t.Errorf("%+v is missing", want)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(list), func(s Sound) bool { return s.ID != "welcome" })); n != 2 {
		t.Errorf("welcome is listed %d times", n)
	}
	if !slices.IsSortedFunc(list, func(a, b Sound) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not in order")
	}
}

// Callers hear while prompts are replaced: each hears an old one or a new one, whole.
func TestReplacedWhileItPlays(t *testing.T) {
	l := NewLibrary(t.TempDir())
	put(t, l, "zh", "news", 1008, 800)
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 50 {
				got := play(l.Source("zh", "news"))
				if n := len(slices.Compact(got)); n != 1 || len(got) != 800 {
					t.Errorf("heard %d samples of %d values", len(got), n)
				}
			}
		})
	}
	for n := range 20 {
		put(t, l, "zh", "news", int16(1008*(1+n%2)), 800)
	}
	callers.Wait()
	if got := play(l.Source("zh", "news")); got[0] != 2016 {
		t.Errorf("the last one put is not the one heard: %d", got[0])
	}
}

// The cache is bounded, and what falls out of it is read again.
func TestCacheIsBounded(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "zh"), 0o755); err != nil {
		t.Fatal(err)
	}
	l := NewLibrary(dir)
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		if err := os.WriteFile(filepath.Join(dir, "zh", id+".al"), make([]byte, maxOctets+1), 0o600); err != nil {
			t.Fatal(err)
		}
		if l.Duration("zh", id) != maxPrompt {
			t.Fatalf("%s is not whole", id)
		}
		if l.octets > maxCache {
			t.Fatalf("%d octets in the cache", l.octets)
		}
	}
	if l.Duration("zh", "a") != maxPrompt {
		t.Error("the first is lost")
	}
}
