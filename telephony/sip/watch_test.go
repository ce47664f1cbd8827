package sip

import (
	"net/netip"
	"testing"
	"time"

	"callbox/telephony"
)

func TestAPhoneThatVanishesIsOfflineSoon(t *testing.T) { // pain 6: long before its registration ends
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.mute = true
		phone.register("801", "secret801", phoneContact, 3600)
		phone.reply(phone.expect("OPTIONS"), 200, "o", "")
		w.expectState("phone/801", "idle 0")
		w.net.SetDrop(func(netip.AddrPort, netip.AddrPort, []byte) bool { return true }) // its plug is pulled
		start := time.Now()
		for w.state("phone/801") == "idle 0" {
			time.Sleep(time.Second)
		}
		if took := time.Since(start); took > 45*time.Second {
			t.Errorf("offline after %v", took)
		}
		if _, err := w.line("phone/801").Dial(telephony.Order{}); code(err) != telephony.Unavailable {
			t.Errorf("dial: %v", err)
		}
		w.net.SetDrop(nil) // and put back
		start = time.Now()
		for w.state("phone/801") == "offline 0" && time.Since(start) < time.Minute {
			phone.reply(phone.expect("OPTIONS"), 200, "o", "")
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("idle again after %v", took)
		}
	})
}

func TestAPhoneThatNeverAnswersOptionsIsBelieved(t *testing.T) {
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		phone.mute = true
		phone.register("801", "secret801", phoneContact, 3600)
		time.Sleep(30 * time.Minute)
		w.expectState("phone/801", "idle 0")
		time.Sleep(31 * time.Minute)
		w.expectState("phone/801", "offline 0")
	})
}

func TestAPhoneThatComesBackElsewhere(t *testing.T) {
	inWorld(t, func(w *world) {
		old := w.ua(phoneAt)
		old.register("801", "secret801", phoneContact, 3600)
		fresh := w.ua("10.0.0.4:5060")
		fresh.register("801", "secret801", "<sip:801@10.0.0.4:5060>", 3600)
		if _, err := w.line("phone/801").Dial(telephony.Order{}); err != nil {
			t.Fatal(err)
		}
		fresh.expect("INVITE") // the newest rings
	})
}
