package record

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"callbox/telephony"
	"callbox/telephony/wav"
)

// A Report is what Repair found. Of each recording it tells Recording, File, Octets and Length as they now are on disk.
type Report struct {
	Files int   // recordings that were looked at
	Cut   int64 // octets that were no sound and are gone
	// Found are recordings whose length was not known, with the problem "interrupted" if they had not been closed. The
	// caller adds what it knows of them and journals them.
	Found []telephony.Recorded
	// Short are recordings of which less is left than was known to be on disk.
	Short []telephony.Recorded
}

// Repair makes every recording below dir playable after an unclean stop. Length tells the octets of audio that the journal
// knows a recording to have; it is cut to them. A recording that the journal does not know has been closed, then its
// header is true; or it was being written. Then its length is the file's, less what the disk did not take: a file only
// ever grows, and is synced twice a second, so only its last moments are in doubt, and what is missing there reads as
// zeros, which in A-law are not silence but so loud that no speech has a row of them.
//
// An error with one file does not keep the others from being repaired; all errors are returned together.
func Repair(dir string, length func(recording string) (octets int64, known bool)) (Report, error) {
	var report Report
	root, err := os.OpenRoot(dir)
	if err != nil {
		return report, err
	}
	defer root.Close()
	var failed []error
	_ = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path.Ext(name) == extension {
			err = report.repair(root, name, d, length)
		}
		if err != nil {
			failed = append(failed, err)
		}
		return nil
	})
	return report, errors.Join(failed...)
}

func (rep *Report) repair(root *os.Root, name string, d fs.DirEntry, length func(string) (int64, bool)) error {
	rep.Files++
	info, err := d.Info()
	if err != nil {
		return err
	}
	fact := telephony.Recorded{Recording: strings.TrimSuffix(path.Base(name), extension), File: name}
	octets, known := length(fact.Recording)
	if known && info.Size() == wav.HeaderSize+octets {
		return nil // the header was sealed before the journal knew
	}
	f, err := root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	there := max(info.Size()-wav.HeaderSize, 0)
	switch {
	case known && there < octets:
		fact.Octets = there &^ (channels - 1)
	case known:
		fact.Octets = octets
	default:
		if fact.Octets, err = sealed(f, there); err != nil {
			fact.Problem = interrupted
			fact.Octets, err = soundEnd(f, there)
		}
	}
	if err != nil {
		return err
	}
	fact.Length = lengthOf(fact.Octets)
	rep.Cut += there - fact.Octets
	if !known {
		rep.Found = append(rep.Found, fact)
	} else if fact.Octets < octets {
		rep.Short = append(rep.Short, fact)
	}
	return errors.Join(f.Truncate(wav.HeaderSize+fact.Octets), seal(f, fact.Octets), f.Sync())
}

var errOpen = errors.New("the recording was not closed")

// sealed returns the length that a closed recording's header tells, of which there is at least as much.
func sealed(f *os.File, there int64) (octets int64, err error) {
	var header [wav.HeaderSize]byte
	if _, err := f.ReadAt(header[:], 0); err != nil {
		return 0, err
	}
	size := binary.LittleEndian.Uint32(header[wav.HeaderSize-4:])
	if header != wav.ALawHeader(channels, size) || header == openHeader || int64(size) > there {
		return 0, errOpen
	}
	return int64(size), nil
}

const (
	unsynced = 64 << 10 // octets before the end that are in doubt: four seconds
	sector   = 512      // what a disk writes as a whole
)

// soundEnd finds where the sound of a recording ends that was not closed.
func soundEnd(f *os.File, there int64) (octets int64, err error) {
	var chunk [unsynced]byte
	end := wav.HeaderSize + there
	for end > wav.HeaderSize { // a tail of zeros may be of any length
		start := max(end-unsynced, wav.HeaderSize)
		n, err := f.ReadAt(chunk[:end-start], start)
		if err != nil && err != io.EOF {
			return 0, err
		}
		if n = lastSound(chunk[:n]); n > 0 {
			end = firstHole(chunk[:n], start)
			break
		}
		end = start
	}
	return (end - wav.HeaderSize) &^ (channels - 1), nil
}

// lastSound is the length of b without the zeros at its end.
func lastSound(b []byte) int {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return len(b)
}

// firstHole is the place in the file of the first sector of zeros in b, which lies at start, or else of its end.
func firstHole(b []byte, start int64) int64 {
	zeros := 0
	for i, v := range b {
		if zeros++; v != 0 {
			zeros = 0
		}
		if place := start + int64(i) + 1; place%sector == 0 && zeros >= sector {
			return place - sector
		}
	}
	return start + int64(len(b))
}
