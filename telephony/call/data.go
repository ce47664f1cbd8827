package call

import (
	"maps"
	"strings"
	"unicode/utf8"

	"callbox/telephony"
)

// The bounds of what travels with a call (A2.22).
const (
	maxData  = 32  // values
	maxKey   = 32  // octets
	maxValue = 256 // octets
)

// attach changes the data of the call. An empty value takes a key away.
func (c *Call) attach(data map[string]string, by string) error {
	next := maps.Clone(c.data)
	if next == nil {
		next = map[string]string{}
	}
	for k, v := range data {
		switch {
		case k == "" || len(k) > maxKey || strings.Trim(k, keyChars) != "":
			return telephony.Errorf(telephony.Invalid, "数据名请用最多 32 个小写字母、数字或 _ . -", "name data by up to 32 lower-case letters, digits or _ . -")
		case len(v) > maxValue || !utf8.ValidString(v):
			return telephony.Errorf(telephony.Invalid, "数据最长 256 字节", "a value may have up to 256 octets of UTF-8")
		case v == "":
			delete(next, k)
		default:
			next[k] = v
		}
	}
	if len(next) > maxData {
		return telephony.Errorf(telephony.Invalid, "一个通话最多带 32 项数据", "a call carries up to 32 values: take some away")
	}
	c.data = next
	c.tell(telephony.DataAttached{Data: data, By: by})
	return nil
}

const keyChars = "abcdefghijklmnopqrstuvwxyz0123456789_.-"

// inherit takes over the data of a call whose party came here; what this one has stays.
func (c *Call) inherit(data map[string]string, from telephony.CallID) {
	merged := maps.Clone(data)
	for k := range c.data {
		delete(merged, k)
	}
	if len(merged) > 0 && len(merged)+len(c.data) <= maxData {
		_ = c.attach(merged, "call "+string(from)) // it was within bounds there
	}
}
