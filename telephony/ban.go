package telephony

import "time"

// BanReason is what an address did.
type BanReason string

// The reasons of a ban.
const (
	BanGuesses BanReason = "guesses" // too many wrong passwords
	BanFlood   BanReason = "flood"   // too many messages of somebody whom the box does not know
)

// A Ban is an address that the box does not listen to for a while.
type Ban struct {
	Address string    `json:"address"`           // of IPv6 the network of 64 bits that one host has for itself, "2001:db8::/64"
	Account string    `json:"account,omitempty"` // the one account that the ban is about, as the far end named it; empty: every one
	Reason  BanReason `json:"reason"`
	Until   time.Time `json:"until"`
}
