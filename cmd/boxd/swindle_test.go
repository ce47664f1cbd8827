package main

import (
	"strings"
	"time"

	"callbox/hal/sim"
	"callbox/webui"
)

// strangers have no password and no trunk.
func strangers() (list []swindle) {
	numbers := map[string]string{
		"abroad": abroad, "without the prefix": "00441632960000", "with a plus": "+441632960000", "escaped": "9%30%30441632960000",
		"with parameters": abroad + ";phone-context=+44", "a mobile": "913800138000", "the duty mobile": "13800138000",
		"an emergency": "110", "a phone": "802", "a star code": "*11", "nothing": "", "the trunk's own name": "ctc",
	}
	for name, number := range numbers {
		list = append(list, swindle{"a stranger calls " + name, func(f *fraud) {
			f.stranger().send(request{uri: strings.TrimPrefix("sip:"+number+"@"+boxAddr, "@")})
		}})
	}
	for name, from := range map[string]string{
		"nobody": "<sip:" + boxAddr + ">", "somebody unknown": "<sip:899@" + boxAddr + ">", "the trunk": "<sip:ctc@10.0.5.1>",
		"the carrier's number": "<sip:62350000@10.0.5.1>", "the box": "<sip:" + boxAddr + ":5060>", "an escaped phone": "<sip:%380%31@" + boxAddr + ">",
		"a phone of another domain": "<sip:801@evil.example>", "anonymous": `"Anonymous" <sip:anonymous@anonymous.invalid>`,
		"a telephone": "<tel:801>",
	} {
		list = append(list, swindle{"a stranger who says he is " + name, func(f *fraud) { f.stranger().send(request{from: from}) }})
	}
	for name, headers := range map[string][]string{
		"an asserted identity": {"P-Asserted-Identity: <sip:801@" + boxAddr + ">"}, "a preferred identity": {"P-Preferred-Identity: <sip:801@" + boxAddr + ">"},
		"a Via of the carrier": {"Via: SIP/2.0/UDP " + carrierAt + ";branch=z9hG4bKx"}, "a Route to the carrier": {"Route: <sip:" + carrierAt + ";lr>"},
		"a Record-Route of the carrier": {"Record-Route: <sip:" + carrierAt + ";lr>"}, "a Replaces": {"Replaces: x;to-tag=1;from-tag=2", "Require: replaces"},
		"a Diversion": {"Diversion: <sip:801@" + boxAddr + ">;reason=unconditional"},
	} {
		list = append(list, swindle{"a stranger with " + name, func(f *fraud) { f.stranger().send(request{headers: headers}) }})
	}
	for _, method := range []string{"REFER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "INFO", "UPDATE", "PRACK", "OPTIONS"} {
		list = append(list, swindle{"a stranger's " + method, func(f *fraud) {
			f.stranger().send(request{method: method, headers: []string{"Refer-To: <sip:" + abroad + "@" + boxAddr + ">", "Event: refer"}})
		}})
	}
	return list
}

// trunkSwindles come from the carrier's own address, where no password is asked for: such a call goes where calls from
// outside go, whatever it says.
func trunkSwindles() []swindle {
	from := func(name string, r request) swindle {
		return swindle{name, func(f *fraud) {
			s := &swindler{f: f, conn: f.carrier, at: carrierAt, seq: 1000 * f.count}
			f.count++
			s.send(r)
		}}
	}
	return []swindle{
		from("the carrier dials abroad", request{}),
		from("the carrier dials the duty mobile", request{uri: "sip:13800138000@" + boxAddr}),
		from("the carrier as a phone", request{from: "<sip:801@" + boxAddr + ">"}),
		from("the carrier asserts a phone", request{from: "<sip:13900139000@10.0.5.1>", headers: []string{"P-Asserted-Identity: <sip:801@" + boxAddr + ">"}}),
		from("the carrier dials a star code", request{uri: "sip:*11@" + boxAddr}),
		from("the carrier dials abroad in To", request{uri: "sip:ctc@" + boxAddr, to: "<sip:" + abroad + "@" + boxAddr + ">"}),
		from("the carrier dials itself", request{uri: "sip:" + abroad + "@" + carrierAt}),
		from("the carrier sends a telephone number", request{uri: "tel:" + abroad}),
		from("the carrier refers", request{method: "REFER", headers: []string{"Refer-To: <sip:" + abroad + "@" + boxAddr + ">"}}),
		{"a neighbour of the carrier", func(f *fraud) { f.swindlerAt("10.0.5.2:5060").send(request{from: "<sip:ctc@10.0.5.1>"}) }},
	}
}

