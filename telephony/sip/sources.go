package sip

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"callbox/telephony"
)

// How many messages a second one address may send before the rest is dropped unread, and how many addresses are
// remembered. A trunk at 400 calls a second sends 1,200 and its echoes; to read 3,000 costs a tenth of a core. A stranger's
// share lets an office of two hundred phones register again at once after its power failed.
const (
	sourceRate    = 3000
	sourceBurst   = 6000
	strangerRate  = 50
	strangerBurst = 500
	floodBan      = time.Minute // of a stranger who sends more; short, since an address of UDP is easily borrowed
	maxSources    = 8192
	sourceTime    = 10 * time.Second // after which a quiet address is forgotten
)

// sources bounds what each address may send, before anything of it is parsed. The table is bounded too: when it is full
// of busy addresses, new ones share what is left (pitfall 9).
type sources struct {
	mu      sync.Mutex
	known   known
	buckets map[netip.Addr]*bucket
	others  bucket       // of all addresses that did not fit the table
	floods  []netip.Addr // that nobody was told of yet
}

type bucket struct {
	level  float64 // messages that may still come at once
	at     time.Time
	banned time.Time // until then a stranger is not read
}

func newSources() *sources { return &sources{buckets: map[netip.Addr]*bucket{}} }

// known are the hosts whom the box knows: its own, its trunks', and those where its phones are registered. They are never
// banned: whoever borrows the address of one would have it banned in its place.
type known struct {
	hosts    map[netip.Addr]bool
	networks []netip.Prefix
}

func (k known) has(a netip.Addr) bool {
	return a.IsLoopback() || k.hosts[guesserAt(a)] || slices.ContainsFunc(k.networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// know replaces the hosts that are known.
func (s *sources) know(k known) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = k
}

// knows reports whether the address is of a host that the box knows.
func (s *sources) knows(a netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known.has(a)
}

// allow takes one message of the address into account and reports whether it may be read.
func (s *sources) allow(from netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := guesserAt(from)
	b := s.buckets[key]
	if b == nil {
		if b = s.room(key, now); b == nil {
			return s.others.take(now, sourceRate, sourceBurst)
		}
	}
	if s.known.has(from) {
		return b.take(now, sourceRate, sourceBurst)
	}
	if now.Before(b.banned) {
		return false
	}
	if b.take(now, strangerRate, strangerBurst) {
		return true
	}
	b.banned = now.Add(floodBan)
	if len(s.floods) < maxSources {
		s.floods = append(s.floods, key)
	}
	return false
}

// room adds the address to the table, or gives nil when the table is full of addresses that spoke just now.
func (s *sources) room(from netip.Addr, now time.Time) *bucket {
	if len(s.buckets) >= maxSources {
		looks := 0
		for a, b := range s.buckets { // a few at random: a flood must not pay for a sweep with each datagram
			if now.Sub(b.at) > sourceTime && now.After(b.banned) {
				delete(s.buckets, a)
			}
			if looks++; looks == 8 {
				break
			}
		}
		if len(s.buckets) >= maxSources {
			return nil
		}
	}
	b := &bucket{level: sourceBurst, at: now}
	s.buckets[from] = b
	return b
}

func (b *bucket) take(now time.Time, rate, burst float64) bool {
	b.level = min(burst, b.level+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// news gives the strangers who were banned since it was asked last.
func (s *sources) news() []netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.floods
	s.floods = nil
	return list
}

// bans lists the strangers who are not read.
func (s *sources) bans(now time.Time) (list []telephony.Ban) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, b := range s.buckets {
		if now.Before(b.banned) {
			list = append(list, telephony.Ban{Address: guesserName(a), Reason: telephony.BanFlood, Until: b.banned})
		}
	}
	return list
}

// forgive forgets what an address did and reports whether it was banned.
func (s *sources) forgive(a netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[a]
	delete(s.buckets, a)
	return b != nil && now.Before(b.banned)
}
