package sip

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

const (
	key80  = "AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
	key256 = "AEAD_AES_256_GCM inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func TestCryptoLines(t *testing.T) {
	for _, row := range []struct {
		clause, value string
		ok            bool
	}{
		{"RFC 4568 9.1", "1 " + key80 + "|2^20", true},
		{"RFC 4568 6.1: no lifetime", "1 " + key80, true},
		{"RFC 7714 14.2: the base64 with its end", "2 " + key256 + "=", true},
		{"RFC 7714 14.2: and without", "2 " + key256, true},
		{"RFC 4568 6.1: an identifier in each packet", "1 " + key80 + "|2^20|1:4", false},
		{"RFC 4568 6.1: several keys", "1 " + key80 + "|2^20|1:4;inline:QUJjZGVmMTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5|2^20|2:4", false},
		{"RFC 4568 6.3: a parameter that changes the transform", "1 " + key80 + " UNENCRYPTED_SRTP", false},
		{"RFC 4568 6.3.7: one that may be left alone", "1 " + key80 + " -unknown WSH=64", true},
		{"RFC 4568 9.1: a tag is a number", "x " + key80, false},
		{"RFC 4568 9.1: of nine digits", "1234567890 " + key80, false},
		{"RFC 4568 6.2: a suite that is not known", "1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", false},
		{"RFC 4568 6.1: too short a key", "1 AES_CM_128_HMAC_SHA1_80 inline:WVNf", false},
		{"RFC 4568 6.1: no key", "1 AES_CM_128_HMAC_SHA1_80", false},
		{"RFC 4568 6.1: another method", "1 AES_CM_128_HMAC_SHA1_80 uri:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", false},
		{"RFC 4568 6.1: no base64", "1 AES_CM_128_HMAC_SHA1_80 inline:????????????????????????????????????????", false},
	} {
		if k, ok := parseKey(row.value); ok != row.ok || ok && len(k.secret) != rtp.KeySize(k.suite) {
			t.Errorf("%s: %+v %t", row.clause, k, ok)
		}
	}
}

// offered is a description with a stream of each kind: "RTP/SAVP 1 KEY".
func offered(streams ...string) []byte {
	body := "v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\n"
	for i, s := range streams {
		proto, crypto, sealed := strings.Cut(s, " ")
		body += fmt.Sprintf("m=audio %d %s 8\r\n", 30000+2*i, proto)
		if sealed {
			body += "a=crypto:" + crypto + "\r\n"
		}
	}
	return []byte(body)
}

func TestWhichStreamIsTaken(t *testing.T) {
	const plain, sealed, both = "RTP/AVP", "RTP/SAVP 1 " + key80, "RTP/AVP 1 " + key80
	off, ifOffered, required := telephony.Encryption(""), telephony.EncryptionOffered, telephony.EncryptionRequired
	for _, row := range []struct {
		name    string
		want    telephony.Encryption
		network string
		streams []string
		audio   int
		keyed   bool
		err     error
	}{
		{"off: in the clear", off, "TLS", []string{plain}, 0, false, nil},
		{"off: keys beside it are left alone", off, "TLS", []string{both}, 0, false, nil},
		{"off: no encrypted stream", off, "TLS", []string{sealed}, 0, false, errNoAudio},
		{"off: the stream in the clear of two", off, "TLS", []string{sealed, plain}, 1, false, nil},
		{"when offered: encrypted", ifOffered, "TLS", []string{sealed}, 0, true, nil},
		{"when offered: by keys beside RTP/AVP", ifOffered, "TLS", []string{both}, 0, true, nil},
		{"when offered: in the clear", ifOffered, "TLS", []string{plain}, 0, false, nil},
		{"when offered: no key crosses a network in the clear", ifOffered, "UDP", []string{sealed}, 0, false, errNoAudio},
		{"when offered: nor beside RTP/AVP", ifOffered, "TCP", []string{both}, 0, false, nil},
		{"when offered: encrypted without a key is nothing", ifOffered, "TLS", []string{"RTP/SAVP"}, 0, false, errNoAudio},
		{"required: encrypted", required, "TLS", []string{plain, sealed}, 1, true, nil},
		{"required: by keys beside RTP/AVP", required, "TLS", []string{both}, 0, true, nil},
		{"required: nothing in the clear", required, "TLS", []string{plain}, 0, false, errNoKeys},
		{"required: nor by a key that all can read", required, "UDP", []string{sealed}, 0, false, errUnsafe},
	} {
		t.Run(row.name, func(t *testing.T) {
			d, err := readSDP(offered(row.streams...), coverOf(row.want, row.network))
			if err != row.err {
				t.Fatal(err)
			}
			if err == nil && (d.audio != row.audio || (d.key.suite != "") != row.keyed) {
				t.Errorf("stream %d with key %q", d.audio, d.key.suite)
			}
		})
	}
}

