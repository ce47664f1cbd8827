package main

import (
	"bytes"
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTheBoxMakesItsCertificate: at the first start, and keeps it; one that is damaged is made anew.
func TestTheBoxMakesItsCertificate(t *testing.T) {
	dir := t.TempDir()
	first := certificateIn(t, dir)
	if info, err := os.Stat(filepath.Join(dir, "tls.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
	if !bytes.Equal(certificateIn(t, dir).Certificate[0], first.Certificate[0]) {
		t.Error("another certificate at the next start")
	}
	for _, name := range []string{"localhost", "127.0.0.1", "callbox.local"} {
		if err := first.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if left := time.Until(first.Leaf.NotAfter); left < 9*365*24*time.Hour {
		t.Errorf("valid for %v", left)
	}
	if bytes.Equal(certificateIn(t, t.TempDir()).Certificate[0], first.Certificate[0]) {
		t.Error("two boxes have one certificate")
	}
	if err := os.WriteFile(filepath.Join(dir, "tls.crt"), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(certificateIn(t, dir).Certificate[0], first.Certificate[0]) {
		t.Error("a damaged certificate came back")
	}
}

func certificateIn(t *testing.T, dir string) tls.Certificate {
	t.Helper()
	c, err := certificate(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
