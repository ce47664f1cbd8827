package website

import (
	"maps"
	"slices"
	"sync"
	"time"

	"callbox/telephony"
)

// What one address may have. An office behind one address may have several visitors at once; a flood is more than that.
const (
	maxAtOnce  = 5  // connections
	maxBegun   = 12 // in window
	window     = time.Minute
	maxSources = 4096 // remembered; one more is refused
)

// What a visitor is told who may not call.
var (
	errNoSite = telephony.Errorf(telephony.NotFound, "该呼叫按钮已不存在，请联系本网站。", "This call button is no more. Please tell the owner of this site.")
	errOff    = telephony.Errorf(telephony.Unavailable, "网上呼叫暂未开放，请稍后再试。", "Calls from this site are switched off. Please try again later.")
	errOrigin = telephony.Errorf(telephony.Forbidden, "本页地址不在该呼叫按钮的允许范围内。", "This page's address is not one that the call button may be used on.")
	errFull   = telephony.Errorf(telephony.Busy, "线路繁忙，请稍后再拨。", "All lines are busy. Please try again in a moment.")
	errOften  = telephony.Errorf(telephony.TooMany, "呼叫过于频繁，请一分钟后再拨。", "Too many calls came from here. Please wait a minute.")
)

// A door lets visitors in, as many as there may be, and tells the office the states of the web sites' lines. Its lock is held for
// a few instructions; the office's verb returns at once, so that states are told in order.
type door struct {
	office telephony.Office

	mu      sync.Mutex
	config  *telephony.Config
	sites   map[string]*site // by id; one that left the configuration stays while it has visitors
	sources map[string]*source
}

// A site is one web site and who calls from it.
type site struct {
	visitors, talking int
	told              telephony.LineStatus
}

// A source is an address that visitors came from.
type source struct {
	now   int         // connections
	begun []time.Time // within window, oldest first
}

// A place is what one visitor has of the bounds.
type place struct {
	config  telephony.Website // as it was at the door
	source  string
	talking bool
}

func (d *door) configure(c *telephony.Config) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.config = c
	old := d.sites
	d.sites = map[string]*site{}
	for id, s := range old {
		if s.visitors > 0 {
			d.sites[id] = s
		}
	}
	for i := range c.Websites {
		id := c.Websites[i].ID
		if d.sites[id] = old[id]; d.sites[id] == nil {
			d.sites[id] = &site{}
		}
		d.tell(id)
	}
}

// tell tells the office how the line of a web site is, if that is new. The caller holds mu.
func (d *door) tell(id string) {
	s, w := d.sites[id], d.config.Website(id)
	if w == nil {
		return
	}
	now := telephony.LineStatus{ID: w.Line(), Name: w.Name, State: telephony.LineIdle, Busy: s.visitors, Since: s.told.Since}
	switch {
	case s.talking > 0:
		now.State = telephony.LineTalking
	case s.visitors > 0:
		now.State = telephony.LineRinging
	case w.Disabled:
		now.State = telephony.LineBlocked
	}
	if now == s.told {
		return
	}
	if now.State != s.told.State {
		now.Since = time.Now()
	}
	s.told = now
	d.office.LineChanged(now)
}

// enter lets a visitor in, or says what speaks against it.
func (d *door) enter(id, origin, from string) (*place, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.config == nil {
		return nil, errOff
	}
	w := d.config.Website(id)
	if err := d.count(from); err != nil { // whatever is asked for: a guess counts as well
		return nil, err
	}
	err := mayCall(w, origin)
	if err == nil && d.sites[id].visitors >= w.MaxCalls {
		err = errFull
	}
	if err != nil {
		d.sources[from].now--
		return nil, err
	}
	d.sites[id].visitors++
	d.tell(id)
	return &place{config: *w, source: from}, nil
}

// mayCall says what speaks against calls from a page. A browser names the page's origin itself (RFC 6455 10.2): no script can.
func mayCall(w *telephony.Website, origin string) error {
	switch {
	case w == nil:
		return errNoSite
	case !slices.Contains(w.Origins, origin):
		return errOrigin
	case w.Disabled:
		return errOff
	}
	return nil
}

// count counts a connection of a source. The caller holds mu.
func (d *door) count(from string) error {
	now := time.Now()
	over := func(t time.Time) bool { return now.Sub(t) >= window }
	s := d.sources[from]
	if s == nil {
		if len(d.sources) >= maxSources {
			maps.DeleteFunc(d.sources, func(_ string, s *source) bool {
				return s.now == 0 && (len(s.begun) == 0 || over(s.begun[len(s.begun)-1]))
			})
		}
		if len(d.sources) >= maxSources {
			return errFull
		}
		if d.sources == nil {
			d.sources = map[string]*source{}
		}
		s = &source{}
		d.sources[from] = s
	}
	if s.begun = slices.DeleteFunc(s.begun, over); s.now >= maxAtOnce || len(s.begun) >= maxBegun {
		return errOften
	}
	s.now++
	s.begun = append(s.begun, now)
	return nil
}

// answered notes that a visitor talks with the box.
func (d *door) answered(p *place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !p.talking {
		p.talking = true
		d.sites[p.config.ID].talking++
		d.tell(p.config.ID)
	}
}

// leave gives back what a visitor had.
func (d *door) leave(p *place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sources[p.source].now--
	s := d.sites[p.config.ID]
	s.visitors--
	if p.talking {
		s.talking--
	}
	d.tell(p.config.ID)
}
