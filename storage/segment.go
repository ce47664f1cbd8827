package storage

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"callbox/telephony"
)

// A journal is a folder of segments: text files that are only ever appended to. Each line is
//
//	crc32c(8 hex) length(8 hex) json '\n'
//
// so that a line which is not whole is never taken for one, and the next newline is where reading can go on. The first
// line of a segment is its header, each further line one telephony.Entry.
const (
	segmentFormat = 1
	segmentBytes  = 8 << 20 // a new segment begins beyond this
	segmentExt    = ".journal"
	prefixLen     = 18
	maxLine       = 64 << 10 // octets of one line, the newline included
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A segmentHeader is the first line of a segment.
type segmentHeader struct {
	Format int       `json:"journal_format"`
	First  uint64    `json:"first"` // Seq of the first entry
	Boot   uint32    `json:"boot"`
	Time   time.Time `json:"time"`
	Before string    `json:"before,omitempty"` // SHA-256 of the segment before it, as it stayed; empty: there was none
}

// appendLine adds the line of a payload.
func appendLine(dst, payload []byte) []byte {
	dst = fmt.Appendf(dst, "%08x %08x ", crc32.Checksum(payload, castagnoli), len(payload))
	dst = append(dst, payload...)
	return append(dst, '\n')
}

// parseLine takes the payload out of a line without its newline. It reports false for a line that is not whole.
func parseLine(line []byte) (payload []byte, ok bool) {
	if len(line) < prefixLen || line[8] != ' ' || line[17] != ' ' {
		return nil, false
	}
	crc, okCRC := parseHex32(line[:8])
	length, okLen := parseHex32(line[9:17])
	payload = line[prefixLen:]
	ok = okCRC && okLen && int(length) == len(payload) && crc == crc32.Checksum(payload, castagnoli)
	return payload, ok
}

// parseHex32 reads eight lower-case hex digits: there is one way to write a line.
func parseHex32(b []byte) (uint32, bool) {
	var raw [4]byte
	for _, c := range b {
		if c >= 'A' && c <= 'F' {
			return 0, false
		}
	}
	if _, err := hex.Decode(raw[:], b); err != nil {
		return 0, false
	}
	return uint32(raw[0])<<24 | uint32(raw[1])<<16 | uint32(raw[2])<<8 | uint32(raw[3]), true
}

// appendEntry adds the line of an entry. What cannot be written becomes an Oddity under the same number, for a hole in the
// numbers would read as a loss.
func appendEntry(dst []byte, e telephony.Entry) []byte {
	payload, err := json.Marshal(e)
	if err == nil && len(payload)+prefixLen+1 > maxLine {
		err = fmt.Errorf("%s of %d octets is over the bound of %d", e.Fact.Kind(), len(payload), maxLine)
	}
	if err != nil {
		e.Fact = telephony.Oddity{Where: "journal", What: err.Error()}
		payload, _ = json.Marshal(e) // an Oddity of bounded text always marshals
	}
	return appendLine(dst, payload)
}

// A lineReader reads the whole lines of a segment up to a limit, and counts what it had to skip.
type lineReader struct {
	r       io.ReaderAt
	at      int64 // of what the buffer took so far
	limit   int64
	buf     *bufio.Reader
	end     int64 // behind the newest whole line
	next    int64 // behind the newest line of any kind
	skipped int   // lines that were not whole
}

func newLineReader(r io.ReaderAt) *lineReader {
	l := &lineReader{r: r}
	l.buf = bufio.NewReaderSize(readerFunc(l.fill), maxLine)
	return l
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (l *lineReader) fill(p []byte) (int, error) {
	p = p[:min(int64(len(p)), l.limit-l.at)]
	if len(p) == 0 {
		return 0, io.EOF
	}
	n, err := l.r.ReadAt(p, l.at)
	l.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// payload is the next whole line's, valid until the next call, or false at the limit.
func (l *lineReader) payload() ([]byte, bool) {
	for {
		line, err := l.buf.ReadSlice('\n')
		l.next += int64(len(line))
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if len(line) > 0 {
				l.skipped++
			}
			return nil, false
		}
		if err == nil {
			if payload, ok := parseLine(line[:len(line)-1]); ok {
				l.end = l.next
				return payload, true
			}
		}
		l.skipped++
	}
}

// entry is the next entry, or false at the limit. Lines that are whole yet no entry are skipped: the header is one.
func (l *lineReader) entry() (telephony.Entry, bool) {
	for {
		payload, ok := l.payload()
		if !ok {
			return telephony.Entry{}, false
		}
		var e telephony.Entry
		if json.Unmarshal(payload, &e) == nil && e.Seq != 0 {
			return e, true
		}
	}
}

// segmentName is the file of the segment whose first entry has the number.
func segmentName(first uint64) string { return numberedName(first, segmentExt) }

// segments lists the numbers of the first entries of all segments, in order.
func segments(dir string) ([]uint64, error) { return numbered(dir, segmentExt) }

func numberedName(n uint64, ext string) string { return fmt.Sprintf("%020d%s", n, ext) }

// numbered lists the numbers of the files of a folder that are named so, in order.
func numbered(dir, ext string) ([]uint64, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []uint64
	for _, name := range names {
		base, ok := strings.CutSuffix(name.Name(), ext)
		if n, err := strconv.ParseUint(base, 10, 64); ok && err == nil && numberedName(n, ext) == name.Name() {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list, nil
}

// readHeader reads the header of a segment; a damaged one gives false.
func readHeader(dir string, first uint64) (segmentHeader, bool) {
	f, err := os.Open(filepath.Join(dir, segmentName(first)))
	if err != nil {
		return segmentHeader{}, false
	}
	defer f.Close()
	l := newLineReader(f)
	l.limit = maxLine
	payload, ok := l.payload()
	var h segmentHeader
	return h, ok && l.skipped == 0 && json.Unmarshal(payload, &h) == nil && h.Format == segmentFormat
}

// A tail is what the end of a journal says about its past.
type tail struct {
	seq     uint64 // of the last entry
	boot    uint32 // of the last entry
	before  string // digest of the last segment
	skipped int    // damaged lines in the last segment, the cut one included
}

// cutTail finds the end of the journal: what stands behind the last whole line of the last segment was never
// acknowledged and is cut off; a segment without an entry goes.
func cutTail(dir string) (tail, error) {
	firsts, err := segments(dir)
	if err != nil {
		return tail{}, err
	}
	var t tail
	for i, first := range slices.Backward(firsts) {
		path := filepath.Join(dir, segmentName(first))
		last, err := cutSegment(path)
		if err != nil {
			return tail{}, err
		}
		t.skipped += last.skipped
		if last.seq != 0 {
			before, err := digest(path)
			return tail{max(t.seq, last.seq), last.boot, before, t.skipped}, err
		}
		t.seq = max(t.seq, first-1)
		if err := os.Remove(path); err != nil {
			return tail{}, err
		}
		if i == 0 {
			return t, syncDir(dir)
		}
	}
	return t, nil
}

// cutSegment cuts a segment behind its last whole line.
func cutSegment(path string) (tail, error) {
	last, skipped, err := cutLines(path)
	if err != nil {
		return tail{}, err
	}
	t := tail{skipped: skipped}
	var e telephony.Entry
	if json.Unmarshal(last, &e) == nil { // the header reads as entry 0
		t.seq, t.boot = e.Seq, e.Boot
	}
	return t, nil
}

// cutLines cuts a file behind its last whole line, durably. It gives that line, and how many were not whole.
func cutLines(path string) (last []byte, skipped int, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	l := newLineReader(f)
	l.limit = info.Size()
	for payload, ok := l.payload(); ok; payload, ok = l.payload() { // only the last is read: a start must not take long
		last = append(last[:0], payload...)
	}
	if l.end == info.Size() {
		return last, l.skipped, nil
	}
	return last, l.skipped, errors.Join(f.Truncate(l.end), f.Sync())
}

// createSegment makes the file of a new segment, durable with its header, which it gives as it stands there.
func createSegment(dir string, h segmentHeader) (*os.File, []byte, error) {
	payload, err := json.Marshal(h)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, segmentName(h.First)), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	line := appendLine(nil, payload)
	_, err = f.Write(line)
	if err = errors.Join(err, f.Sync(), syncDir(dir)); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, nil, err
	}
	return f, line, nil
}
