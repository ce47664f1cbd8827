package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
)

// bbolt trusts its pages: with one of them damaged it panics, and since it looks for free pages on a goroutine of its own,
// opening such a file ends the program. So every file is read through here, without bbolt and without mapping it, before
// it is opened. Its values are sealed (see seal), so a flipped bit in data shows as well as one in structure.

// The form of a bbolt file, version 2, in the byte order of the machine.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2
	pageHeader  = 16 // id 8, flags 2, count 2, overflow 4
	elementSize = 16
	branchPage  = 0x01
	leafPage    = 0x02
	bucketElem  = 0x01
	maxDepth    = 64
	maxPage     = 64 << 10
)

var order = binary.NativeEndian

// errDamaged marks every error that says a file's content is not what was written.
var errDamaged = errors.New("damaged")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errDamaged}, args...)...)
}

// seal closes a value with a checksum over its key and itself.
func seal(key, payload []byte) []byte {
	v := make([]byte, 4, 4+len(payload))
	order.PutUint32(v, sealSum(key, payload))
	return append(v, payload...)
}

// unseal opens a value. The payload is bbolt's: copy what is kept beyond the transaction.
func unseal(key, value []byte) ([]byte, error) {
	if len(value) < 4 || order.Uint32(value) != sealSum(key, value[4:]) {
		return nil, damaged("value of key %q", key)
	}
	return value[4:], nil
}

func sealSum(key, payload []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, payload)
}

// A boltMeta is what a meta page says.
type boltMeta struct {
	pageSize   int64
	root       uint64
	pages      uint64 // high-water mark
	generation uint64 // transaction number
}

// A checker walks one bbolt file.
type checker struct {
	file io.ReaderAt
	meta boltMeta
	seen []uint64 // bit set of pages that were reached
}

// checkFile reads a whole bbolt file and gives its transaction number, or an error that says what is wrong with it.
func checkFile(path string) (generation uint64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return checkBolt(f, info.Size())
}

func checkBolt(file io.ReaderAt, size int64) (generation uint64, err error) {
	c := checker{file: file}
	if c.meta, err = newestMeta(file); err != nil {
		return 0, err
	}
	if int64(c.meta.pages) < 4 || int64(c.meta.pages) > size/c.meta.pageSize {
		return 0, damaged("%d pages in a file of %d octets", c.meta.pages, size)
	}
	c.seen = make([]uint64, c.meta.pages/64+1)
	return c.meta.generation, c.walk(c.meta.root, nil, nil, 0)
}

// newestMeta is the newer of the two meta pages, of which a power cut may have torn one.
func newestMeta(file io.ReaderAt) (boltMeta, error) {
	var newest boltMeta
	for size := int64(1024); size <= maxPage; size *= 2 {
		for _, at := range []int64{0, size} {
			m, ok := readMeta(file, at)
			if ok && m.pageSize == size && (newest.pageSize == 0 || m.generation > newest.generation) {
				newest = m
			}
		}
	}
	if newest.pageSize == 0 {
		return newest, damaged("no valid meta page")
	}
	return newest, nil
}

func readMeta(file io.ReaderAt, at int64) (boltMeta, bool) {
	var b [pageHeader + 64]byte
	if _, err := file.ReadAt(b[:], at); err != nil {
		return boltMeta{}, false
	}
	m := b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(m[:56])
	ok := order.Uint32(m) == boltMagic && order.Uint32(m[4:]) == boltVersion && order.Uint64(m[56:]) == sum.Sum64()
	return boltMeta{
		pageSize: int64(order.Uint32(m[8:])), root: order.Uint64(m[16:]),
		pages: order.Uint64(m[40:]), generation: order.Uint64(m[48:]),
	}, ok
}

// walk checks the tree below a page; its keys are at least low and below high, where these are given.
func (c *checker) walk(id uint64, low, high []byte, depth int) error {
	if depth > maxDepth {
		return damaged("page %d: tree too deep", id)
	}
	page, err := c.page(id)
	if err != nil {
		return err
	}
	return c.elements(page, low, high, depth)
}

// page reads a page with its overflow, once.
func (c *checker) page(id uint64) ([]byte, error) {
	if id < 2 || id >= c.meta.pages {
		return nil, damaged("page %d of %d", id, c.meta.pages)
	}
	var head [pageHeader]byte
	if _, err := c.file.ReadAt(head[:], int64(id)*c.meta.pageSize); err != nil {
		return nil, damaged("page %d: %v", id, err)
	}
	overflow := uint64(order.Uint32(head[12:]))
	if order.Uint64(head[:]) != id || id+overflow >= c.meta.pages {
		return nil, damaged("page %d: bad header", id)
	}
	for p := id; p <= id+overflow; p++ {
		if c.seen[p/64]&(1<<(p%64)) != 0 {
			return nil, damaged("page %d is used twice", p)
		}
		c.seen[p/64] |= 1 << (p % 64)
	}
	page := make([]byte, int64(overflow+1)*c.meta.pageSize)
	if _, err := c.file.ReadAt(page, int64(id)*c.meta.pageSize); err != nil {
		return nil, damaged("page %d: %v", id, err)
	}
	return page, nil
}

// elements checks what a page, or the page inside a small bucket's value, holds.
func (c *checker) elements(page, low, high []byte, depth int) error {
	id, flags, count := order.Uint64(page), order.Uint16(page[8:]), int(order.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage || flags == branchPage && count == 0 {
		return damaged("page %d: flags %x, %d elements", id, flags, count)
	}
	if pageHeader+count*elementSize > len(page) {
		return damaged("page %d: %d elements do not fit", id, count)
	}
	keys := make([][]byte, count, count+1)
	for i := range keys {
		e := page[pageHeader+i*elementSize:]
		pos, size := order.Uint32(e), order.Uint32(e[4:])
		if flags == leafPage {
			pos, size = order.Uint32(e[4:]), order.Uint32(e[8:])
		}
		if uint64(pos)+uint64(size) > uint64(len(e)) {
			return damaged("page %d: key %d lies outside", id, i)
		}
		keys[i] = e[pos : pos+size]
		if low != nil && bytes.Compare(keys[i], low) < 0 || i > 0 && bytes.Compare(keys[i-1], keys[i]) >= 0 ||
			high != nil && bytes.Compare(keys[i], high) >= 0 {
			return damaged("page %d: key %d out of order", id, i)
		}
	}
	keys = append(keys, high)
	for i := range count {
		e := page[pageHeader+i*elementSize:]
		var err error
		if flags == branchPage {
			err = c.walk(order.Uint64(e[8:]), keys[i], keys[i+1], depth+1)
		} else {
			err = c.leaf(e, keys[i], depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf checks one key and value: a bucket, or a sealed value.
func (c *checker) leaf(e, key []byte, depth int) error {
	flags, at, size := order.Uint32(e), uint64(order.Uint32(e[4:]))+uint64(len(key)), uint64(order.Uint32(e[12:]))
	if at+size > uint64(len(e)) {
		return damaged("value of key %q lies outside", key)
	}
	value := e[at : at+size]
	if flags != bucketElem {
		_, err := unseal(key, value)
		return err
	}
	if len(value) < 16 {
		return damaged("bucket %q", key)
	}
	if root := order.Uint64(value); root != 0 {
		return c.walk(root, nil, nil, depth+1)
	}
	if inline := value[16:]; len(inline) >= pageHeader && depth < maxDepth {
		return c.elements(inline, nil, nil, depth+1)
	}
	return damaged("bucket %q", key)
}
