package webui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/q931"
)

// demoSpans are two E1s at a lively moment: one with calls in every state, one whose cable is out.
func demoSpans(c *telephony.Config, began time.Time) (spans []telephony.LiveSpan) {
	ago := func(s int) time.Time { return began.Add(-time.Duration(s) * time.Second) }
	for i, s := range c.Spans {
		span := telephony.LiveSpan{
			Span: s.ID, Name: s.Name, Side: s.Side, Alarm: "clear", DChannel: "up", Since: ago(86400 * 12),
			Counters: telephony.SpanCounters{FrameSlips: 2, Odd: 1},
		}
		if i == 1 {
			span.Alarm, span.DChannel, span.Since = "red", "down", ago(77)
			span.Counters = telephony.SpanCounters{CodeViolations: 18204, CRC: 312, FarEndCRC: 4, FrameSlips: 9, BadFCS: 41, Aborts: 12}
		}
		for n := 1; n <= 31; n++ {
			if n != 16 {
				span.Channels = append(span.Channels, demoChannel(i, n, slices.Contains(s.Blocked, n), ago))
			}
		}
		spans = append(spans, span)
	}
	return spans
}

func demoChannel(span, n int, blocked bool, ago func(int) time.Time) telephony.LiveChannel {
	states := map[int]telephony.ChannelState{
		1: "talking", 2: "talking", 3: "talking", 4: "incoming", 5: "talking", 6: "clearing", 7: "talking", 8: "outgoing", 9: "talking",
		17: "talking", 18: "outgoing", 19: "talking", 20: "maintenance",
	}
	parties := []string{"13816402257", "02162345678", "18621870033", "057187654321", "13901234567"}
	ch := telephony.LiveChannel{Number: n, State: telephony.ChannelIdle, Blocked: blocked, Since: ago(20 + n*37)}
	switch state, used := states[n]; {
	case span == 1:
		ch.State, ch.Since = telephony.ChannelDown, ago(77)
	case used:
		ch.State = state
		if state != "maintenance" {
			ch.Party, ch.Leg = parties[n%len(parties)], fmt.Sprint("e1/1#", 40+n)
		}
	case blocked:
		ch.State = telephony.ChannelBlocked
	}
	return ch
}

// demoMessages is what was said on the legs of a call: an E1 in front, agents' phones behind.
func demoMessages(r CallRecord) (list []telephony.Trace) {
	if !strings.HasPrefix(r.Line, "e1/") || r.Agent == "" {
		return nil
	}
	say := func(s float64, leg, protocol string, sent bool, octets []byte) {
		d := time.Duration(s * float64(time.Second))
		line, _, _ := strings.Cut(leg, "#")
		list = append(list, telephony.Trace{
			Time: r.Arrived.Add(d), Mono: d, Boot: 3, Leg: leg, Line: line, Protocol: protocol, Sent: sent, Octets: octets,
		})
	}
	isdn := func(s float64, sent bool, m q931.Message) {
		m.Value, m.Flag = 9, sent
		say(s, r.Line+"#9", telephony.ProtocolQ931, sent, m.Encode())
	}
	five := &q931.Channels{Slots: 1 << 5, Exclusive: true}
	isdn(-0.004, false, q931.Message{
		Type: q931.TypeSetup, Complete: true, Bearer: q931.Speech, Channels: five,
		Calling: q931.Number{Digits: r.Caller.Number, Type: q931.NumberNational, Plan: q931.PlanISDN, Screening: q931.ScreeningNetwork},
		Called:  q931.Number{Digits: r.Called, Type: q931.NumberSubscriber, Plan: q931.PlanISDN},
	})
	isdn(0.001, true, q931.Message{Type: q931.TypeCallProceeding, Channels: five})
	isdn(1.95, true, q931.Message{Type: q931.TypeAlerting, Progress: []q931.Progress{{Description: q931.InBandInformation, Location: q931.LocationPrivateLocal}}})
	isdn(2.001, true, q931.Message{Type: q931.TypeConnect})
	isdn(2.018, false, q931.Message{Type: q931.TypeConnectAcknowledge})
	phone := func(s float64, leg string, sent bool, start, method string, extra ...string) {
		say(s, leg, telephony.ProtocolSIP, sent, demoSIP(r, leg, start, method, extra...))
	}
	phone(8.002, "phone/802#3", true, "INVITE", "INVITE", "Content-Type: application/sdp", "", "v=0", "o=- 1 1 IN IP4 192.168.1.8", "s=-", "c=IN IP4 192.168.1.8", "t=0 0", "m=audio 20004 RTP/AVP 8 0 101")
	phone(8.031, "phone/802#3", false, "180 Ringing", "INVITE")
	phone(20.001, "phone/802#3", true, "CANCEL", "CANCEL")
	phone(20.012, "phone/802#3", false, "200 OK", "CANCEL")
	phone(20.015, "phone/802#3", false, "487 Request Terminated", "INVITE")
	phone(20.016, "phone/802#3", true, "ACK", "ACK")
	phone(20.103, "phone/801#7", true, "INVITE", "INVITE", "Content-Type: application/sdp", "", "v=0", "o=- 1 1 IN IP4 192.168.1.8", "s=-", "c=IN IP4 192.168.1.8", "t=0 0", "m=audio 20006 RTP/AVP 8 0 101")
	phone(20.140, "phone/801#7", false, "180 Ringing", "INVITE")
	phone(22.980, "phone/801#7", false, "200 OK", "INVITE", "Content-Type: application/sdp", "", "v=0", "o=- 1 1 IN IP4 192.168.1.31", "s=-", "c=IN IP4 192.168.1.31", "t=0 0", "m=audio 4000 RTP/AVP 8 101")
	phone(22.984, "phone/801#7", true, "ACK", "ACK")
	isdn(117.99, false, q931.Message{Type: q931.TypeDisconnect, Reason: q931.Reason{Cause: telephony.CauseNormal, Location: q931.LocationPublicLocal}})
	isdn(118.001, true, q931.Message{Type: q931.TypeRelease})
	phone(118.004, "phone/801#7", true, "BYE", "BYE", "Reason: Q.850;cause=16;text=\"normal clearing\"")
	phone(118.021, "phone/801#7", false, "200 OK", "BYE")
	isdn(118.040, false, q931.Message{Type: q931.TypeReleaseComplete})
	return list
}

// demoSIP is a believable message: a request, or an answer to one by its status.
func demoSIP(r CallRecord, leg, start, method string, extra ...string) []byte {
	extension := strings.TrimPrefix(strings.Split(leg, "#")[0], "phone/")
	first := "SIP/2.0 " + start
	if start == method {
		first = method + " sip:" + extension + "@192.168.1.31:5060 SIP/2.0"
	}
	lines := append([]string{
		first, "Via: SIP/2.0/UDP 192.168.1.8:5060;branch=z9hG4bK7c1f2a9d04;rport", "Max-Forwards: 70",
		`From: "` + r.Caller.Number + `" <sip:` + r.Caller.Number + "@192.168.1.8>;tag=5b1d0c77",
		"To: <sip:" + extension + "@192.168.1.8>", "Call-ID: 3f9a5d21c0e84b6a", "CSeq: 1 " + method, "User-Agent: Callbox/0.1.0",
	}, extra...)
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n")
}
