package webui

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// An account is what a telephone needs to register and to speak.
type account struct {
	user, name, password string
	host                 string
	port                 int
	secure               bool // SIP over TLS, and SRTP where the box takes it
	always               bool // SRTP alone
}

// A settingsFile is the form in which a make of telephones reads its settings. Where the form can say so, the telephone forgets the
// link, which does not open again.
type settingsFile struct {
	make, name, contentType string
	write                   func(account) []byte
}

// settingsFiles are for what stands on most desks in China, and for a softphone that scans a code. The last is the one of the code.
var settingsFiles = []settingsFile{
	{"yealink", "yealink.cfg", "text/plain; charset=utf-8", yealink},
	{"fanvil", "fanvil.cfg", "text/plain; charset=utf-8", fanvil},
	{"linphone", "linphone.xml", "application/xml", linphone},
}

// yealink is the file of Yealink's T, W and CP series, firmware V81 and later: a key and a value on each line.
func yealink(a account) []byte {
	transport, srtp := 0, 0
	if a.secure {
		transport, srtp = 2, 1
	}
	if a.always {
		srtp = 2
	}
	return lines("#!version:1.0.0.1",
		"account.1.enable = 1",
		"account.1.label = "+plainLine(a.name),
		"account.1.display_name = "+plainLine(a.name),
		"account.1.user_name = "+a.user,
		"account.1.auth_name = "+a.user,
		"account.1.password = "+a.password,
		"account.1.sip_server.1.address = "+plainLine(a.host),
		fmt.Sprint("account.1.sip_server.1.port = ", a.port),
		fmt.Sprint("account.1.sip_server.1.transport_type = ", transport),
		fmt.Sprint("account.1.srtp_encryption = ", srtp),
		"account.1.dtmf.type = 1", // RFC 4733
		"account.1.codec.pcma.enable = 1",
		"account.1.codec.pcma.priority = 1",
		"account.1.codec.pcmu.enable = 1",
		"account.1.codec.pcmu.priority = 2",
		"account.1.codec.g722.enable = 0",
		"account.1.codec.g729.enable = 0",
		"account.1.codec.opus.enable = 0",
		"static.auto_provision.server.url =",
	)
}

// fanvil is the file of Fanvil's X and V series. A telephone reads it when its version is another than that of the last one.
func fanvil(a account) []byte {
	transport, srtp := 0, 0
	if a.secure {
		transport, srtp = 2, 1
	}
	return lines(fmt.Sprint("<<VOIP CONFIG FILE>>Version:2.", time.Now().Unix()),
		"",
		"<SIP CONFIG MODULE>",
		"--SIP Line List--  :",
		"SIP1 Phone Number       :"+a.user,
		"SIP1 Display Name       :"+plainLine(a.name),
		"SIP1 Register Addr      :"+plainLine(a.host),
		fmt.Sprint("SIP1 Register Port      :", a.port),
		"SIP1 Register User      :"+a.user,
		"SIP1 Register Pswd      :"+a.password,
		"SIP1 Register TTL       :3600",
		"SIP1 Enable Reg         :1",
		fmt.Sprint("SIP1 Transport          :", transport),
		fmt.Sprint("SIP1 Enable SRTP        :", srtp),
		"SIP1 DTMF Mode          :1", // RFC 4733
		"<<END OF FILE>>",
	)
}

// linphoneConfig is what Linphone calls remote provisioning: sections of entries.
type linphoneConfig struct {
	XMLName  xml.Name          `xml:"http://www.linphone.org/xsds/lpconfig.xsd config"`
	Sections []linphoneSection `xml:"section"`
}

type linphoneSection struct {
	Name    string          `xml:"name,attr"`
	Entries []linphoneEntry `xml:"entry"`
}

type linphoneEntry struct {
	Name      string `xml:"name,attr"`
	Overwrite bool   `xml:"overwrite,attr"`
	Value     string `xml:",chardata"`
}

// linphone is the file of Linphone on telephones and computers, whose camera reads the link from a QR code.
func linphone(a account) []byte {
	transport, media := "udp", "none"
	if a.secure {
		transport, media = "tls", "srtp"
	}
	always := "0"
	if a.always {
		always = "1"
	}
	section := func(name string, pairs ...string) linphoneSection {
		s := linphoneSection{Name: name}
		for i := 0; i+1 < len(pairs); i += 2 {
			s.Entries = append(s.Entries, linphoneEntry{pairs[i], true, pairs[i+1]})
		}
		return s
	}
	text, _ := xml.MarshalIndent(linphoneConfig{Sections: []linphoneSection{ // plain data
		section("misc", "transient_provisioning", "1"), // once: the link is not asked again
		section("sip", "default_proxy", "0", "media_encryption", media, "media_encryption_mandatory", always),
		section("proxy_0",
			"reg_identity", fmt.Sprintf(`"%s" <sip:%s@%s>`, quotable(a.name), a.user, a.host),
			"reg_proxy", fmt.Sprintf("<sip:%s:%d;transport=%s>", a.host, a.port, transport),
			"reg_sendregister", "1", "reg_expires", "3600"),
		section("auth_info_0", "username", a.user, "passwd", a.password, "domain", a.host),
	}}, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...)
}

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n") }

// plainLine is a text that begins no line of its own.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// quotable is a name that a quoted-string takes as it is (RFC 3261 25.1).
func quotable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' {
			return -1
		}
		return r
	}, plainLine(s))
}
