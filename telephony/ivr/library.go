package ivr

import (
	"embed"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
)

// The box's own prompts, raw A-law at 8 kHz, made by prompts/make.sh. Sounds without words are in prompts/any.
//
//go:embed prompts/zh/*.al prompts/en/*.al prompts/any/*.al
var builtin embed.FS

const (
	maxPrompt = 10 * time.Minute
	maxOctets = int(maxPrompt/time.Second) * telephony.SampleRate
	maxCache  = 32 << 20 // octets of prompts held in memory
)

var languages = [2]string{"zh", "en"}

// pause stands for a prompt that is in no language.
var pause = func() []byte {
	b := make([]byte, telephony.SampleRate/5)
	for i := range b {
		b[i] = dsp.ALawSilence
	}
	return b
}()

// A Library is the prompts of the box: its own and those that people uploaded, which go before its own. Any goroutine may
// use it; what it once gave out plays on unchanged when a prompt is replaced.
type Library struct {
	dir     string // uploads: dir/zh/ID.al, dir/en/ID.al
	missing atomic.Uint64

	mu     sync.Mutex // guards what follows; never held while a file is read
	cache  map[name][]byte
	octets int
	change uint64 // counts Put and Delete, so that a slow reader does not cache what was replaced
}

// A name is a prompt in one language.
type name struct{ language, id string }

// NewLibrary opens the prompts with the uploads in dir, which need not exist. Uploads that a power cut left half done go.
func NewLibrary(dir string) *Library {
	for _, l := range languages {
		left, _ := filepath.Glob(filepath.Join(dir, l, unfinished+"*"))
		for _, f := range left {
			os.Remove(f) // one that stays is tried again at the next start
		}
	}
	return &Library{dir: dir, cache: map[name][]byte{}}
}

// Source plays the prompts one after the other without a gap. A prompt that the language lacks is played in the other; one
// that is in neither is a short silence, and counted.
func (l *Library) Source(language string, ids ...string) telephony.Source {
	s := &sequence{}
	for _, id := range ids {
		if sound := l.sound(language, id); len(sound) > 0 {
			s.parts = append(s.parts, sound)
		}
	}
	return s
}

// Loop plays one prompt again and again: music.
func (l *Library) Loop(language, id string) telephony.Source {
	return &loop{sound: l.sound(language, id)}
}

// Duration is how long the prompts play.
func (l *Library) Duration(language string, ids ...string) time.Duration {
	n := 0
	for _, id := range ids {
		n += len(l.sound(language, id))
	}
	return length(n)
}

// Missing is how often a prompt was asked for that is in no language.
func (l *Library) Missing() uint64 { return l.missing.Load() }

// sound finds a prompt, in the other language if need be.
func (l *Library) sound(language, id string) []byte {
	other := "zh"
	if language != "en" {
		language, other = "zh", "en"
	}
	for _, n := range [2]name{{language, id}, {other, id}} {
		if sound := l.load(n); sound != nil {
			return sound
		}
	}
	l.missing.Add(1)
	return pause
}

// load reads a prompt from the cache, the uploads or the box's own, in this order; nil if it is in none.
func (l *Library) load(n name) []byte {
	l.mu.Lock()
	sound, cached := l.cache[n]
	change := l.change
	l.mu.Unlock()
	if cached || !telephony.ValidID(n.id) {
		return sound
	}
	sound = read(filepath.Join(l.dir, n.language), n)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.change == change {
		if l.octets += len(sound); l.octets > maxCache { // seldom: what plays goes on, the rest is read again
			clear(l.cache)
			l.octets = len(sound)
		}
		l.cache[n] = sound
	}
	return sound
}

func read(dir string, n name) []byte {
	if sound, err := os.ReadFile(filepath.Join(dir, n.id+".al")); err == nil {
		return sound[:min(len(sound), maxOctets)]
	}
	for _, folder := range [2]string{n.language, "any"} {
		if sound, err := builtin.ReadFile("prompts/" + folder + "/" + n.id + ".al"); err == nil {
			return sound
		}
	}
	return nil
}

// length is how long so many octets of A-law play.
func length(octets int) time.Duration {
	return time.Duration(octets) * time.Second / telephony.SampleRate
}

// A sequence is A-law that plays once.
type sequence struct{ parts [][]byte }

// Next fills the frame and reports whether there is more to come. It runs on the tick.
func (s *sequence) Next(f *telephony.Frame) (more bool) {
	rest := f[:]
	for len(rest) > 0 && len(s.parts) > 0 {
		n := min(len(rest), len(s.parts[0]))
		dsp.DecodeALaw(rest[:n], s.parts[0][:n])
		rest = rest[n:]
		if s.parts[0] = s.parts[0][n:]; len(s.parts[0]) == 0 {
			s.parts = s.parts[1:]
		}
	}
	clear(rest)
	return len(s.parts) > 0
}

// A loop is A-law that plays for ever.
type loop struct {
	sound []byte
	at    int
}

// Next fills the frame; there is always more to come. It runs on the tick.
func (l *loop) Next(f *telephony.Frame) (more bool) {
	for rest := f[:]; len(rest) > 0; {
		if l.at == len(l.sound) {
			l.at = 0
		}
		n := min(len(rest), len(l.sound)-l.at)
		dsp.DecodeALaw(rest[:n], l.sound[l.at:l.at+n])
		rest, l.at = rest[n:], l.at+n
	}
	return true
}

// WAV is a prompt as callers hear it, as an A-law WAV file; the page plays it.
func (l *Library) WAV(language, id string) ([]byte, error) {
	sound := l.load(name{language, id})
	if sound == nil {
		return nil, telephony.Errorf(telephony.NotFound, "没有提示音 %s", "there is no prompt %s", id)
	}
	header := wav.ALawHeader(1, uint32(len(sound)))
	return append(header[:], sound...), nil
}

// ALaw plays a sound that is in no library: a message that somebody left.
func ALaw(octets []byte) telephony.Source { return &sequence{parts: [][]byte{octets}} }
