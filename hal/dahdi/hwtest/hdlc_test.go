package hwtest

// HDLC on a timeslot (Q.921 2): flags, stuffed bits and the check sequence, bit 1 first. The far end has its own, so that
// the kernel's is tested against another.

const flag = 0x7e

// fcs is the frame check sequence (Q.921 2.7: CRC-16 of ITU-T V.41, reflected).
func fcs(octets []byte) uint16 {
	crc := uint16(0xffff)
	for _, o := range octets {
		crc ^= uint16(o)
		for range 8 {
			if carry := crc & 1; carry != 0 {
				crc = crc>>1 ^ 0x8408
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

// A framer makes the octets of a timeslot of frames, and flags in between.
type framer struct {
	bits []byte // to be sent
	ones int
}

// frame adds a frame; its FCS is turned by spoil.
func (f *framer) frame(octets []byte, spoil uint16) {
	crc := fcs(octets) ^ spoil
	f.flag()
	for _, o := range append(append([]byte(nil), octets...), byte(crc), byte(crc>>8)) {
		for i := range 8 {
			f.stuffed(o >> i & 1)
		}
	}
	f.flag()
}

func (f *framer) stuffed(bit byte) {
	f.bits = append(f.bits, bit)
	if f.ones++; bit == 0 {
		f.ones = 0
	}
	if f.ones == 5 {
		f.bits, f.ones = append(f.bits, 0), 0
	}
}

func (f *framer) flag() {
	for i := range 8 {
		f.bits = append(f.bits, flag>>i&1)
	}
	f.ones = 0
}

// octet is the next of the timeslot.
func (f *framer) octet() (o byte) {
	if len(f.bits) < 8 {
		f.flag()
	}
	for _, bit := range f.bits[:8] {
		o = o<<1 | bit
	}
	f.bits = f.bits[8:]
	return o
}

// A deframer finds the frames in the octets of a timeslot.
type deframer struct {
	good  func(frame []byte)
	bits  []byte // since the last flag, without the stuffed ones
	ones  int
	lost  bool // an abort, or no flag yet
	began bool
}

func (d *deframer) octet(o byte) {
	for i := 7; i >= 0; i-- {
		d.bit(o >> i & 1)
	}
}

func (d *deframer) bit(bit byte) {
	switch {
	case bit == 1:
		d.ones++
		d.lost = d.lost || d.ones > 6
	case d.ones == 5: // stuffed
		d.ones = 0
		return
	case d.ones == 6: // the end of a flag
		d.end()
		return
	default:
		d.ones = 0
	}
	d.bits = append(d.bits, bit)
}

// end is a flag: what came since the last is a frame, if its length and its FCS are right.
func (d *deframer) end() {
	bits, whole := d.bits, d.began && !d.lost
	d.bits, d.ones, d.lost, d.began = nil, 0, false, true
	if n := len(bits) - 7; n < 0 || !whole || n%8 != 0 || n/8 < 4 {
		return
	} else { // the flag's own first seven bits are behind the frame
		bits = bits[:n]
	}
	octets := make([]byte, len(bits)/8)
	for i, bit := range bits {
		octets[i/8] |= bit << (i % 8)
	}
	n := len(octets) - 2
	if crc := fcs(octets[:n]); octets[n] == byte(crc) && octets[n+1] == byte(crc>>8) {
		d.good(octets[:n])
	}
}
