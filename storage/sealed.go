package storage

import (
	"bufio"
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/crypto/argon2"

	"callbox/telephony"
)

// A sealed backup is a backup that is encrypted with a passphrase (A16.5): a head, which is sealedMagic, the version of the form and a
// salt; then the backup in chunks of 64 KiB, each sealed with AES-256-GCM, of which the last alone may be shorter. The key is argon2id's
// of passphrase and salt, and no other file's. The nonce is the number of the chunk in 11 octets and one that is 1 in the last chunk; the
// head is the additional data of each. So no chunk can be changed, moved, left out, added or cut off ("STREAM", Hoang et al. 2015).
const (
	sealedMagic   = "callbox sealed\x00"
	sealedVersion = 1
	sealedSalt    = 16
	sealedHead    = len(sealedMagic) + 1 + sealedSalt
	sealedChunk   = 64 << 10
	sealedTag     = 16
	sealedPasses  = 3        // RFC 9106 4, the second choice, but on one core: the others carry calls
	sealedKiB     = 64 << 10 // what a guess costs whoever has the file
)

// Seal gives what encrypts a backup with a passphrase. Its Close writes the end, without which the file is refused.
func (s *Store) Seal(ctx context.Context, passphrase string) (func(io.Writer) io.WriteCloser, error) {
	if err := checkPassphrase(passphrase); err != nil {
		return nil, err
	}
	head := append(append([]byte(sealedMagic), sealedVersion), secretOctets(sealedSalt)...)
	aead, err := s.stretched(ctx, passphrase, head)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) io.WriteCloser { return newSealer(w, aead, head) }, nil
}

// checkPassphrase says what is wrong with a new one. Whoever has the file guesses as fast as computers can.
func checkPassphrase(text string) error {
	switch {
	case len([]rune(text)) < minPassword:
		return telephony.Errorf(telephony.Invalid, "备份口令至少需要 %d 个字符。", "A passphrase needs at least %d characters.", minPassword).At("passphrase")
	case len(text) > maxPassword:
		return telephony.Errorf(telephony.TooLarge, "备份口令最长 %d 字节。", "A passphrase has at most %d octets.", maxPassword).At("passphrase")
	case common(text):
		return telephony.Errorf(telephony.Invalid,
			"这是常见密码，最先被人试到。请换成几个不相干的词。",
			"That is a common password, which is tried first. Take a few unrelated words instead.").At("passphrase")
	}
	return nil
}

// Unsealed gives the backup in a sealed one; one that is not sealed it gives as it is. What it gives is genuine, octet for octet.
func (s *Store) Unsealed(ctx context.Context, r io.Reader, passphrase string) (io.Reader, error) {
	file := bufio.NewReaderSize(r, sealedChunk)
	head, err := readSealedHead(file)
	if head == nil || err != nil {
		return file, err
	}
	if passphrase == "" {
		return nil, telephony.Errorf(telephony.Invalid,
			"备份已加密。请输入制作它时设的口令。", "The backup is encrypted. Enter the passphrase that it was made with.").At("passphrase")
	}
	aead, err := s.stretched(ctx, bounded(passphrase, maxPassword), head)
	if err != nil {
		return nil, err
	}
	return &unsealer{from: file, aead: aead, head: head}, nil
}

// readSealedHead reads the head; nil where the file is not sealed.
func readSealedHead(file *bufio.Reader) ([]byte, error) {
	if start, _ := file.Peek(len(sealedMagic)); string(start) != sealedMagic {
		return nil, nil
	}
	head := make([]byte, sealedHead)
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, refusal(err)
	}
	if v := head[len(sealedMagic)]; v > sealedVersion {
		return nil, telephony.Errorf(telephony.Invalid,
			"备份的加密格式 %d 来自更新的版本。请先升级本设备。", "The backup is encrypted in form %d of a later version. Update this box first.", v)
	} else if v < sealedVersion {
		return nil, badBackup("文件已损坏", "the file is damaged")
	}
	return head, nil
}

func (s *Store) stretched(ctx context.Context, passphrase string, head []byte) (aead cipher.AEAD, err error) {
	err = s.accounts.hasher.inTurn(ctx, func() {
		aead = sealing(argon2.IDKey([]byte(passphrase), head[len(head)-sealedSalt:], sealedPasses, sealedKiB, 1, argonKey))
	})
	return aead, err
}

func sealing(key []byte) cipher.AEAD {
	block, _ := aes.NewCipher(key) // fails for keys of a wrong length only
	aead, _ := cipher.NewGCM(block)
	return aead
}

// chunkNonce is never used twice with a key.
func chunkNonce(number uint64, last bool) []byte {
	nonce := binary.BigEndian.AppendUint64(make([]byte, 3, 12), number)
	if last {
		return append(nonce, 1)
	}
	return append(nonce, 0)
}

// A sealer writes a sealed file.
type sealer struct {
	to     io.Writer
	aead   cipher.AEAD
	head   []byte
	chunk  []byte // that is not written yet: it may be the last
	number uint64
}

func newSealer(to io.Writer, aead cipher.AEAD, head []byte) *sealer {
	return &sealer{to: to, aead: aead, head: head, chunk: make([]byte, 0, sealedChunk+sealedTag)}
}

func (s *sealer) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		if len(s.chunk) == sealedChunk {
			if err := s.seal(false); err != nil {
				return written, err
			}
		}
		n := min(len(p), sealedChunk-len(s.chunk))
		s.chunk = append(s.chunk, p[:n]...)
		p, written = p[n:], written+n
	}
	return written, nil
}

func (s *sealer) Close() error { return s.seal(true) }

func (s *sealer) seal(last bool) error {
	if s.number == 0 {
		if _, err := s.to.Write(s.head); err != nil {
			return err
		}
	}
	_, err := s.to.Write(s.aead.Seal(s.chunk[:0], chunkNonce(s.number, last), s.chunk, s.head))
	s.chunk, s.number = s.chunk[:0], s.number+1
	return err
}

// An unsealer reads one, behind its head.
type unsealer struct {
	from   *bufio.Reader
	aead   cipher.AEAD
	head   []byte
	chunk  bytes.Reader
	number uint64
	err    error // that follows what was read
}

func (u *unsealer) Read(p []byte) (int, error) {
	for u.chunk.Len() == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.open()
	}
	return u.chunk.Read(p)
}

// open opens the next chunk, which is the last if nothing follows it.
func (u *unsealer) open() {
	sealed := make([]byte, sealedChunk+sealedTag)
	n, err := io.ReadFull(u.from, sealed)
	if err == nil {
		_, err = u.from.Peek(1)
	}
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		u.err = err
		return
	}
	plain, err := u.aead.Open(sealed[:0], chunkNonce(u.number, last), sealed[:n], u.head)
	switch {
	case err == nil:
		u.chunk.Reset(plain)
		if last {
			u.err = io.EOF
		}
	case u.number == 0:
		u.err = telephony.Errorf(telephony.Invalid,
			"口令打不开这份备份。没有任何改动；请核对口令再试。如果口令无误，则文件已损坏，请换一份。",
			"The passphrase does not open this backup. Nothing was changed; look at it again. If it is the right one, the file is damaged: use another.").At("passphrase")
	default:
		u.err = badBackup("文件已损坏", "the file is damaged")
	}
	u.number++
}
