package e1

import (
	"strings"

	"callbox/telephony"
	"callbox/telephony/q931"
)

// types are the types of number by the word that the configuration has for them (Q.931 4.5.8).
var types = map[string]q931.NumberType{
	"unknown": q931.NumberUnknown, "subscriber": q931.NumberSubscriber,
	"national": q931.NumberNational, "international": q931.NumberInternational,
}

// numberOf says what the digits are.
func numberOf(digits, kind string) q931.Number {
	return q931.Number{Digits: digits, Type: types[kind], Plan: q931.PlanISDN}
}

// presented is the number that the far end is shown, if any (A1.27, A18.6).
func presented(c telephony.Caller, kind string) q931.Number {
	if c.Number == "" {
		return q931.Number{}
	}
	n := numberOf(c.Number, kind)
	if c.Withheld {
		n.Presentation = q931.PresentationRestricted
	}
	return n
}

// callerOf is who calls, as the box's own people would dial it: with the trunk prefix before an area code, and "00" before a
// country's. Mobile numbers have neither (YD/T 1009).
func callerOf(n q931.Number, display, area string) telephony.Caller {
	c := telephony.Caller{Number: n.Digits, Name: display, Withheld: n.Presentation == q931.PresentationRestricted}
	mobile := len(n.Digits) == 11 && n.Digits[0] == '1'
	switch {
	case n.Digits == "":
	case n.Type == q931.NumberInternational:
		c.Number = "00" + strings.TrimPrefix(n.Digits, "00")
	case n.Type == q931.NumberNational && !mobile && n.Digits[0] != '0':
		c.Number = "0" + n.Digits
	}
	return telephony.CleanCaller(c)
}
