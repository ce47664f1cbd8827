package sip

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// bans is what the page shows.
func (w *world) bans() []telephony.Ban {
	w.t.Helper()
	list, err := w.stack.Bans(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) expectBans(want ...telephony.Ban) {
	w.t.Helper()
	if d := cmp.Diff(want, w.bans(), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(telephony.Ban{}, "Until")); d != "" {
		w.t.Errorf("bans (-want +got):\n%s", d)
	}
}

func TestBansAreShownAndUndone(t *testing.T) { // issue 5: a ban list that the page shows and undoes
	inWorld(t, func(w *world) {
		w.expectBans()
		phone := w.ua("198.51.100.7:5060")
		for range guessesPerAccount {
			phone.register("801", "old password", "<sip:801@198.51.100.7>", 300)
		}
		w.expectBans(telephony.Ban{Address: "198.51.100.7", Account: "801", Reason: telephony.BanGuesses})
		if until := w.bans()[0].Until; time.Until(until).Round(time.Minute) != guessBlock {
			t.Errorf("until %v", until)
		}
		if err := w.stack.Unban(w.t.Context(), "198.51.100.7"); err != nil {
			t.Fatal(err)
		}
		w.expectBans()
		if res := phone.register("801", "secret801", "<sip:801@198.51.100.7>", 300); res.StatusCode != 200 {
			t.Errorf("after the ban was undone: %s", res.StartLine())
		}
	})
}

func TestUnbanSaysWhatIsWrong(t *testing.T) {
	inWorld(t, func(w *world) {
		for address, want := range map[string]telephony.Code{
			"198.51.100.7": telephony.NotFound, "2001:db8::/64": telephony.NotFound, "the carrier": telephony.Invalid, "": telephony.Invalid,
		} {
			e, ok := w.stack.Unban(w.t.Context(), address).(*telephony.Error)
			if !ok || e.Code != want {
				t.Errorf("%q: %v", address, e)
			}
		}
	})
}

func TestAStrangersFloodIsBanned(t *testing.T) { // issue 5: REGISTER and INVITE floods bounded per source
	for _, method := range []string{"REGISTER", "INVITE", "OPTIONS"} {
		t.Run(method, func(t *testing.T) {
			inWorld(t, func(w *world) {
				thief, answers := w.net.Listen("198.51.100.7:5060"), 0
				go func() {
					for b := make([]byte, 4096); ; answers++ {
						if _, _, err := thief.ReadFrom(b); err != nil {
							return
						}
					}
				}()
				for i := range 10 * strangerBurst {
					msg := fmt.Sprintf("%s sip:801@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK%[2]d\r\nFrom: <sip:801@x>;tag=%[2]d\r\n"+
						"To: <sip:801@10.0.0.1>\r\nCall-ID: %[2]d\r\nCSeq: 1 %[1]s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", method, i)
					thief.WriteTo([]byte(msg), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(boxAt)))
					time.Sleep(time.Millisecond)
				}
				time.Sleep(time.Second)
				thief.Close()
				synctest.Wait()
				if answers < strangerBurst || answers > strangerBurst+strangerRate {
					t.Errorf("%d answers", answers)
				}
				w.expectBans(telephony.Ban{Address: "198.51.100.7", Reason: telephony.BanFlood})
				if n := len(w.office.entries); n != 1 {
					t.Errorf("journal: %v", w.office.entries)
				}
				if res := w.ua(phoneAt).register("801", "secret801", phoneContact, 300); res.StatusCode != 200 {
					t.Errorf("a phone meanwhile: %s", res.StartLine())
				}
				time.Sleep(floodBan)
				w.expectBans()
			})
		})
	}
}

func TestWhoIsKnownIsNeverBanned(t *testing.T) { // pain 46
	inConfiguredWorld(t, func(c *telephony.Config) {
		c.Trunks = append(c.Trunks, telephony.Trunk{ID: "net", Way: telephony.BothWays, Host: "10.0.9.1", Sources: []string{"10.0.8.0/24", "10.0.7.1"}})
	}, func(w *world) {
		w.ua(phoneAt).register("801", "secret801", phoneContact, 300)
		time.Sleep(2 * sweepPeriod)
		s := w.stack.transport.sources
		for where, banned := range map[string]bool{
			phoneAt: false, trunkAt: false, boxAt: false, "127.0.0.1:1": false, "10.0.8.77:5060": false, "10.0.7.1:5060": false, "198.51.100.7:5060": true,
		} {
			a := netip.MustParseAddrPort(where).Addr()
			for range 2 * strangerBurst {
				s.allow(a, time.Now())
			}
			if s.allow(a, time.Now()) == banned {
				t.Errorf("%s: banned is not %t", where, banned)
			}
		}
	})
}

func TestAnOfficeOfManyWrongPasswordsIsNotShutOut(t *testing.T) { // pain 46
	inWorld(t, func(w *world) {
		office := w.ua("203.0.113.9:5060")
		office.register("801", "secret801", "<sip:801@192.168.1.2>", 3600)
		time.Sleep(2 * sweepPeriod)
		for i := range 2 * guessesPerAddress { // as many phones that were never entered here
			office.register(fmt.Sprint(900+i), "secret", "<sip:x@192.168.1.9>", 300)
		}
		office.register("801", "secret801", "<sip:801@192.168.1.2>", 0) // it leaves, and comes back
		if res := office.register("801", "secret801", "<sip:801@192.168.1.2>", 3600); res.StatusCode != 200 {
			t.Errorf("the phone is shut out: %s", res.StartLine())
		}
	})
}
