package webrtc

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"strings"
)

// What of STUN (RFC 8489) a lite agent of ICE has to know. It is written by hand: pion/stun brings a client with its own
// sockets and name look-ups for the sake of one request and one answer.
const (
	stunHeader  = 20 // octets (RFC 8489 5)
	stunCookie  = 0x2112A442
	stunRequest = 0x0001 // a Binding request
	stunSuccess = 0x0101 // and its answer

	attrUsername     = 0x0006
	attrIntegrity    = 0x0008
	attrXORMapped    = 0x0020
	attrUseCandidate = 0x0025 // RFC 8445 16.1
	attrFingerprint  = 0x8028

	integritySize   = 24 // attributes with their headers
	fingerprintSize = 8
	fingerprintXOR  = 0x5354554e // RFC 8489 14.7
)

// A check is a connectivity check of ICE (RFC 8445 7.2.2): a Binding request. It points into the datagram.
type check struct {
	transaction []byte // 12 octets
	user        string // whom it is for: ours of "ours:theirs"
	nominates   bool   // USE-CANDIDATE
	signed      []byte // what MESSAGE-INTEGRITY is made of, but for the length
	integrity   []byte
}

// readCheck reads a Binding request. One that is not well formed, has no fingerprint or no integrity, or has an attribute that
// must be understood and is not, is none.
func readCheck(b []byte) (c check, ok bool) {
	if len(b) < stunHeader || binary.BigEndian.Uint16(b) != stunRequest ||
		int(binary.BigEndian.Uint16(b[2:])) != len(b)-stunHeader || binary.BigEndian.Uint32(b[4:]) != stunCookie {
		return check{}, false
	}
	c.transaction = b[8:stunHeader]
	for rest := b[stunHeader:]; len(rest) >= 4; {
		kind, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		padded := (size + 3) &^ 3
		if len(rest) < 4+padded {
			return check{}, false
		}
		at, value := len(b)-len(rest), rest[4:4+size]
		rest = rest[4+padded:]
		switch {
		case kind == attrFingerprint:
			return c, c.integrity != nil && size == 4 && len(rest) == 0 && binary.BigEndian.Uint32(value) == fingerprint(b[:at])
		case c.integrity != nil: // what follows it is not signed (RFC 8489 14.5)
		case kind == attrUsername:
			c.user, _, _ = strings.Cut(string(value), ":")
		case kind == attrUseCandidate:
			c.nominates = true
		case kind == attrIntegrity && size == sha1.Size:
			c.signed, c.integrity = b[:at], value
		case !understood(kind):
			return check{}, false
		}
	}
	return check{}, false
}

// understood reports whether an attribute is one of a check's, or one that may be left alone (RFC 8489 14).
func understood(kind uint16) bool {
	const priority = 0x0024
	return kind == priority || kind >= 0x8000
}

// by reports whether whoever sent the check knows the password.
func (c *check) by(password string) bool {
	return hmac.Equal(c.integrity, integrity(c.signed, password))
}

// answer is the answer to a check: the address that it came from (RFC 8445 7.3.1.2).
func (c *check) answer(from netip.AddrPort, password string) []byte {
	b := make([]byte, stunHeader, 96)
	binary.BigEndian.PutUint16(b, stunSuccess)
	binary.BigEndian.PutUint32(b[4:], stunCookie)
	copy(b[8:], c.transaction)

	ip := from.Addr().Unmap().AsSlice()
	family := byte(1)
	if len(ip) == 16 {
		family = 2
	}
	for i := range ip { // cookie and transaction stand on end in the header (RFC 8489 14.2)
		ip[i] ^= b[4+i]
	}
	b = binary.BigEndian.AppendUint16(b, attrXORMapped)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(ip)))
	b = append(b, 0, family)
	b = binary.BigEndian.AppendUint16(b, from.Port()^(stunCookie>>16))
	b = append(b, ip...)
	return seal(b, password)
}

// seal ends a message with MESSAGE-INTEGRITY and FINGERPRINT.
func seal(b []byte, password string) []byte {
	sum := integrity(b, password)
	b = binary.BigEndian.AppendUint16(b, attrIntegrity)
	b = binary.BigEndian.AppendUint16(b, sha1.Size)
	b = append(b, sum...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-stunHeader+fingerprintSize))
	crc := fingerprint(b)
	b = binary.BigEndian.AppendUint16(b, attrFingerprint)
	b = binary.BigEndian.AppendUint16(b, 4)
	return binary.BigEndian.AppendUint32(b, crc)
}

// integrity is the HMAC of a message up to the attribute, with the length as if the attribute were the last (RFC 8489 14.5).
func integrity(b []byte, password string) []byte {
	mac := hmac.New(sha1.New, []byte(password))
	mac.Write(b[:2])
	mac.Write(binary.BigEndian.AppendUint16(nil, uint16(len(b)-stunHeader+integritySize)))
	mac.Write(b[4:])
	return mac.Sum(nil)
}

func fingerprint(b []byte) uint32 { return crc32.ChecksumIEEE(b) ^ fingerprintXOR }
