package webui

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// ServeBrowser says who is there and gives back each message.
func (b *memoryBox) ServeBrowser(_ context.Context, conn net.Conn, extension string) error {
	defer conn.Close()
	host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	conn.Write([]byte("phone " + extension + " at " + host))
	room := make([]byte, 100)
	for {
		n, err := conn.Read(room)
		if err != nil {
			return err
		}
		conn.Write(room[:n])
	}
}

// askSocket asks for a WebSocket and gives what came of it.
func askSocket(t *testing.T, server *httptest.Server, path string, headers ...string) (net.Conn, *bufio.Reader, string) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: box.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+strings.Join(headers, "\r\n")+"\r\n\r\n")
	r := bufio.NewReader(conn)
	status, _ := r.ReadString('\n')
	for line := ""; line != "\r\n" && err == nil; {
		line, err = r.ReadString('\n')
	}
	return conn, r, status
}

// A5.21: a browser is a phone only for an agent who is signed in at one, and only where the box's own page asks.
func TestAPhoneIsAnAgents(t *testing.T) {
	box := newBox()
	server := httptest.NewServer(New(box.options()).Handler())
	t.Cleanup(server.Close)
	seat := func(state telephony.AgentState, phone telephony.Target) {
		box.mu.Lock()
		defer box.mu.Unlock()
		box.live.Agents = []telephony.LiveAgent{{ID: "1001", State: state, Phone: string(phone)}}
	}
	box.sessions["cookie-agent"] = Person{Name: "lin", Role: Agent, Agent: "1001"}
	box.sessions["cookie-admin"] = Person{Name: "boss", Role: Admin}
	const mine, protocol, own = "Cookie: callbox=cookie-agent", "Sec-WebSocket-Protocol: sip", "Origin: http://box.example"
	for name, row := range map[string]struct {
		state   telephony.AgentState
		phone   telephony.Target
		headers []string
		want    string
	}{
		"nobody":                       {telephony.AgentReady, "phone:801", []string{protocol, own}, " 401 "},
		"no agent":                     {telephony.AgentReady, "phone:801", []string{protocol, own, "Cookie: callbox=cookie-admin"}, " 404 "},
		"a token":                      {telephony.AgentReady, "phone:801", []string{protocol, own, "Authorization: " + bearer(Agent)}, " 404 "},
		"signed out":                   {telephony.AgentSignedOut, "", []string{protocol, own, mine}, " 409 "},
		"sits outside":                 {telephony.AgentReady, "outside:13800000000", []string{protocol, own, mine}, " 409 "},
		"RFC 6455 10.2: another site":  {telephony.AgentReady, "phone:801", []string{protocol, "Origin: http://evil.example", mine}, " 403 "},
		"RFC 6455 10.2: a file":        {telephony.AgentReady, "phone:801", []string{protocol, "Origin: null", mine}, " 403 "},
		"RFC 7118 4: signed in, on it": {telephony.AgentReady, "phone:801", []string{protocol, own, mine}, " 101 "},
		"RFC 7118 4: on a break":       {telephony.AgentBreak, "phone:802", []string{protocol, own, mine}, " 101 "},
	} {
		seat(row.state, row.phone)
		if _, _, got := askSocket(t, server, "/api/phone", row.headers...); !strings.Contains(got, row.want) {
			t.Errorf("%s: %q, want%s", name, got, row.want)
		}
	}
}

// A5.19: a page that counts as gone is no phone any more, unless it is in a call; awake again, it is.
func TestAPhoneThatSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, lihua, _ := deskBox()
		s := New(b.options())
		r := httptest.NewRequest("GET", "/api/phone", nil)
		r.Header.Set(lihua[0], lihua[1])
		beat := func() { ask(s.Handler(), "POST", "/api/desk/beat", "{}", lihua...) }
		keeps := func(state telephony.AgentState, want bool) {
			t.Helper()
			b.setLive(telephony.Live{Agents: []telephony.LiveAgent{{ID: "1001", State: state, Phone: "phone:801"}}})
			if got := s.keeps(r, "801"); got != want {
				t.Errorf("%s: kept %v, want %v", state, got, want)
			}
		}
		keeps(telephony.AgentReady, true) // the page has not beaten yet
		beat()
		time.Sleep(deskGone - time.Second)
		keeps(telephony.AgentRinging, true)
		time.Sleep(time.Second)
		keeps(telephony.AgentRinging, false)
		keeps(telephony.AgentTalking, true)
		beat()
		keeps(telephony.AgentReady, true)
		keeps(telephony.AgentSignedOut, false)
	})
}

// RFC 6455: messages stay whole, signs of life are answered, and what is too long ends the connection.
func TestMessagesOfAWebSocket(t *testing.T) {
	box := newBox()
	box.sessions["cookie-agent"] = Person{Name: "lin", Role: Agent, Agent: "1001"}
	box.live.Agents = []telephony.LiveAgent{{ID: "1001", State: telephony.AgentReady, Phone: "phone:801"}}
	server := httptest.NewServer(New(box.options()).Handler())
	t.Cleanup(server.Close)
	conn, r, _ := askSocket(t, server, "/api/phone", "Sec-WebSocket-Protocol: sip", "Origin: http://box.example", "Cookie: callbox=cookie-agent")
	expect := func(want string, kind ws.OpCode) {
		t.Helper()
		frame, err := ws.ReadFrame(r)
		if err != nil || string(frame.Payload) != want || frame.Header.OpCode != kind {
			t.Fatalf("%+v %q, %v; want %q", frame.Header, frame.Payload, err, want)
		}
	}
	expect("phone 801 at 127.0.0.1", ws.OpText)
	send := func(f ws.Frame) { ws.WriteFrame(conn, ws.MaskFrame(f)) }
	first := ws.NewTextFrame([]byte("hel"))
	first.Header.Fin = false
	send(first)
	send(ws.NewPingFrame([]byte("?")))
	rest := ws.NewFrame(ws.OpContinuation, true, []byte("lo"))
	send(rest)
	expect("?", ws.OpPong)
	expect("hello", ws.OpText)
	wsutil.WriteClientMessage(conn, ws.OpBinary, []byte{0xff})
	expect("\xff", ws.OpBinary)
	wsutil.WriteClientMessage(conn, ws.OpText, make([]byte, 101))
	if frame, err := ws.ReadFrame(r); err == nil {
		t.Errorf("after a message that is too long: %+v", frame)
	}
}
