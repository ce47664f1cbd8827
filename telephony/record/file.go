package record

import (
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
	f      *os.File
	octets int64 // of audio
}

// create makes the file, and the folders of its day, so that a power cut does not take them away again.
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
	for folder := day; ; folder = path.Dir(folder) {
		if err := syncFolder(root, folder); err != nil {
			f.Close()
			return file{}, err
		}
		if folder == "." || !newDay {
			return file{f: f}, nil
		}
	}
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
	for {
		if err := unix.Fdatasync(int(f.f.Fd())); err != unix.EINTR {
			return err
		}
	}
}

// close puts the length into the header and returns it; of a frame that was written in part it drops that part.
func (f *file) close() (octets int64, err error) {
	octets = f.octets &^ (channels - 1)
	if octets != f.octets {
		err = f.f.Truncate(wav.HeaderSize + octets)
	}
	if err == nil {
		err = seal(f.f, octets)
	}
	if cerr := f.f.Close(); err == nil {
		err = cerr
	}
	return octets, err
}

// seal writes the header of a file whose length is known, and waits until it is on disk.
func seal(f *os.File, octets int64) error {
	header := wav.ALawHeader(channels, uint32(min(octets, math.MaxUint32)))
	if _, err := f.WriteAt(header[:], 0); err != nil {
		return err
	}
	return f.Sync()
}
