package main

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// maxVisitors bounds the connections to the page and the API, of which each costs some tens of kilobytes.
const maxVisitors = 2048

// A crowd is a listener with at most so many connections open. One too many costs whoever has the most of them the oldest:
// a stranger who opens thousands and keeps quiet keeps nobody out but himself (reliability.md figure 15). Its lock is held
// for a look through the table only.
type crowd struct {
	net.Listener
	most int

	mu    sync.Mutex
	from  map[string][]*visitor // by the far end's host, oldest first
	count int
}

// A visitor is one connection of a crowd.
type visitor struct {
	net.Conn
	crowd *crowd
	host  string
}

func newCrowd(l net.Listener, most int) *crowd {
	return &crowd{Listener: l, most: most, from: map[string][]*visitor{}}
}

// Accept takes the next connection and makes room for it.
func (c *crowd) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	v := &visitor{Conn: conn, crowd: c, host: hostOf(conn.RemoteAddr())}
	if over := c.enter(v); over != nil {
		over.Close()
	}
	return v, nil
}

// enter takes a visitor in and names the one to be sent away for it, if there is no room.
func (c *crowd) enter(v *visitor) (over *visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from[v.host] = append(c.from[v.host], v)
	if c.count++; c.count <= c.most {
		return nil
	}
	var many []*visitor
	for _, list := range c.from {
		if len(list) > len(many) {
			many = list
		}
	}
	return many[0]
}

// leave forgets a visitor; it may be told twice.
func (c *crowd) leave(v *visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.from[v.host]
	at := slices.Index(list, v)
	if at < 0 {
		return
	}
	c.count--
	if c.from[v.host] = slices.Delete(list, at, at+1); len(list) == 1 {
		delete(c.from, v.host)
	}
}

// Close ends the connection and makes room for another.
func (v *visitor) Close() error {
	v.crowd.leave(v)
	return v.Conn.Close()
}

// hostOf is whom a connection is counted for: an address, or the /64 that one host of IPv6 has for itself.
func hostOf(a net.Addr) string {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return a.String()
	}
	host := at.Addr().Unmap().WithZone("")
	if host.Is4() {
		return host.String()
	}
	prefix, _ := host.Prefix(64) // of an IPv6 address always
	return prefix.String()
}
