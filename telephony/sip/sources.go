package sip

import (
	"net/netip"
	"sync"
	"time"
)

// How many messages a second one address may send before the rest is dropped unread, and how many addresses are
// remembered. A trunk at 400 calls a second sends 1,200 and its echoes; to read 3,000 costs a tenth of a core.
const (
	sourceRate  = 3000
	sourceBurst = 6000
	maxSources  = 8192
	sourceTime  = 10 * time.Second // after which a quiet address is forgotten
)

// sources bounds what each address may send, before anything of it is parsed. The table is bounded too: when it is full
// of busy addresses, new ones share what is left (pitfall 9).
type sources struct {
	mu      sync.Mutex
	buckets map[netip.Addr]*bucket
	others  bucket // of all addresses that did not fit the table
}

type bucket struct {
	level float64 // messages that may still come at once
	at    time.Time
}

func newSources() *sources { return &sources{buckets: map[netip.Addr]*bucket{}} }

// allow takes one message of the address into account and reports whether it may be read.
func (s *sources) allow(from netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[from]
	if b == nil {
		if b = s.room(from, now); b == nil {
			b = &s.others
		}
	}
	return b.take(now)
}

// room adds the address to the table, or gives nil when the table is full of addresses that spoke just now.
func (s *sources) room(from netip.Addr, now time.Time) *bucket {
	if len(s.buckets) >= maxSources {
		looks := 0
		for a, b := range s.buckets { // a few at random: a flood must not pay for a sweep with each datagram
			if now.Sub(b.at) > sourceTime {
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

func (b *bucket) take(now time.Time) bool {
	b.level = min(sourceBurst, b.level+now.Sub(b.at).Seconds()*sourceRate)
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
