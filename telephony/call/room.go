package call

import (
	"crypto/subtle"
	"maps"
	"slices"
	"sync"
	"time"

	"callbox/telephony"
	"callbox/telephony/media"
)

// Rooms are the conference rooms in which somebody is (A2.13). Each call in a room keeps its own story, and lends its caller's
// ear and mouth to the room's bridge. The lock is held for a few instructions only.
type Rooms struct {
	matrix *media.Matrix
	mu     sync.Mutex
	open   map[string]*room
	locked map[string]bool
}

// A room is one in which somebody is.
type room struct {
	name   string // as it was when the first of them came
	bridge *media.Bridge
	calls  []*Call
	ports  []*media.Party // of the calls, in their order
}

// NewRooms makes rooms of a matrix, in which nobody is.
func NewRooms(m *media.Matrix) *Rooms {
	return &Rooms{matrix: m, open: map[string]*room{}, locked: map[string]bool{}}
}

// enter brings a call's party into a room, unless that is full or locked.
func (r *Rooms) enter(cfg *telephony.Room, c *Call, port telephony.Port) (p *media.Party, b *media.Bridge) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.open[cfg.ID]
	if in == nil {
		in = &room{name: cfg.Name, bridge: r.matrix.Open()}
		r.open[cfg.ID] = in
	}
	if r.locked[cfg.ID] || len(in.calls) >= cfg.MaxParties {
		r.close(cfg.ID)
		return nil, nil
	}
	p = in.bridge.Attach(port)
	in.calls, in.ports = append(in.calls, c), append(in.ports, p)
	in.bridge.Join(in.ports...)
	return p, in.bridge
}

// leave takes a call's party out of a room. The last one opens the lock.
func (r *Rooms) leave(id string, c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.open[id]
	at := slices.Index(in.calls, c)
	in.ports[at].Detach()
	in.calls, in.ports = slices.Delete(in.calls, at, at+1), slices.Delete(in.ports, at, at+1)
	r.close(id)
}

// close closes a room in which nobody is. The caller holds mu.
func (r *Rooms) close(id string) {
	if in := r.open[id]; len(in.calls) == 0 {
		in.bridge.Close()
		delete(r.open, id)
		delete(r.locked, id)
	}
}

// Lock lets nobody into a room any more, or opens it again. A room in which nobody is cannot be locked.
func (r *Rooms) Lock(id string, on bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[id] == nil {
		return false
	}
	r.locked[id] = on
	return true
}

// Live shows the rooms of a configuration, and after them those that it does not have any more and in which people still are.
func (r *Rooms) Live(cfg *telephony.Config) []telephony.LiveRoom {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []telephony.LiveRoom{}
	for i := range cfg.Rooms {
		list = append(list, r.live(cfg.Rooms[i].ID, cfg.Rooms[i].Name))
	}
	for _, id := range slices.Sorted(maps.Keys(r.open)) {
		if cfg.Room(id) == nil {
			l := r.live(id, r.open[id].name)
			l.Closing = true
			list = append(list, l)
		}
	}
	return list
}

// live shows a room. The caller holds mu.
func (r *Rooms) live(id, name string) telephony.LiveRoom {
	l := telephony.LiveRoom{ID: id, Name: name, Locked: r.locked[id], Calls: []telephony.CallID{}}
	if in := r.open[id]; in != nil {
		for _, c := range in.calls {
			l.Calls = append(l.Calls, c.ID)
		}
	}
	return l
}

// enterRoom asks for the room's PIN, if it has one, and brings the caller in.
func (c *Call) enterRoom(id string) state {
	r := c.Config.Room(id)
	if r == nil {
		return c.refuse(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	c.answer()
	c.show("room", id)
	if r.PIN != "" && c.First == "" { // who was invited need not know it
		pin, ok := c.ask("enter_pin", longestPIN)
		if !ok {
			return c.lost(telephony.OutcomeLostInMenu, telephony.CauseNormal)
		}
		if subtle.ConstantTimeCompare([]byte(r.PIN), []byte(pin)) != 1 {
			return c.announce("wrong")
		}
	}
	c.hush()
	c.stopRecording()
	<-c.caller.media.Detach()
	p, bridge := c.house.Rooms.enter(r, c, c.caller.leg.Port())
	if p == nil {
		c.caller.media = c.bridge.Attach(c.caller.leg.Port())
		return c.announce("not_available")
	}
	c.caller.media, c.caller.state, c.outcome = p, telephony.PartyTalking, telephony.OutcomeAnswered
	if c.live.Talking.IsZero() {
		c.live.Talking = time.Now()
	}
	c.live.Entered = time.Now()
	c.rounds, c.recall = 0, ""
	c.tell(telephony.RoomEntered{Room: id})
	if c.record(c.caller); c.live.Agent != "" {
		c.house.Queues.Talking(c.live.Agent, c.ID)
	}
	c.picture()
	return func(c *Call) state { return c.inRoom(id, bridge) }
}

// inRoom waits for the caller to leave, or the room's bridge to break.
func (c *Call) inRoom(id string, bridge *media.Bridge) state {
	own := c.broken
	c.broken = bridge.Done()
	defer func() {
		c.stopRecording()
		c.house.Rooms.leave(id, c)
		c.tell(telephony.RoomLeft{Room: id})
		c.broken = own
	}()
	for {
		if h, over := c.wait().(hungup); over {
			return c.finish(telephony.OutcomeAnswered, h.cause, "caller")
		}
	}
}
