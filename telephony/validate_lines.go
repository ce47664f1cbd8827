package telephony

import (
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	lineForm  = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}/[1-9][0-9]{0,2}$`)
	otherLine = regexp.MustCompile(`^(trunk|phone|e1|fxs|web)/`)
	portForm  = regexp.MustCompile(`^fxs/[1-9][0-9]{0,2}$`)
	spanForm  = regexp.MustCompile(`^e1/[1-9][0-9]?$`)
	hostForm  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
	userForm  = regexp.MustCompile(`^[A-Za-z0-9._+@-]{0,64}$`)

	fingerprintForm = regexp.MustCompile(`^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$`)
)

func (k *check) lines() {
	for i := range k.config.Lines {
		l, p := &k.config.Lines[i], at("lines", i)
		if !lineForm.MatchString(l.ID) || otherLine.MatchString(l.ID) {
			k.bad(p+".id", "请填线路名，如 fxo/1", "give the name of a line such as fxo/1")
		}
		k.unique(p+".id", "line", l.ID)
		k.name(p+".name", l.Name)
		oneOf(k, p+".way", l.Way, BothWays, InOnly, OutOnly)
		k.numbers(p+".numbers", l.Numbers, 100)
		k.language(p+".language", l.Language)
		oneOf(k, p+".dial", l.Dial, "", "tone", "pulse")
		oneOf(k, p+".echo", l.Echo, "", "auto", "off")
		k.busyTone(p+".busy_tone", l.BusyTone)
		k.unlessNever(p+".silence_seconds", l.SilenceSeconds, 30, 3600)
		k.unlessNever(p+".longest_minutes", l.LongestMinutes, 1, 1440)
		k.unlessNever(p+".dial_tone_seconds", l.DialToneSeconds, 1, 30)
	}
	for i := range k.config.Spans {
		k.span(at("spans", i), &k.config.Spans[i])
	}
	for i := range k.config.Trunks {
		k.trunk(at("trunks", i), &k.config.Trunks[i])
	}
	for i := range k.config.Groups {
		k.group(at("groups", i), &k.config.Groups[i])
	}
	k.groupRings()
}

func (k *check) span(p string, s *SpanConfig) {
	if !spanForm.MatchString(s.ID) {
		k.bad(p+".id", "请填 E1 端口名，如 e1/1", "give the name of an E1 port such as e1/1")
	}
	k.unique(p+".id", "line", s.ID)
	k.name(p+".name", s.Name)
	oneOf(k, p+".way", s.Way, BothWays, InOnly, OutOnly)
	oneOf(k, p+".side", s.Side, "user", "network")
	k.numbers(p+".numbers", s.Numbers, 2000)
	oneOf(k, p+".select", s.Select, "ascending", "descending", "round_robin")
	oneOf(k, p+".called_type", s.CalledType, numberTypes...)
	oneOf(k, p+".calling_type", s.CallingType, numberTypes...)
	if k.size(p+".blocked", len(s.Blocked), 30) {
		for i, n := range s.Blocked {
			if n < 1 || n > 31 || n == 16 || slices.Contains(s.Blocked[:i], n) {
				k.bad(at(p+".blocked", i), "请填话路 1 到 15 或 17 到 31，每个一次", "give bearers 1 to 15 and 17 to 31, each once")
			}
		}
	}
	k.language(p+".language", s.Language)
}

var numberTypes = []string{"unknown", "subscriber", "national", "international"}

func (k *check) trunk(p string, t *Trunk) {
	k.id(p+".id", t.ID)
	k.unique(p+".id", "trunk", t.ID)
	k.name(p+".name", t.Name)
	oneOf(k, p+".way", t.Way, BothWays, InOnly, OutOnly)
	if !validHost(t.Host) {
		k.bad(p+".host", "请填域名或地址，可加端口，如 sip.example.cn:5060", "give a name or address, with a port if need be, such as sip.example.cn:5060")
	}
	oneOf(k, p+".transport", t.Transport, "udp", "tcp", "tls")
	oneOf(k, p+".encryption", t.Encryption, "", EncryptionOffered, EncryptionRequired)
	if t.Encryption != "" && t.Transport != "tls" {
		k.bad(p+".encryption", "加密媒体的密钥只能经 TLS 传送：请把传输改为 TLS", "the keys of encrypted media travel over TLS only: choose TLS as the transport")
	}
	k.fingerprint(p+".fingerprint", t.Fingerprint)
	k.trunkAccount(p, t)
	if k.size(p+".sources", len(t.Sources), 64) {
		for i, s := range t.Sources {
			k.source(at(p+".sources", i), s)
		}
	}
	k.numbers(p+".numbers", t.Numbers, 2000)
	oneOf(k, p+".identity", t.Identity, "", IdentityAsserted, IdentityPreferred, IdentityFrom)
	oneOf(k, p+".dtmf", t.DTMF, "auto", "rfc4733", "inband")
	if k.size(p+".codecs", len(t.Codecs), 2) {
		for i, c := range t.Codecs {
			if oneOf(k, at(p+".codecs", i), c, "pcma", "pcmu"); slices.Contains(t.Codecs[:i], c) {
				k.bad(at(p+".codecs", i), "编码重复，请删除", "the codec is listed twice: remove it")
			}
		}
	}
	k.between(p+".max_calls", t.MaxCalls, 1, 1000)
	k.language(p+".language", t.Language)
}

func (k *check) trunkAccount(p string, t *Trunk) {
	if !userForm.MatchString(t.User) {
		k.bad(p+".user", "用户名最多 64 个字母、数字或 . _ + @ -", "use up to 64 letters, digits or . _ + @ - as the user name")
	}
	if t.Register {
		k.between(p+".expires_seconds", t.Expires, 60, 86400)
		if t.User == "" {
			k.bad(p+".user", "要注册，请填用户名", "a user name is needed to register: give it")
		}
	} else {
		k.optional(p+".expires_seconds", t.Expires, 60, 86400)
	}
	if t.User != "" {
		k.carrierPassword(p+".password", t.Password)
	}
}

// source is an address or a prefix that calls may come from. One that lets half the world in is a mistake, and toll fraud.
func (k *check) source(p, s string) {
	if _, err := netip.ParseAddr(s); err == nil {
		return
	}
	if prefix, err := netip.ParsePrefix(s); err != nil || prefix.Bits() < 8 {
		k.bad(p, "请填地址或网段，如 203.0.113.0/24，掩码至少 8 位", "give an address or a prefix of 8 bits or more, such as 203.0.113.0/24")
	}
}

// validHost accepts a name or an address with or without a port.
func validHost(s string) bool {
	host := s
	if h, port, err := net.SplitHostPort(s); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return false
		}
		host = h
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return hostForm.MatchString(host)
}

func (k *check) group(p string, g *Group) {
	k.id(p+".id", g.ID)
	k.unique(p+".id", "group", g.ID)
	oneOf(k, p+".select", g.Select, "ascending", "descending", "round_robin")
	k.maybe(p+".backup", "group", g.Backup)
	if len(g.Lines) == 0 {
		k.bad(p+".lines", "请至少选一条线路", "choose at least one line")
	}
	if !k.size(p+".lines", len(g.Lines), 320) {
		return
	}
	for i, l := range g.Lines {
		if k.refer(at(p+".lines", i), "line", l); strings.HasPrefix(l, "phone/") || strings.HasPrefix(l, "web/") || slices.Contains(g.Lines[:i], l) {
			k.bad(at(p+".lines", i), "请选外线，每条一次", "choose lines to the outside, each once")
		}
	}
}

// groupRings refuses groups that stand behind each other in a ring (A1.18): a call would go round them for ever.
func (k *check) groupRings() {
	for i := range k.config.Groups {
		g := &k.config.Groups[i]
		next := g
		for range k.config.Groups {
			if next = k.config.Group(next.Backup); next == nil {
				break
			}
			if next.ID == g.ID {
				k.bad(at("groups", i)+".backup", "后备组绕回了自己，请改选", "the backup groups lead back to this one: choose another")
				break
			}
		}
	}
}

// fingerprint checks the digest of a certificate; an empty one says that an authority vouches for it.
func (k *check) fingerprint(path, f string) {
	if f != "" && !fingerprintForm.MatchString(f) {
		k.bad(path, "请填证书的 SHA-256 指纹：64 位十六进制数字，可用冒号分隔", "give the certificate's SHA-256 fingerprint: 64 hex digits, with colons if you like")
	}
}
