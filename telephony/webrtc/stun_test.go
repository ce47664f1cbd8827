package webrtc

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
)

// The vectors of RFC 5769 2.1 and 2.2.
const (
	vectorPassword = "VOkJxbRl1RmTxUk/WvJxBt"
	vectorRequest  = "\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae" +
		"\x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36" +
		"\x00\x06\x00\x09evtj:h6vY   " +
		"\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2" +
		"\x80\x28\x00\x04\xe5\x7a\x3b\xcf"
	vectorAnswer = "\x01\x01\x00\x3c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae" +
		"\x80\x22\x00\x0b\x74\x65\x73\x74\x20\x76\x65\x63\x74\x6f\x72\x20\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43" +
		"\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7" +
		"\x80\x28\x00\x04\xc0\x7d\x4c\x96"
)

func TestVectors(t *testing.T) {
	c, ok := readCheck([]byte(vectorRequest))
	if !ok || c.user != "evtj" || c.nominates || !c.by(vectorPassword) || c.by(vectorPassword+"x") {
		t.Errorf("RFC 5769 2.1: %v %+v", ok, c)
	}
	body := slices.Clone([]byte(vectorAnswer[:len(vectorAnswer)-integritySize-fingerprintSize]))
	if got := seal(body, vectorPassword); string(got) != vectorAnswer {
		t.Errorf("RFC 5769 2.2: %x", got)
	}
}

func TestAnswers(t *testing.T) {
	c, _ := readCheck([]byte(vectorRequest))
	for address, want := range map[string]string{ // the attributes of RFC 5769 2.2 and 2.3
		"192.0.2.1:32853": "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43",
		"[2001:db8:1234:5678:11:2233:4455:6677]:32853": "\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9",
	} {
		got := c.answer(netip.MustParseAddrPort(address), vectorPassword)
		if size := int(binary.BigEndian.Uint16(got[2:])); size != len(got)-stunHeader {
			t.Errorf("%s: a length of %d in %d octets", address, size, len(got))
		}
		if !bytes.Equal(got[8:stunHeader], []byte(vectorRequest)[8:stunHeader]) || !bytes.HasPrefix(got[stunHeader:], []byte(want)) {
			t.Errorf("%s: %x", address, got)
		}
	}
}

// request is a check with attributes of a test's own before its end.
func request(user, password string, attributes ...[]byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, stunRequest)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint32(b, stunCookie)
	b = append(b, "transaction."...)
	b = append(b, attribute(attrUsername, user)...)
	return seal(append(b, bytes.Join(attributes, nil)...), password)
}

func attribute(kind uint16, value string) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(append(b, value...), make([]byte, -len(value)&3)...)
}

func TestChecks(t *testing.T) {
	good := request("ours:theirs", "secret", attribute(attrUseCandidate, ""))
	change := func(at int, to byte) []byte {
		b := slices.Clone(good)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"RFC 8489 5: shorter than a header":             good[:19],
		"RFC 8489 5: cut":                               good[:len(good)-4],
		"RFC 8489 5: longer than it says":               append(slices.Clone(good), 0, 0, 0, 0),
		"RFC 8489 5: another cookie":                    change(4, 0),
		"RFC 8445 7.2.2: no request":                    change(0, 1),
		"RFC 8489 14: an attribute that does not fit":   change(23, 200),
		"RFC 8489 14.7: another fingerprint":            change(len(good)-1, ^good[len(good)-1]),
		"RFC 8489 6.3.1: an attribute to be understood": request("ours:theirs", "secret", attribute(0x7fff, "?")),
	} {
		if c, ok := readCheck(b); ok {
			t.Errorf("%s: %+v", name, c)
		}
	}
	c, ok := readCheck(good)
	if !ok || !c.nominates || c.user != "ours" || !c.by("secret") {
		t.Errorf("a check that nominates: %v %+v", ok, c)
	}
	unsigned := seal(slices.Clone(good[:len(good)-fingerprintSize]), "nobody")
	if c, ok := readCheck(unsigned); ok && !c.by("secret") {
		t.Error("RFC 8489 14.5: what follows MESSAGE-INTEGRITY counts")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(vectorRequest))
	f.Add([]byte(vectorAnswer))
	f.Add(request("ours:theirs", "secret", attribute(attrUseCandidate, "")))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		if c, ok := readCheck(b); ok {
			c.by("secret")
			c.answer(netip.MustParseAddrPort("192.0.2.1:9"), "secret")
		}
		if !bytes.Equal(b, before) {
			t.Error("the datagram was changed")
		}
	})
}
