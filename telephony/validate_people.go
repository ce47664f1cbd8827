package telephony

import (
	"regexp"
	"slices"
	"strings"
)

var (
	pinForm      = regexp.MustCompile(`^[0-9]{4,12}$`)
	passwordForm = regexp.MustCompile(`^[!-~]{8,64}$`)
	carrierForm  = regexp.MustCompile(`^[!-~]{1,128}$`)
)

// people checks phones and agents. Extensions, job numbers and queue numbers are one numbering plan: a dialled
// number has one meaning.
func (k *check) people() {
	for i := range k.config.Phones {
		k.phone(at("phones", i), &k.config.Phones[i])
	}
	for i := range k.config.Agents {
		a, p := &k.config.Agents[i], at("agents", i)
		k.extension(p+".id", a.ID)
		k.name(p+".name", a.Name)
		k.pin(p+".pin", a.PIN, a.ID)
		if a.Phone != "" { // empty: wherever the agent signs in
			k.target(p+".phone", a.Phone, ToPhone, ToOutside)
		}
		k.overflow(p+".always", a.Always)
		k.overflow(p+".no_answer", a.NoAnswer)
		k.overflow(p+".busy", a.Busy)
		k.maybe(p+".hours", "hours", a.Hours)
	}
}

func (k *check) mailboxes() {
	for i := range k.config.Mailboxes {
		m, p := &k.config.Mailboxes[i], at("mailboxes", i)
		k.id(p+".id", m.ID)
		k.unique(p+".id", "mailbox", m.ID)
		k.name(p+".name", m.Name)
		k.maybe(p+".greeting", "prompt", m.Greeting)
		k.between(p+".max_seconds", m.MaxSeconds, 5, 600)
		k.pin(p+".pin", m.PIN, m.ID)
	}
}

// maxRoom is how many parties a conference room may take: what the mixer is held to (A2.13).
const maxRoom = 64

// rooms checks the conference rooms; their numbers are of the same plan.
func (k *check) rooms() {
	for i := range k.config.Rooms {
		r, p := &k.config.Rooms[i], at("rooms", i)
		k.id(p+".id", r.ID)
		k.unique(p+".id", "room", r.ID)
		k.name(p+".name", r.Name)
		if r.Number != "" {
			k.extension(p+".number", r.Number)
		}
		if r.PIN != "" {
			k.pin(p+".pin", r.PIN, r.Number)
		}
		k.between(p+".max_parties", r.MaxParties, 2, maxRoom)
	}
}

func (k *check) phone(p string, f *Phone) {
	k.extension(p+".extension", f.Extension)
	k.name(p+".name", f.Name)
	if f.Port != "" && !portForm.MatchString(f.Port) {
		k.bad(p+".port", "请填话机插口，如 fxs/1；网络话机留空", "give the socket of an ordinary telephone, such as fxs/1; leave it empty for one on the network")
	}
	k.unique(p+".port", "port", f.Port)
	switch {
	case f.Port != "" && f.Password == "": // nobody registers
	case !passwordForm.MatchString(f.Password), f.Password == Mask:
		k.bad(p+".password", "请设 8 到 64 个字母、数字或符号的密码", "set a password of 8 to 64 letters, digits or signs")
	case f.Password == f.Extension, trivial(f.Password):
		k.bad(p+".password", "密码太容易猜到，请换一个", "the password is easy to guess: choose another")
	}
	oneOf(k, p+".permit", f.Permit, PermitInternal, PermitLocal, PermitNational, PermitInternational)
	k.between(p+".ring_seconds", f.RingSeconds, 5, 300)
	k.overflow(p+".always", f.Always)
	k.overflow(p+".no_answer", f.NoAnswer)
	k.overflow(p+".busy", f.Busy)
	k.presented(p+".caller", f.Caller)
	oneOf(k, p+".encryption", f.Encryption, "", EncryptionOffered, EncryptionRequired)
}

// extension checks a number of the inside and its place in the numbering plan.
func (k *check) extension(path, n string) {
	if !extensionForm.MatchString(n) {
		k.bad(path, "请填 2 到 8 位数字", "give 2 to 8 digits")
	}
	if slices.Contains(mandatoryEmergency, n) || k.config.IsEmergency(n) {
		k.bad(path, "这是紧急号码，请换一个", "this is an emergency number: choose another")
	}
	k.unique(path, "number", n)
}

// presented checks a number shown to called parties: it must belong to this site (A18.6).
func (k *check) presented(path, n string) {
	if n != "" && !k.known["own:"+n] {
		k.bad(path, "只能显示本机线路的号码：请先把它填到线路或中继的号码里", "only numbers of this box's lines may be shown: add it to the numbers of a line or trunk first")
	}
}

func (k *check) pin(path, pin, owner string) {
	switch {
	case !pinForm.MatchString(pin):
		k.bad(path, "请设 4 到 12 位数字的密码", "set a PIN of 4 to 12 digits")
	case pin == owner, trivial(pin):
		k.bad(path, "密码太容易猜到，请换一个", "the PIN is easy to guess: choose another")
	}
}

// carrierPassword is chosen by the carrier: it must be there, and cannot be judged.
func (k *check) carrierPassword(path, s string) {
	if !carrierForm.MatchString(s) || s == Mask {
		k.bad(path, "请填运营商给的密码", "give the password from the carrier")
	}
}

// trivial reports whether a secret repeats one character or counts up or down.
func trivial(s string) bool {
	if strings.Trim(s, s[:1]) == "" {
		return true
	}
	step := int(s[1]) - int(s[0])
	if step != 1 && step != -1 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if int(s[i])-int(s[i-1]) != step {
			return false
		}
	}
	return true
}
