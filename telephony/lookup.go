package telephony

import (
	"slices"
	"strings"
)

// find gives the first element that fits, or nil: the lists of a Config are short and read in order.
func find[T any](list []T, fits func(*T) bool) *T {
	for i := range list {
		if fits(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// Queue is the queue with the id, or nil.
func (c *Config) Queue(id string) *Queue {
	return find(c.Queues, func(q *Queue) bool { return q.ID == id })
}

// Menu is the menu with the id, or nil.
func (c *Config) Menu(id string) *Menu {
	return find(c.Menus, func(m *Menu) bool { return m.ID == id })
}

// Phone is the phone with the extension, or nil.
func (c *Config) Phone(ext string) *Phone {
	return find(c.Phones, func(p *Phone) bool { return p.Extension == ext })
}

// PhoneAt is the phone that is plugged into the port of the box, "fxs/1", or nil.
func (c *Config) PhoneAt(port string) *Phone {
	return find(c.Phones, func(p *Phone) bool { return p.Port == port && port != "" })
}

// Agent is the agent with the id, or nil.
func (c *Config) Agent(id string) *Agent {
	return find(c.Agents, func(a *Agent) bool { return a.ID == id })
}

// Trunk is the trunk with the id, or nil.
func (c *Config) Trunk(id string) *Trunk {
	return find(c.Trunks, func(t *Trunk) bool { return t.ID == id })
}

// Line is the analogue line with the id, or nil.
func (c *Config) Line(id string) *LineConfig {
	return find(c.Lines, func(l *LineConfig) bool { return l.ID == id })
}

// Supervised reports whether a line is sure to tell that its far end is gone: by signalling, or by a turn of the battery.
// An analogue line without that may open the loop or play busy tone, or do neither.
func (c *Config) Supervised(id string) bool {
	l := c.Line(id)
	return l == nil || l.PolarityAnswer
}

// Serves reports whether a line to the outside is there and in service.
func (c *Config) Serves(id string) bool {
	if l := c.Line(id); l != nil {
		return !l.Disabled
	}
	if s := c.Span(id); s != nil {
		return !s.Disabled
	}
	if w := c.WebsiteAt(id); w != nil {
		return !w.Disabled
	}
	trunk, is := strings.CutPrefix(id, "trunk/")
	t := c.Trunk(trunk)
	return is && t != nil && !t.Disabled
}

// Span is the E1 with the id, or nil.
func (c *Config) Span(id string) *SpanConfig {
	return find(c.Spans, func(s *SpanConfig) bool { return s.ID == id })
}

// An OutsideLine is what is decided about every line to the outside, whatever its kind.
type OutsideLine struct {
	ID       string
	Name     string
	Way      Way
	Numbers  []string
	Language string
}

// Outside are all lines to the outside, in the order in which the configuration lists them.
func (c *Config) Outside(yield func(OutsideLine) bool) {
	for i := range c.Lines {
		if l := &c.Lines[i]; !yield(OutsideLine{l.ID, l.Name, l.Way, l.Numbers, l.Language}) {
			return
		}
	}
	for i := range c.Spans {
		if s := &c.Spans[i]; !yield(OutsideLine{s.ID, s.Name, s.Way, s.Numbers, s.Language}) {
			return
		}
	}
	for i := range c.Trunks {
		if t := &c.Trunks[i]; !yield(OutsideLine{"trunk/" + t.ID, t.Name, t.Way, t.Numbers, t.Language}) {
			return
		}
	}
	for i := range c.Websites {
		if w := &c.Websites[i]; !yield(OutsideLine{w.Line(), w.Name, InOnly, nil, w.Language}) {
			return
		}
	}
}

// OutsideLine is the line to the outside with the id; one that the configuration does not know carries calls both ways.
func (c *Config) OutsideLine(id string) OutsideLine {
	for l := range c.Outside {
		if l.ID == id {
			return l
		}
	}
	return OutsideLine{ID: id, Way: BothWays}
}

// Group is the trunk group with the id, or nil.
func (c *Config) Group(id string) *Group {
	return find(c.Groups, func(g *Group) bool { return g.ID == id })
}

// HoursOf is the hours with the id, or nil.
func (c *Config) HoursOf(id string) *Hours {
	return find(c.Hours, func(h *Hours) bool { return h.ID == id })
}

// Mailbox is the mailbox with the id, or nil.
func (c *Config) Mailbox(id string) *Mailbox {
	return find(c.Mailboxes, func(m *Mailbox) bool { return m.ID == id })
}

// Room is the conference room with the id, or nil.
func (c *Config) Room(id string) *Room {
	return find(c.Rooms, func(r *Room) bool { return r.ID == id })
}

// Webhook is the webhook with the id, or nil.
func (c *Config) Webhook(id string) *Webhook {
	return find(c.Webhooks, func(w *Webhook) bool { return w.ID == id })
}

// Website is the web site with the id, or nil.
func (c *Config) Website(id string) *Website {
	return find(c.Websites, func(w *Website) bool { return w.ID == id })
}

// WebsiteAt is the web site whose line it is, or nil.
func (c *Config) WebsiteAt(line string) *Website {
	return find(c.Websites, func(w *Website) bool { return w.Line() == line })
}

// IsEmergency reports whether the number passes every gate.
func (c *Config) IsEmergency(number string) bool { return slices.Contains(c.Site.Emergency, number) }

// OwnNumber reports whether a number is the company's own: inside, published, or an emergency's.
func (c *Config) OwnNumber(number string) bool {
	if _, inside, _ := c.Inside(number); inside || c.IsEmergency(number) {
		return true
	}
	for l := range c.Outside {
		if slices.Contains(l.Numbers, number) {
			return true
		}
	}
	return false
}

// MaxExtensionLen bounds the numbers inside: extensions, job numbers, queue numbers.
const MaxExtensionLen = 8

// Extension finds whom a caller in a menu can dial: a phone, a queue or a room. More reports that a longer number begins with
// these digits, so that a caller may not be done dialling. A number inside never leads to an outside line.
func (c *Config) Extension(digits string) (t Target, found, more bool) {
	s := search{digits: digits}
	for i := range c.Phones {
		s.look(c.Phones[i].Extension, ToPhone, c.Phones[i].Extension)
	}
	for i := range c.Queues {
		s.look(c.Queues[i].Number, ToQueue, c.Queues[i].ID)
	}
	for i := range c.Rooms {
		s.look(c.Rooms[i].Number, ToRoom, c.Rooms[i].ID)
	}
	return s.found, s.found != "", s.more
}

// Inside finds whom a phone can dial: what Extension finds, and agents by their job number wherever they sit.
func (c *Config) Inside(digits string) (t Target, found, more bool) {
	s := search{digits: digits}
	s.found, _, s.more = c.Extension(digits)
	for i := range c.Agents {
		s.look(c.Agents[i].ID, ToAgent, c.Agents[i].ID)
	}
	return s.found, s.found != "", s.more
}

// search compares numbers with what was dialled.
type search struct {
	digits string
	found  Target
	more   bool
}

func (s *search) look(number, kind, id string) {
	switch {
	case number == s.digits && number != "" && s.found == "":
		s.found = NewTarget(kind, id)
	case len(number) > len(s.digits) && number[:len(s.digits)] == s.digits:
		s.more = true
	}
}