// passwordSwindles have half of what is asked for.
func passwordSwindles() []swindle {
	as := func(name, user, password string, r request) swindle {
		return swindle{name, func(f *fraud) { f.stranger().sendAs(user, password, r) }}
	}
	return []swindle{
		as("a guess", "801", "secret", request{}),
		as("no password", "801", "", request{}),
		as("the extension as password", "801", "801", request{}),
		as("another phone's password", "801", phonePassword("804"), request{}),
		as("another phone's account", "804", phonePassword("804"), request{from: "<sip:801@" + boxAddr + ">"}),
		as("an account that is none", "899", "secret", request{from: "<sip:899@" + boxAddr + ">"}),
		as("nobody's account", "", "", request{from: "<sip:" + boxAddr + ">"}),
		{"a nonce of his own", func(f *fraud) {
			f.stranger().send(request{headers: []string{credentials(`nonce="`+strings.Repeat("0", 64)+`"`, "INVITE", "sip:"+abroad+"@"+boxAddr, "801", phonePassword("801"))}})
		}},
		{"a REGISTER's credentials for a call", func(f *fraud) {
			s := f.stranger()
			answer := s.send(request{method: "REGISTER", uri: "sip:" + boxAddr, to: "<sip:801@" + boxAddr + ">"})
			s.send(request{headers: []string{credentials(answer, "REGISTER", "sip:"+boxAddr, "801", phonePassword("801"))}})
		}},
		{"credentials without protection", func(f *fraud) {
			s := f.stranger()
			answer := s.send(request{})
			s.send(request{headers: []string{strings.Replace(credentials(answer, "INVITE", "sip:"+abroad+"@"+boxAddr, "801", "x"), ", qop=auth", "", 1)}})
		}},
		{"credentials heard on the wire, used again", func(f *fraud) {
			s := f.stranger()
			uri := "sip:802@" + boxAddr
			heard := credentials(s.send(request{uri: uri}), "INVITE", uri, "801", phonePassword("801"))
			s.send(request{uri: uri, headers: []string{heard}})
			f.stranger().send(request{headers: []string{heard}})
		}},
		{"a blocked source with the right password", func(f *fraud) {
			s := f.stranger()
			for range 6 {
				s.sendAs("801", "guess", request{})
			}
			s.sendAs("801", phonePassword("801"), request{})
		}},
	}
}

// registrationSwindles want a phone's place, or to have the box call the carrier as if it were a phone.
func registrationSwindles() []swindle {
	register := func(s *swindler, user, password, account, contact string) {
		s.sendAs(user, password, request{
			method: "REGISTER", uri: "sip:" + boxAddr, from: "<sip:" + account + "@" + boxAddr + ">", to: "<sip:" + account + "@" + boxAddr + ">",
			contact: contact, headers: []string{"Expires: 300"},
		})
	}
	return []swindle{
		{"a registration with a guess", func(f *fraud) {
			s := f.stranger()
			register(s, "801", "guess", "801", "")
			s.send(request{})
		}},
		{"a registration for somebody else", func(f *fraud) {
			s := f.stranger()
			register(s, "804", phonePassword("804"), "801", "")
			s.send(request{})
		}},
		{"a call from a registered place, without a password", func(f *fraud) {
			s := f.stranger()
			register(s, "804", phonePassword("804"), "804", "")
			s.send(request{from: "<sip:804@" + boxAddr + ">"})
		}},
		{"a phone that says it is at the carrier's, called", func(f *fraud) {
			register(f.stranger(), "804", phonePassword("804"), "804", "<sip:0044163@"+carrierAt+">")
			f.ring("ann", sim.Call{Line: "fxo/1", From: "13900139000", Keys: typed("804", 8), For: 20 * time.Second})
			time.Sleep(25 * time.Second)
		}},
		{"a phone whose contact routes to the carrier, called", func(f *fraud) {
			register(f.stranger(), "804", phonePassword("804"), "804", "<sip:804@"+boxAddr+"?Route=%3Csip:"+carrierAt+"%3E>")
			f.ring("ann", sim.Call{Line: "fxo/1", From: "13900139000", Keys: typed("804", 8), For: 20 * time.Second})
			time.Sleep(25 * time.Second)
		}},
	}
}

