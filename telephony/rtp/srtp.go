package rtp

import (
	"slices"

	"callbox/telephony"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// Suites are the crypto suites of SDES that the box takes, best first (RFC 7714 14.2, RFC 4568 6.2). GCM costs a third of
// the others.
var Suites = []string{"AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"}

// profiles are what the suites are, in their order.
var profiles = []srtp.ProtectionProfile{
	srtp.ProtectionProfileAeadAes256Gcm, srtp.ProtectionProfileAeadAes128Gcm,
	srtp.ProtectionProfileAes128CmHmacSha1_80, srtp.ProtectionProfileAes128CmHmacSha1_32,
}

const (
	replayWindow = 128 // packets behind the newest that can be told from their copies (RFC 3711 3.3.2 asks for 64)
	trailer      = 32  // octets that a packet grows by at most
)

// An SRTP is the keys of one session and the state of their use (RFC 3711). The same one in the Params of a re-INVITE goes on
// where it was; new keys are a new one. After Configure it belongs to the media loop.
type SRTP struct {
	ours, theirs *srtp.Context
	header       rtp.Header
	room         [maxPacket + trailer]byte
}

// KeySize is how many octets the master key and salt of a suite have together, or 0 for a suite that is not known.
func KeySize(suite string) int {
	i := slices.Index(Suites, suite)
	if i < 0 {
		return 0
	}
	key, salt := sizes(profiles[i])
	return key + salt
}

func sizes(p srtp.ProtectionProfile) (key, salt int) {
	key, _ = p.KeyLen()
	salt, _ = p.SaltLen()
	return key, salt
}

// NewSRTP makes the state of a session of a suite. Ours is the master key and salt that we send by, theirs the far end's, as
// the inline parameter of SDES holds them (RFC 4568 6.1).
func NewSRTP(suite string, ours, theirs []byte) (*SRTP, error) {
	size := KeySize(suite)
	if size == 0 || len(ours) != size || len(theirs) != size {
		return nil, telephony.Errorf(telephony.Invalid, "SRTP 加密套件 %s 或其密钥长度无效：请在对方设备上选择 %s",
			"SRTP suite %s is not known or its keys have the wrong length: choose %s on the far end", suite, Suites[1])
	}
	profile := profiles[slices.Index(Suites, suite)]
	key, _ := sizes(profile)
	s := &SRTP{}
	var err error
	if s.ours, err = srtp.CreateContext(ours[:key], ours[key:], profile); err != nil {
		return nil, err
	}
	s.theirs, err = srtp.CreateContext(theirs[:key], theirs[key:], profile,
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	return s, err
}

// Follow is the state after the far end took other keys of the same suite: what we send goes on under ours.
func (s *SRTP) Follow(suite string, theirs []byte) (*SRTP, error) {
	profile := profiles[slices.Index(Suites, suite)]
	key, _ := sizes(profile)
	next := &SRTP{ours: s.ours}
	var err error
	next.theirs, err = srtp.CreateContext(theirs[:key], theirs[key:], profile,
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	return next, err
}

// seal encrypts a packet; without keys it stays as it is. The result is good until the next call.
func (s *SRTP) seal(packet []byte) ([]byte, error) {
	if s == nil {
		return packet, nil
	}
	return s.ours.EncryptRTP(s.room[:0], packet, &s.header)
}

// open decrypts a packet in its place, if it is the far end's and no copy; without keys it stays as it is.
func (s *SRTP) open(packet []byte) ([]byte, error) {
	if s == nil {
		return packet, nil
	}
	return s.theirs.DecryptRTP(packet, packet, &s.header)
}

// sealReport is seal for RTCP.
func (s *SRTP) sealReport(packet []byte) ([]byte, error) {
	if s == nil {
		return packet, nil
	}
	return s.ours.EncryptRTCP(s.room[:0], packet, nil)
}

// openReport is open for RTCP.
func (s *SRTP) openReport(packet []byte) ([]byte, error) {
	if s == nil {
		return packet, nil
	}
	return s.theirs.DecryptRTCP(packet, packet, nil)
}
