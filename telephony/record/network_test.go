package record

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/media"
	"callbox/telephony/rtp"
	"callbox/telephony/wav"
)

// A badNetwork loses one in twenty of the packets that are sent, and delays each by up to 60 ms, so that they overtake
// each other.
type badNetwork struct {
	rtp.Conn
	rng *rand.Rand
}

func (n *badNetwork) WriteTo(b []byte, to netip.AddrPort) error {
	if n.rng.IntN(20) == 0 {
		return nil
	}
	b = append([]byte(nil), b...)
	time.AfterFunc(time.Duration(n.rng.Int64N(int64(60*time.Millisecond))), func() { _ = n.Conn.WriteTo(b, to) })
	return nil
}

// A fastClock is 200 ppm fast.
type fastClock struct{}

func (fastClock) Ticks(period time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(period - period/5000)
	return t.C, t.Stop
}

// words are half a second of 400 Hz in every second, so that each word has its place.
type words struct{ n int }

func (w *words) Next(f *telephony.Frame) (more bool) {
	clear(f[:])
	if w.n++; w.n%50 < 25 {
		for i := range f {
			f[i] = int16(8000 * math.Sin(2*math.Pi*float64(i)/20))
		}
	}
	return true
}

// TestACallOverABadNetworkIsRecordedWhole: ten minutes over a network that loses, delays and swaps packets, with a far end
// whose clock is fast (issue 5). Speech stays good to hear, the recording is as long as the talk, and in it is every word in
// its place.
func TestACallOverABadNetworkIsRecordedWhole(t *testing.T) {
	const talk = 10 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		rec, d, dir := newRecorder(t)
		run(t, rec)
		here, there := rtp.Pipe()
		ours, theirs := rtp.NewSession(here), rtp.NewSession(&badNetwork{there, rand.New(rand.NewPCG(1, 2))})
		t.Cleanup(ours.Close)
		t.Cleanup(theirs.Close)
		ours.Configure(rtp.Params{Remote: there.LocalAddr(), Codec: rtp.PCMA})
		theirs.Configure(rtp.Params{Remote: here.LocalAddr(), Codec: rtp.PCMA})
		far := media.NewMatrix(fastClock{}, 1)
		go far.Run(t.Context())
		far.Open().Attach(theirs).Play(&words{})
		caller := newMatrix(t).Open().Attach(ours)
		time.Sleep(5*time.Second + telephony.Tick/4)
		r := start(t, rec)
		caller.Listen(r)
		time.Sleep(talk)
		r.Stop()
		synctest.Wait()
		fact := told[telephony.Recorded](d)[0]
		if off := (talk - fact.Length).Abs(); off > telephony.Tick || fact.Gap != 0 {
			t.Errorf("recorded %v, %v of it a gap", fact.Length, fact.Gap)
		}
		if q := ours.Quality(); q.MOS < 3.8 || q.Loss < 0.04 || q.Loss > 0.07 {
			t.Errorf("%+v", q)
		}
		checkWords(t, loudFrames(t, dir, fact.File), int(talk/time.Second))
	})
}

// loudFrames tells which frames of the left channel hold sound.
func loudFrames(t *testing.T, dir, file string) (loud []bool) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ch, _, err := wav.DecodeChannels(f)
	if err != nil {
		t.Fatal(err)
	}
	for frame := range slices.Chunk(ch[0], telephony.FrameSamples) {
		power := 0
		for _, v := range frame {
			power += int(v) * int(v)
		}
		loud = append(loud, power > 1000*1000*len(frame))
	}
	return loud
}

// checkWords looks for so many words of half a second, each a second after the one before.
func checkWords(t *testing.T, loud []bool, words int) {
	t.Helper()
	const slack = 4 // frames: a word begins late if its first packet is lost, and ends late if it is concealed
	found, began, last := 0, -1, -1
	for i, on := range loud {
		switch {
		case on && last < 0 || on && i-last > 10:
			if apart := i - began; found > 1 && (apart < 50-slack || apart > 50+slack) {
				t.Errorf("word %d begins %v after the one before", found, time.Duration(apart)*telephony.Tick)
			}
			if long := last - began + 1; found > 1 && (long < 25-slack || long > 25+slack) {
				t.Errorf("word %d is %v long", found-1, time.Duration(long)*telephony.Tick)
			}
			found, began, last = found+1, i, i
		case on:
			last = i
		}
	}
	if found < words || found > words+1 {
		t.Errorf("%d words, want %d", found, words)
	}
}
