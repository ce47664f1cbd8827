package storage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"callbox/telephony"
)

const goodPassphrase = "四只绿色的纸风筝 over the river"

// sealedBackup is the backup of a store, sealed.
func sealedBackup(t *testing.T, s *Store) []byte {
	t.Helper()
	seal, err := s.Seal(t.Context(), goodPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := seal(&b)
	if err := errors.Join(s.Backup(t.Context(), w), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func restoreSealed(ctx context.Context, s *Store, file []byte, passphrase string) error {
	plain, err := s.Unsealed(ctx, bytes.NewReader(file), passphrase)
	if err == nil {
		_, err = s.Restore(ctx, plain, AnyBox, tester)
	}
	return err
}

// A16.5: a backup with a passphrase opens with it on another box, and tells nobody else anything.
func TestSealedBackup(t *testing.T) {
	s, plain := backedUp(t, t.TempDir())
	file := sealedBackup(t, s)
	if bytes.Contains(file, []byte(manifestName)) || unzipped(file) != nil || len(file) > len(plain)+sealedHead+2*sealedTag {
		t.Error("it is not sealed")
	}
	blank := openStore(t, t.TempDir(), Options{})
	for _, c := range []struct {
		name, passphrase, says string
		file                   []byte
	}{
		{"no passphrase", "", "is encrypted", file},
		{"a wrong one", goodPassphrase + ".", "does not open", file},
		{"a long one", strings.Repeat(goodPassphrase, 1000), "does not open", file},
		{"a later form", goodPassphrase, "Update this box first", append([]byte(sealedMagic+"\x02"), file[len(sealedMagic)+1:]...)},
		{"no form", goodPassphrase, "damaged", append([]byte(sealedMagic+"\x00"), file[len(sealedMagic)+1:]...)},
		{"another salt", goodPassphrase, "does not open", flipped(file, sealedHead-1)},
		{"a damaged end", goodPassphrase, "does not open", flipped(file, len(file)-1)}, // it is of one chunk
		{"half a head", goodPassphrase, "damaged", file[:sealedHead-1]},
		{"a head alone", goodPassphrase, "does not open", file[:sealedHead]},
		{"no archive in it", goodPassphrase, "it is no backup", sealedText(t, s, "a letter")},
		{"nothing in it", goodPassphrase, "it is no backup", sealedText(t, s, "")},
	} {
		err := restoreSealed(t.Context(), blank, c.file, c.passphrase)
		var e *telephony.Error
		if !errors.As(err, &e) || e.Code != telephony.Invalid || !strings.Contains(e.Message.EN, c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
		if exists(filepath.Join(blank.dir, readyDir)) || exists(filepath.Join(blank.dir, stagingDir)) {
			t.Errorf("%s: something was left", c.name)
		}
	}
	if err := restoreSealed(t.Context(), blank, file, goodPassphrase); err != nil {
		t.Fatal(err)
	}
	if blank = restart(t, blank); blank.Config().Site.Name != "before" {
		t.Errorf("site %q", blank.Config().Site.Name)
	}
}

func flipped(file []byte, at int) []byte {
	file = bytes.Clone(file)
	file[at] ^= 1
	return file
}

func sealedText(t *testing.T, s *Store, text string) []byte {
	t.Helper()
	seal, err := s.Seal(t.Context(), goodPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := seal(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is guessed soon seals nothing; a backup that is not sealed needs no passphrase, and takes any.
func TestPassphrases(t *testing.T) {
	s, plain := backedUp(t, t.TempDir())
	for _, text := range []string{"", "short", "1234567890", "passwordpassword", strings.Repeat("x", maxPassword+1)} {
		_, err := s.Seal(t.Context(), text)
		var e *telephony.Error
		if !errors.As(err, &e) || len(e.Problems) != 1 || e.Problems[0].Path != "passphrase" {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	for _, text := range []string{"", goodPassphrase} {
		if err := restoreSealed(t.Context(), s, plain, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// fixedSealing seals with a key that is known, for what is about chunks: stretching a passphrase takes a while.
func fixedSealing(plain []byte, reader func(io.Reader) io.Reader) (sealed []byte, unsealed func([]byte) ([]byte, error)) {
	aead, head := sealing(make([]byte, argonKey)), append([]byte(sealedMagic+"\x01"), make([]byte, sealedSalt)...)
	var b bytes.Buffer
	w := newSealer(&b, aead, head)
	io.Copy(w, reader(bytes.NewReader(plain)))
	w.Close()
	return b.Bytes(), func(file []byte) ([]byte, error) {
		from := bufio.NewReader(reader(bytes.NewReader(file)))
		head, err := readSealedHead(from)
		if head == nil || err != nil {
			return nil, errors.Join(errors.New("no sealed file"), err)
		}
		return io.ReadAll(&unsealer{from: from, aead: aead, head: head})
	}
}

// Whatever is cut, flipped, moved, doubled or added: what is read before the refusal is a beginning of what was sealed.
func TestSealedChunks(t *testing.T) {
	whole := bytes.Repeat([]byte("callbox "), 3*sealedChunk/8)
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.SampledFrom([]int{0, 1, sealedChunk - 1, sealedChunk, sealedChunk + 1, 2 * sealedChunk, len(whole)}).Draw(t, "length")
		plain := whole[:length]
		file, unsealed := fixedSealing(plain, rapid.SampledFrom([]func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader,
		}).Draw(t, "reader"))
		if got, err := unsealed(file); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d octets: %d came back, %v", length, len(got), err)
		}
		bad, sealedSize := bytes.Clone(file), sealedChunk+sealedTag
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			bad = bad[:rapid.IntRange(0, len(bad)-1).Draw(t, "cut at")]
		case 1:
			bad = bad[:sealedHead+(len(bad)-sealedHead-1)/sealedSize*sealedSize] // between two chunks
		case 2:
			bad[rapid.IntRange(0, len(bad)-1).Draw(t, "flip at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case 3:
			bad = append(bad, bad[sealedHead:]...)
		case 4:
			bad = append(bad, 0)
		}
		got, err := unsealed(bad)
		if err == nil || !bytes.HasPrefix(plain, got) {
			t.Fatalf("%d octets, %v", len(got), err)
		}
	})
}

// The form is fixed: what version 1 made opens for ever. Python's cryptography (OpenSSL) opens these octets too.
func TestSealedForm(t *testing.T) {
	file, unsealed := fixedSealing([]byte("callbox"), func(r io.Reader) io.Reader { return r })
	const want = "63616c6c626f78207365616c6564000100000000000000000000000000000000" + // the head
		"4aa0484e96191fa5fe4b7c8be7235fecbbc16ee33dbe93"
	if got := hex.EncodeToString(file); got != want {
		t.Errorf("it is %s", got)
	}
	if got, err := unsealed(file); string(got) != "callbox" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzUnseal(f *testing.F) {
	file, unsealed := fixedSealing([]byte("callbox"), func(r io.Reader) io.Reader { return r })
	f.Add(file)
	f.Add(file[:sealedHead])
	f.Add([]byte(sealedMagic))
	f.Fuzz(func(t *testing.T, bad []byte) {
		if got, err := unsealed(bad); err == nil && string(got) != "callbox" {
			t.Errorf("%q is taken for genuine", got)
		}
	})
}
