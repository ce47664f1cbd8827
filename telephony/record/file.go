package record

import (
	"errors"
	"math"
	"os"
	"path"

	"callbox/telephony/wav"

	"golang.org/x/sys/unix"
)

const (
	extension = ".wav"
	channels  = 2
)

// openHeader is what a file begins with until its length is known: players read on to the end of the file.
var openHeader = wav.ALawHeader(channels, math.MaxUint32)

// A file is a recording on disk. It belongs to the writer.
type file struct {
	root    *os.Root
	f       *os.File
	octets  int64    // of audio
	folders []string // in which it is new, until the first sync
	sealed  bool     // the header has the length
}

// create makes the file, and the folders of its day. The first sync has them outlive a power cut.
func create(root *os.Root, name string) (file, error) {
	day := path.Dir(name)
	_, err := root.Stat(day)
	newDay := err != nil
	if err := root.MkdirAll(day, 0o750); err != nil {
		return file{}, err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return file{}, err
	}
	if _, err := f.Write(openHeader[:]); err != nil {
		f.Close()
		return file{}, err
	}
	folders := []string{day}
	for newDay && folders[len(folders)-1] != "." {
		folders = append(folders, path.Dir(folders[len(folders)-1]))
	}
	return file{root: root, f: f, folders: folders}, nil
}

func syncFolder(root *os.Root, name string) error {
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// append writes silence for the frames that were dropped, and after it the block, if there is one.
func (f *file) append(gap int, b *block) error {
	for gap > 0 {
		frames := min(gap, blockTicks)
		if err := f.write(silence[:frames*frameOctets]); err != nil {
			return err
		}
		gap -= frames
	}
	if b == nil {
		return nil
	}
	return f.write(b.octets[:b.used])
}

func (f *file) write(b []byte) error {
	n, err := f.f.Write(b)
	f.octets += int64(n)
	return err
}

// sync waits until what was appended is on disk.
func (f *file) sync() error {
	for _, folder := range f.folders {
		if err := syncFolder(f.root, folder); err != nil {
			return err
		}
	}
	f.folders = nil
	for {
		if err := unix.Fdatasync(int(f.f.Fd())); err != unix.EINTR {
			return err
		}
	}
}

// seal puts the length into the header; of a frame that was written in part it drops that part.
func (f *file) seal() error {
	octets := f.octets &^ (channels - 1)
	if octets != f.octets {
		if err := f.f.Truncate(wav.HeaderSize + octets); err != nil {
			return err
		}
		f.octets = octets
	}
	f.sealed = true
	return seal(f.f, octets)
}

// close seals a file that is not yet, and returns the length.
func (f *file) close() (octets int64, err error) {
	if !f.sealed {
		err = errors.Join(f.seal(), f.f.Sync())
	}
	return f.octets, errors.Join(err, f.f.Close())
}

// seal writes the header of a file whose length is known.
func seal(f *os.File, octets int64) error {
	header := wav.ALawHeader(channels, uint32(min(octets, math.MaxUint32)))
	_, err := f.WriteAt(header[:], 0)
	return err
}
