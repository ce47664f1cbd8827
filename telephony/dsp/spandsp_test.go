package dsp

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// spanDSP compiles a far end of testdata/spandsp, which is linked to nothing of ours.
func spanDSP(t *testing.T, name string) (program string) {
	t.Helper()
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this compiles a far end with libspandsp: run it with CALLBOX_REAL=1 (Debian: gcc libspandsp-dev)")
	}
	program = filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("gcc", "-O2", "-o", program, "testdata/spandsp/"+name+".c", "-lspandsp", "-lm").CombinedOutput(); err != nil {
		t.Fatalf("the far end does not compile (Debian: gcc libspandsp-dev): %v\n%s", err, out)
	}
	return program
}

// spanDSPSends is what a far end sends.
func spanDSPSends(t *testing.T, program string, args ...string) sound {
	t.Helper()
	octets, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	s := make(sound, len(octets)/2)
	for i := range s {
		s[i] = float64(int16(binary.LittleEndian.Uint16(octets[2*i:])))
	}
	return s
}

// spanDSPHears is what a far end says of a sound.
func spanDSPHears(t *testing.T, program string, s sound, args ...string) string {
	t.Helper()
	var in bytes.Buffer
	for _, f := range s.frames() {
		if err := binary.Write(&in, binary.LittleEndian, f[:]); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, args...)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// What libspandsp sends of each form, we hear: whole, and in 15 dB of noise with the seizure cut to 80 bits. What we send,
// it hears.
func TestCallerIDWithSpanDSP(t *testing.T) {
	program := spanDSP(t, "far_callerid")
	whole := CallerID{Number: "13800138000", Name: "CHEN JIE", Date: "04051230"}
	multiple := []string{"128", "1=04051230", "2=13800138000", "7=CHEN JIE"}
	single := []string{"4", "0=0405123013800138000"}
	for _, c := range []struct {
		form     CallerIDForm
		standard string
		message  []string
		cut      int // bits of spandsp's 300 of seizure
	}{
		{FormMDMF, "class", multiple, 220},
		{FormSDMF, "class", single, 220},
		{FormMDMFV23, "clip", multiple, 220},
		{FormShort, "clip", multiple, 220},
		{FormSDMFV23, "aclip", single, 220},
		{FormDTMF, "dtmf", []string{"67", "68=13800138000"}, 0},
		{FormDTMFHash, "dtmf", []string{"35", "65=13800138000"}, 0},
		{FormCallWaiting, "class", append([]string{"128", "alert"}, multiple[1:]...), 0},
	} {
		t.Run(c.form.String(), func(t *testing.T) {
			want := []CallerID{formats[c.form].tells(whole)}
			sent := spanDSPSends(t, program, append([]string{"make", c.standard}, c.message...)...)
			if n := alerts(sent); (n == 1) != (c.form == FormCallWaiting) {
				t.Errorf("from spandsp: %d alerts", n)
			}
			if d := cmp.Diff(want, identified(sent.then(silence(40*ms)))); d != "" {
				t.Error("from spandsp:", d)
			}
			if d := cmp.Diff(want, identified(sent[int(float64(c.cut)*fskBit):].noise(sent.level()-15, 1))); d != "" {
				t.Error("from spandsp, cut and in noise:", d)
			}
			ours := silence(100*ms).then(play(EncodeCallerID(whole, c.form), time.Minute), silence(200*ms))
			said := strings.NewReplacer("=", " ", "alert\n", "").Replace("message " + strings.Join(c.message, "\n") + "\n")
			if d := cmp.Diff(said, spanDSPHears(t, program, ours, "hear", c.standard)); d != "" {
				t.Error("to spandsp:", d)
			}
		})
	}
}
