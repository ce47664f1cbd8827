package dsp

import "strings"

// A CallerID is what an exchange tells of a caller (YDN 069-1997, YD/T 1277.1-2003, Telcordia GR-30, ETSI EN 300 659-3).
// Withheld and absent are told apart: the first is the caller's wish, the second the network's lack.
type CallerID struct {
	Number   string // of 32 digits at most, each 0-9, * or #; a + may come first
	Name     string // UTF-8; 50 octets at most on the line, in GB 2312 or Latin
	Date     string // MMDDHHMM by the exchange's clock
	Withheld bool   // the caller does not want the number shown
	Absent   bool   // the exchange does not know the number
}

// What a caller's identity may hold. Longer numbers make a message void, longer names are cut.
const (
	maxNumber = 32
	maxName   = 50 // octets on the line
)

// Message and parameter types of YD/T 1277.1-2003 (Telcordia GR-30, ETSI EN 300 659-3), and the reasons for the lack of a
// number. Some countries have others, as C for a coin telephone: there is no number to show, and that is all.
const (
	messageSingle   = 0x04 // SDMF: the date and the number, nothing else
	messageMultiple = 0x80 // MDMF: parameters

	paramDate   = 0x01
	paramNumber = 0x02
	paramLack   = 0x04
	paramName   = 0x07

	lackAbsent   = 'O' // out of area
	lackWithheld = 'P' // private
)

// dateSize is the length of MMDDHHMM.
const dateSize = 8

// decodeCallerID reads a whole message: type, length, that many octets, checksum. The octets are a stranger's.
func decodeCallerID(message []byte) (id CallerID, ok bool) {
	if len(message) < 3 || len(message) != int(message[1])+3 {
		return id, false
	}
	sum := byte(0)
	for _, b := range message {
		sum += b
	}
	if sum != 0 { // the checksum is the two's complement of the sum of all else
		return id, false
	}
	body := message[2 : len(message)-1]
	if message[0] == messageSingle {
		return decodeSingle(body)
	}
	return decodeMultiple(body)
}

func decodeSingle(body []byte) (id CallerID, ok bool) {
	if len(body) < dateSize {
		return id, false
	}
	return id, id.setDate(body[:dateSize]) && id.setNumber(body[dateSize:])
}

func decodeMultiple(body []byte) (id CallerID, ok bool) {
	for len(body) > 0 {
		if len(body) < 2 || len(body) < 2+int(body[1]) {
			return CallerID{}, false
		}
		kind, value := body[0], body[2:2+int(body[1])]
		body = body[2+len(value):]
		ok := true
		switch kind {
		case paramDate:
			ok = id.setDate(value)
		case paramNumber:
			ok = id.setNumber(value)
		case paramLack:
			id.setLack(value)
		case paramName:
			id.setName(value)
		}
		if !ok {
			return CallerID{}, false
		}
	}
	id.Absent = id.Number == "" && !id.Withheld
	return id, true
}

func (id *CallerID) setDate(value []byte) bool {
	id.Date = string(value)
	return len(value) == dateSize && strings.Trim(id.Date, "0123456789") == ""
}

// setNumber takes a number, or the letter that stands for the lack of one: some exchanges send it in place of the number.
func (id *CallerID) setNumber(value []byte) bool {
	number := string(value)
	if number == "" || number == string(lackWithheld) || number == string(lackAbsent) {
		id.setLack(value)
		return true
	}
	if !id.Withheld {
		id.Number, id.Absent = number, false
	}
	return len(number) <= maxNumber && strings.Trim(strings.TrimPrefix(number, "+"), "0123456789*#") == ""
}

// setLack takes the reason why there is no number. A number beside a wish to withhold it is not shown.
func (id *CallerID) setLack(reason []byte) {
	if string(reason) == string(lackWithheld) {
		id.Number, id.Withheld = "", true
	}
	id.Absent = id.Number == "" && !id.Withheld
}

// encodeCallerID returns the whole message of a type.
func encodeCallerID(id CallerID, kind byte) []byte {
	id.Number = id.Number[:min(len(id.Number), maxNumber)]
	body := encodeMultiple
	if kind == messageSingle {
		body = encodeSingle
	}
	message := body([]byte{kind, 0}, id)
	message[1] = byte(len(message) - 2)
	sum := byte(0)
	for _, b := range message {
		sum += b
	}
	return append(message, -sum)
}

func encodeSingle(message []byte, id CallerID) []byte {
	message = append(message, (id.Date + "00000000")[:dateSize]...)
	if lack := id.lack(); lack != 0 {
		return append(message, lack)
	}
	return append(message, id.Number...)
}

func encodeMultiple(message []byte, id CallerID) []byte {
	if id.Date != "" {
		message = appendParam(message, paramDate, []byte(id.Date[:min(len(id.Date), dateSize)]))
	}
	if lack := id.lack(); lack != 0 {
		message = appendParam(message, paramLack, []byte{lack})
	} else {
		message = appendParam(message, paramNumber, []byte(id.Number))
	}
	if id.Name != "" {
		message = appendParam(message, paramName, encodeName(id.Name))
	}
	return message
}

// lack returns the reason why there is no number, or 0.
func (id CallerID) lack() byte {
	switch {
	case id.Withheld:
		return lackWithheld
	case id.Number == "":
		return lackAbsent
	}
	return 0
}

func appendParam(message []byte, kind byte, value []byte) []byte {
	return append(append(message, kind, byte(len(value))), value...)
}
