package dsp

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// identified returns what a receiver finds in a sound.
func identified(s sound) (all []CallerID) {
	r := NewCallerIDReceiver()
	for _, f := range s.frames() {
		if id, ok := r.Frame(&f); ok {
			all = append(all, id)
		}
	}
	return all
}

// withSum returns a message with its checksum.
func withSum(message string) []byte {
	sum := byte(0)
	for i := range len(message) {
		sum += message[i]
	}
	return append([]byte(message), -sum)
}

func TestDecodeCallerID(t *testing.T) {
	for _, c := range []struct {
		name, message string
		want          CallerID
		bad           bool
	}{
		{"YD/T 1277.1 SDMF", "\x04\x1304051230" + "02162345678", CallerID{Date: "04051230", Number: "02162345678"}, false},
		{"YD/T 1277.1 SDMF private", "\x04\x0904051230P", CallerID{Date: "04051230", Withheld: true}, false},
		{"YD/T 1277.1 SDMF out of area", "\x04\x0904051230O", CallerID{Date: "04051230", Absent: true}, false},
		{"YD/T 1277.1 MDMF", "\x80\x12\x01\x0804051230\x02\x061380*#", CallerID{Date: "04051230", Number: "1380*#"}, false},
		{"YD/T 1277.1 MDMF private", "\x80\x03\x04\x01P", CallerID{Withheld: true}, false},
		{"YD/T 1277.1 MDMF out of area", "\x80\x03\x04\x01O", CallerID{Absent: true}, false},
		{"P in place of the number", "\x80\x03\x02\x01P", CallerID{Withheld: true}, false},
		{"a number beside P stays private", "\x80\x08\x04\x01P\x02\x03110", CallerID{Withheld: true}, false},
		{"P after a number makes it private", "\x80\x08\x02\x03110\x04\x01P", CallerID{Withheld: true}, false},
		{"GB 2312 name", "\x80\x0b\x02\x03110\x07\x04\xb9\xab\xb0\xb2", CallerID{Number: "110", Name: "公安"}, false},
		{"name cut in a character", "\x80\x0a\x02\x03110\x07\x03\xb9\xab\xb0", CallerID{Number: "110", Name: "公"}, false},
		{"control characters in a name", "\x80\x0b\x02\x03110\x07\x04A\x00\x1bB", CallerID{Number: "110", Name: "AB"}, false},
		{"asterisk 1839: octets above 127 everywhere", "\x80\x05\xff\x03\xff\xff\xff", CallerID{Absent: true}, false},
		{"unknown parameters are passed over", "\x80\x07\x0b\x00\x02\x03110", CallerID{Number: "110"}, false},
		{"a number in international format", "\x80\x06\x02\x04+861", CallerID{Number: "+861"}, false},
		{"a plus within a number", "\x80\x06\x02\x0486+1", CallerID{}, true},
		{"absence for another reason: C, a coin telephone", "\x80\x03\x04\x01C", CallerID{Absent: true}, false},
		{"EN 300 659-3 name in ISO 8859-1", "\x80\x0d\x02\x03110\x07\x06M\xfcller", CallerID{Number: "110", Name: "Müller"}, false},
		{"EN 300 659-3 call type and called number are passed over", "\x80\x0c\x11\x01\x01\x02\x03110\x03\x02\x31\x32", CallerID{Number: "110"}, false},
		{"GBK name beyond GB 2312", "\x80\x0d\x02\x03110\x07\x06\xd6\xec\xe9\x46\xbb\xf9", CallerID{Number: "110", Name: "朱镕基"}, false},
		{"an empty message", "\x80\x00", CallerID{Absent: true}, false},
		{"a parameter longer than the message", "\x80\x05\x02\x09110", CallerID{}, true},
		{"a parameter without a length", "\x80\x01\x02", CallerID{}, true},
		{"a number of 33 digits", "\x80\x23\x02\x21" + strings.Repeat("1", 33), CallerID{}, true},
		{"a number with markup", "\x80\x05\x02\x03<b>", CallerID{}, true},
		{"a date with letters", "\x80\x0a\x01\x08040512xx", CallerID{}, true},
		{"SDMF too short for a date", "\x04\x040405", CallerID{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := withSum(c.message)
			message[1] = byte(len(message) - 3)
			message = withSum(string(message[:len(message)-1]))
			got, ok := decodeCallerID(message)
			if ok == c.bad {
				t.Fatalf("accepted: %v", ok)
			}
			if d := cmp.Diff(c.want, got); ok && d != "" {
				t.Error(d)
			}
			message[len(message)-1]++
			if _, ok := decodeCallerID(message); ok {
				t.Error("a wrong checksum was accepted")
			}
		})
	}
}