// permitSwindles come from phones with passwords of their own, whose permit does not reach (A2.18).
func permitSwindles() (list []swindle) {
	for _, c := range []struct{ ext, number string }{
		{"802", abroad},
		{"802", "9 00 441632960000"},
		{"802", "9-00-441632960000"},
		{"802", "9,00441632960000"},
		{"802", "9o00441632960000"},
		{"802", "900"},
		{"802", "90"},
		{"802", "9"},
		{"802", "00441632960000"},
		{"802", "+441632960000"},
		{"802", "9+441632960000"},
		{"802", "9*00441632960000"},
		{"802", "*900441632960000"},
		{"802", "#9" + abroad},
		{"802", "9%30%300441632960000"},
		{"803", abroad},
		{"803", "901062345678"},
		{"803", "9010623456789999"},
		{"803", "96234000"},
		{"803", "9623400001"},
		{"803", "9138001380000"},
		{"804", abroad},
		{"804", "962340000"},
		{"804", "913800138000"},
		{"804", "13800138000"},
		{"804", "1100"},
		{"804", "110#" + abroad},
		{"804", "*11" + abroad},
		{"804", "801#" + abroad},
		{"804", "1001#" + abroad},
		{"804", "sip:" + abroad},
		{"804", ""},
	} {
		list = append(list, swindle{"phone " + c.ext + " dials " + c.number, func(f *fraud) {
			uri := "sip:" + strings.ReplaceAll(c.number, " ", "%20") + "@" + boxAddr
			f.stranger().sendAs(c.ext, phonePassword(c.ext), request{uri: uri, from: "<sip:" + c.ext + "@" + boxAddr + ">"})
		}})
	}
	return list
}

// typed is keys pressed one after the other, from so many seconds after the answer on; a comma is a pause of a second.
func typed(keys string, from int) (list []sim.KeyAt) {
	at := time.Duration(from) * time.Second
	for _, key := range keys {
		if key == ',' {
			at += time.Second
			continue
		}
		list = append(list, sim.KeyAt{Digit: byte(key), At: at})
		at += 250 * time.Millisecond
	}
	return list
}

// callerSwindles ring from outside and press keys, or say they are somebody else.
func callerSwindles() (list []swindle) {
	for _, c := range []struct{ name, from, keys string }{
		{"dials abroad in the menu", "13900139000", abroad},
		{"dials abroad after #", "13900139000", "#" + abroad},
		{"dials a star code in the menu", "13900139000", "*11,,1001#7351#"},
		{"dials the duty mobile in the menu", "13900139000", "13800138000"},
		{"dials an agent's number and more", "13900139000", "1001" + abroad},
		{"dials a phone and more", "13900139000", "804" + abroad},
		{"dials in the queue", "13900139000", "1,," + abroad},
		{"calls as a phone", "801", abroad},
		{"calls as an emergency number", "110", abroad},
		{"calls as the duty mobile", "13800138000", "9,," + abroad},
	} {
		list = append(list, swindle{"a caller who " + c.name, func(f *fraud) {
			f.ring(c.name, sim.Call{Line: "fxo/2", From: c.from, Keys: typed(c.keys, 8), For: 30 * time.Second})
			time.Sleep(40 * time.Second)
		}})
	}
	return list
}