// sealedPair are the two ends of a call that has to be encrypted.
func sealedPair() (caller, called *media) {
	caller, called = newMedia(silentConn{}, boxHost, bothLaws, dtmfAuto), newMedia(silentConn{}, boxHost, bothLaws, dtmfAuto)
	for _, m := range []*media{caller, called} {
		m.seal.want, m.seal.network = telephony.EncryptionRequired, networkTLS
	}
	return caller, called
}

// exchange has one end offer and the other answer.
func exchange(t *testing.T, offers, answers *media) (offer, answer string) {
	t.Helper()
	o := offers.offer()
	a, err := answers.answer(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := offers.accept(a); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*media{offers, answers} {
		far := map[*media]*media{offers: answers, answers: offers}[m]
		if suite := m.seal.theirs.suite; !bytes.Equal(m.seal.theirs.secret, far.seal.own(suite).secret) || m.seal.srtp == nil {
			t.Errorf("the two ends have different keys of %s", suite)
		}
	}
	return string(o), string(a)
}

func TestKeysOfferedAndAnswered(t *testing.T) { // RFC 4568 5.1, RFC 7714 14.2
	caller, called := sealedPair()
	offer, answer := exchange(t, caller, called)
	if got := regexp.MustCompile(`a=crypto:(\d \w+)`).FindAllString(offer, -1); len(got) != 3 || got[0] != "a=crypto:1 AEAD_AES_256_GCM" || got[2] != "a=crypto:3 AES_CM_128_HMAC_SHA1_80" {
		t.Errorf("offered are %q", got)
	}
	if strings.Count(answer, "a=crypto:") != 1 || !strings.Contains(answer, "a=crypto:1 AEAD_AES_256_GCM ") || !strings.Contains(answer, " RTP/SAVP ") {
		t.Errorf("the answer:\n%s", answer)
	}
	d, _ := readSDP(offered("RTP/AVP 7 "+key80), coverEither)
	if a, err := called.answer(offered("RTP/AVP 7 " + key80)); err != nil || !strings.Contains(string(a), "a=crypto:7 AES_CM") || !strings.Contains(string(a), " RTP/AVP ") {
		t.Errorf("a key beside RTP/AVP is answered by %v:\n%s", err, a)
	}
	if !bytes.Equal(called.seal.theirs.secret, d.key.secret) {
		t.Error("the key is not in force")
	}
}

func TestAnAnswerMustFitTheKeysOffered(t *testing.T) { // RFC 4568 5.1.3
	for name, answer := range map[string][]byte{
		"in the clear":           offered("RTP/AVP"),
		"another tag":            offered("RTP/SAVP 1 " + key80),
		"a suite of no offer":    offered("RTP/SAVP 4 " + strings.Replace(key80, "_80", "_32", 1)),
		"a key that is too long": offered("RTP/SAVP 3 " + key80 + "AAAA"),
	} {
		caller, _ := sealedPair()
		caller.offer()
		if err := caller.accept(answer); err == nil || caller.far != nil {
			t.Errorf("%s was taken", name)
		}
	}
	caller, _ := sealedPair()
	caller.offer()
	if err := caller.accept(offered("RTP/SAVP 3 " + key80)); err != nil {
		t.Error(err)
	}
	plain := newMedia(silentConn{}, boxHost, bothLaws, dtmfAuto)
	plain.offer()
	if err := plain.accept(offered("RTP/SAVP 1 " + key80)); err == nil {
		t.Error("an encrypted answer to an offer in the clear was taken")
	}
}

func TestKeysThroughTheSession(t *testing.T) { // RFC 3711 9.1: no packet's number twice under one key
	caller, called := sealedPair()
	first, _ := exchange(t, caller, called)
	srtp := caller.seal.srtp
	again, _ := exchange(t, caller, called)
	if caller.seal.srtp != srtp || again == first || strings.Count(again, "a=crypto:") != 1 {
		t.Errorf("a refresh offers\n%s", again)
	}
	if _, err := caller.answer(offered("RTP/SAVP 5 " + key256)); err != nil || caller.seal.srtp == srtp {
		t.Errorf("new keys of the far end are not taken: %v", err)
	}
	ours := caller.seal.own(rtp.Suites[0])
	if _, err := caller.answer(offered("RTP/SAVP 5 " + key80)); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(caller.seal.own(rtp.Suites[0]).secret, ours.secret) {
		t.Error("a key of a session that is over is used again")
	}
}

func TestNoKeyIsTraced(t *testing.T) {
	caller, _ := sealedPair()
	body := caller.offer()
	got := string(masked(append([]byte("INVITE sip:801@10.0.0.3 SIP/2.0\r\n\r\n"), body...)))
	for _, k := range caller.seal.ours {
		if strings.Contains(got, strings.SplitN(k.line(), "inline:", 2)[1]) {
			t.Errorf("a key is traced:\n%s", got)
		}
	}
	if strings.Count(got, "inline:***\r\n") != 3 {
		t.Errorf("traced is\n%s", got)
	}
}