var callers = []CallerID{
	{Number: "02162345678", Date: "04051230"},
	{Number: "13800138000", Name: "上海公司", Date: "12312359"},
	{Withheld: true, Date: "01010000"},
	{Absent: true, Date: "01010000"},
	{Number: strings.Repeat("1234567890", 4)[:32], Name: strings.Repeat("电", 25)},
}

// Whatever is sent arrives, through both ends of the modem.
func TestCallerIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := CallerID{
			Number: rapid.StringMatching(`[0-9]{1,32}`).Draw(t, "number"),
			Name:   rapid.StringMatching(`([A-Za-z]王[\x{4e00}-\x{9f00}]{0,8}|[A-Z][a-zé]{0,9})?`).Draw(t, "name"),
			Date:   rapid.StringMatching(`([0-9]{8})?`).Draw(t, "date"),
		}
		s := make(sound, rapid.IntRange(0, 500).Draw(t, "lead")).then(play(EncodeCallerID(id, FormMDMF), time.Minute), silence(40*ms))
		if d := cmp.Diff([]CallerID{id}, identified(s)); d != "" {
			t.Fatal(d)
		}
	})
}

// A damaged bit is never told as a number.
func TestCallerIDDamaged(t *testing.T) {
	r, sender := rand.New(rand.NewPCG(1, 1)), &formats[FormMDMF]
	message := encodeCallerID(callers[0], messageMultiple)
	for range 100 {
		bits := sender.bits(message)
		bits[sender.seizure+sender.marks+r.IntN(10*len(message))] ^= 1
		for _, id := range identified(play(&fskSender{modem: bell202, bits: bits}, time.Minute).then(silence(40 * ms))) {
			t.Fatalf("told %+v", id)
		}
	}
}

func TestCallerIDNotInSpeech(t *testing.T) {
	for seed := range uint64(2) {
		if got := identified(speech(seed, time.Minute).then(music(seed, time.Minute))); got != nil {
			t.Errorf("found %+v", got)
		}
	}
}

// checkBounds asks of an identity what holds of each, whoever sent it.
func checkBounds(t *testing.T, id CallerID) {
	if len(id.Number) > maxNumber || len(id.Name) > 2*maxName || !utf8.ValidString(id.Name) ||
		id.Number != "" && (id.Withheld || id.Absent) || id.Withheld && id.Absent {
		t.Errorf("told %+v", id)
	}
	clean := telephony.CleanCaller(telephony.Caller{Number: id.Number, Name: id.Name})
	if clean.Number != id.Number || clean.Name != id.Name {
		t.Errorf("%+v is not clean: %+v", id, clean)
	}
}

func FuzzCallerIDMessage(f *testing.F) {
	for _, id := range callers {
		f.Add(encodeCallerID(id, messageMultiple))
		f.Add(encodeCallerID(id, messageSingle))
	}
	f.Add(withSum("\x80\x02\x07\xff"))
	f.Fuzz(func(t *testing.T, message []byte) {
		if len(message) > 258 {
			return
		}
		if len(message) > 2 { // let most of them past the checksum
			message = bytes.Clone(message)
			message[1] = byte(len(message) - 3)
			message = withSum(string(message[:len(message)-1]))
		}
		id, ok := decodeCallerID(message)
		if !ok {
			return
		}
		checkBounds(t, id)
		if again, ok := decodeCallerID(encodeCallerID(id, messageMultiple)); !ok || again.Number != id.Number {
			t.Errorf("%+v comes back as %+v", id, again)
		}
	})
}

// FuzzCallerIDAudio plays any octets as A-law: an identity found in them is bounded, whatever they are.
func FuzzCallerIDAudio(f *testing.F) {
	for _, form := range []CallerIDForm{FormShort, FormCallWaiting, FormDTMF, FormDTMFHash} { // the short ones
		f.Add(aLawOf(play(EncodeCallerID(CallerID{Number: "110"}, form), time.Second)))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, id := range identified(fromALaw(octets)) {
			checkBounds(t, id)
		}
	})
}

func BenchmarkCallerIDReceiver(b *testing.B) {
	for name, s := range map[string]sound{"fsk": play(EncodeCallerID(callers[1], FormMDMF), 500*ms), "silence": silence(time.Second)} {
		b.Run(name, func(b *testing.B) {
			frames, r := s.frames(), NewCallerIDReceiver()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Frame(&frames[i%len(frames)])
			}
		})
	}
}