// callSwindles are in a call with the box already.
func callSwindles() []swindle {
	return []swindle{
		{"a caller dials on when the agent has hung up", func(f *fraud) {
			f.phone("802", func(o *sim.PhoneOptions) { o.TalkFor = 5 * time.Second })
			f.ring("ann", sim.Call{Line: "fxo/3", From: "13900139000", Keys: append(typed("802", 8), typed(abroad, 18)...), For: 40 * time.Second})
			time.Sleep(50 * time.Second)
		}},
		{"a phone presses a number into its call", func(f *fraud) {
			p := f.phone("804", nil)
			f.phone("805", nil)
			f.must(p.Call("805"))
			time.Sleep(5 * time.Second)
			f.must(p.Press("#9" + abroad))
			time.Sleep(10 * time.Second)
			f.must(p.Hangup())
		}},
		{"a phone that sends its calls away", func(f *fraud) {
			f.phone("806", func(o *sim.PhoneOptions) { o.Reject = 302 })
			f.ring("ben", sim.Call{Line: "fxo/4", From: "13900139000", Keys: typed("806", 8), For: 30 * time.Second})
			time.Sleep(40 * time.Second)
		}},
	}
}

// talking has a caller talk with a phone; the caller presses keys a while later.
func (f *fraud) talking(ext, line string, keysAfter int, keys ...string) {
	if f.phones[ext] == nil {
		f.phone(ext, nil)
	}
	list := typed(ext, 8)
	for _, k := range keys {
		list = append(list, typed(k, keysAfter)...)
	}
	f.ring("caller of "+ext, sim.Call{Line: line, From: "13900139000", Keys: list, For: 40 * time.Second})
	time.Sleep(15 * time.Second)
}

// transferSwindles want a call abroad by having one put through (rule 6): the permit is that of who asks.
func transferSwindles() (list []swindle) {
	ordered := func(name string, o webui.CallOrder) swindle {
		return swindle{name, func(f *fraud) {
			f.talking("804", "fxo/5", 0)
			for _, c := range f.box.Exchange.Live().Calls {
				if err := f.box.Order(c.ID, o, webui.By{Who: "lihua"}); err == nil {
					f.t.Errorf("%s is not refused", name)
				}
			}
			time.Sleep(40 * time.Second)
		}}
	}
	for _, number := range []string{abroad, "913800138000", "13800138000", "00441632960000", "801#" + abroad, "*11"} {
		list = append(list, swindle{"a phone transfers its caller to " + number, func(f *fraud) {
			f.talking("804", "fxo/6", 0)
			f.must(f.phones["804"].Transfer(number))
			time.Sleep(40 * time.Second)
		}})
	}
	return append(list,
		ordered("the page transfers abroad", webui.CallOrder{Do: "transfer", To: abroad}),
		ordered("the page transfers abroad by name", webui.CallOrder{Do: "transfer", To: "outside:" + abroad}),
		ordered("the page consults abroad", webui.CallOrder{Do: "consult", To: abroad}),
		ordered("a supervisor listens abroad", webui.CallOrder{Do: "monitor", Mode: "barge", Phone: "outside:" + abroad}),
		ordered("somebody picks up abroad", webui.CallOrder{Do: "pickup", Phone: "outside:" + abroad}),
		swindle{"a caller who was put through to the menu dials abroad", func(f *fraud) {
			f.talking("802", "fxo/7", 25, abroad)
			for _, c := range f.box.Exchange.Live().Calls {
				f.must(f.box.Order(c.ID, webui.CallOrder{Do: "transfer", To: "menu:main"}, webui.By{Who: "lihua"}))
			}
			time.Sleep(40 * time.Second)
		}},
		swindle{"the page places a call abroad", func(f *fraud) {
			f.phone("805", nil)
			_, _ = f.box.Place(webui.Placing{From: "phone:804", To: abroad}, webui.By{Who: "lihua"})
			_, _ = f.box.Place(webui.Placing{From: "outside:" + abroad, To: "phone:805"}, webui.By{Who: "lihua"})
			_, _ = f.box.Place(webui.Placing{From: "outside:" + abroad, To: "room:board"}, webui.By{Who: "lihua"})
			_, _ = f.box.Place(webui.Placing{From: "queue:" + abroad, To: "phone:805"}, webui.By{Who: "lihua"})
			time.Sleep(30 * time.Second)
		}},
	)
}
