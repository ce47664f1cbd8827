package sip

import (
	"net/netip"
	"time"

	"callbox/telephony"
)

// How many wrong passwords are let through before the box stops to listen, and for how long (reliability.md figure 9).
// A challenge is no guess, and a phone with a forgotten password blocks itself and not its office (pain 46).
const (
	guessesPerAccount = 5  // from one address on one account
	guessesPerAddress = 20 // from one address on all accounts
	guessBlock        = 10 * time.Minute
	maxGuessers       = 8192
)

type guessKey struct {
	from    netip.Addr
	account string // empty: the address's sum over accounts
}

type guessCount struct {
	wrong int
	until time.Time // of the block, or of the memory of the wrong ones
}

// guesses counts wrong passwords by address. Owned by the desk.
type guesses map[guessKey]guessCount

// guesserAt is whom guesses from an address are counted for: itself, or the /64 that one host of IPv6 has for itself.
func guesserAt(a netip.Addr) netip.Addr {
	if a = a.WithZone(""); a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().Addr()
	}
	return a
}

// guesserName is how people see whom guesserAt gives.
func guesserName(a netip.Addr) string {
	if a.Is6() {
		return a.String() + "/64"
	}
	return a.String()
}

// blocked reports whether attempts from the address on the account are not listened to. A known address is that of an
// office, which one phone with a forgotten password must not shut out (pain 46): there each account is on its own.
func (g guesses) blocked(from netip.Addr, known bool, account string, now time.Time) bool {
	from = guesserAt(from)
	return g.over(guessKey{from, account}, now) || !known && g.over(guessKey{from: from}, now)
}

// over reports whether what was counted is a reason to block.
func (g guesses) over(k guessKey, now time.Time) bool {
	limit := guessesPerAccount
	if k.account == "" {
		limit = guessesPerAddress
	}
	c, ok := g[k]
	return ok && c.wrong >= limit && now.Before(c.until)
}

// bans lists what is blocked.
func (g guesses) bans(now time.Time) (list []telephony.Ban) {
	for k, c := range g {
		if g.over(k, now) {
			list = append(list, telephony.Ban{
				Address: guesserName(k.from), Account: oneLine(k.account), Reason: telephony.BanGuesses, Until: c.until,
			})
		}
	}
	return list
}

// forgive forgets what was counted against an address, and reports whether any of it blocked.
func (g guesses) forgive(from netip.Addr, now time.Time) (banned bool) {
	for k := range g {
		if k.from == from {
			banned = banned || g.over(k, now)
			delete(g, k)
		}
	}
	return banned
}

// wrong counts a wrong password and reports whether it was the one that blocks. The block does not grow while it lasts.
func (g guesses) wrong(from netip.Addr, account string, now time.Time) (blocks bool) {
	from = guesserAt(from)
	if len(g) >= maxGuessers {
		g.sweep(now)
	}
	if len(g) >= maxGuessers {
		return false // a flood from thousands of addresses: the rate bound on sources holds it
	}
	count := func(k guessKey, limit int) bool {
		c := g[k]
		if now.After(c.until) {
			c.wrong = 0
		}
		c.wrong++
		c.until = now.Add(guessBlock)
		g[k] = c
		return c.wrong == limit
	}
	pair := count(guessKey{from, account}, guessesPerAccount)
	return count(guessKey{from: from}, guessesPerAddress) || pair
}

// right forgets what was counted against the account from the address.
func (g guesses) right(from netip.Addr, account string) {
	delete(g, guessKey{guesserAt(from), account})
}

func (g guesses) sweep(now time.Time) {
	for k, c := range g {
		if now.After(c.until) {
			delete(g, k)
		}
	}
}
