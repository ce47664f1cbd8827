package webui

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

func (b *memoryBox) MakeHandout(_ context.Context, extension string, by By) (string, Handout, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := Handout{extension, by.Who, time.Now().Add(24 * time.Hour)}
	b.handouts = map[string]Handout{extension + "_secret": h}
	return extension + "_secret", h, nil
}

func (b *memoryBox) TakeHandout(_ context.Context, secret string, _ By) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, ok := b.handouts[secret]
	if !ok {
		return "", telephony.Errorf(telephony.Forbidden, "链接无效", "the link is wrong")
	}
	delete(b.handouts, secret)
	return h.Extension, nil
}

func (b *memoryBox) Handouts() (list []Handout, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.handouts {
		list = append(list, h)
	}
	return list, nil
}

func (b *memoryBox) DeleteHandout(_ context.Context, extension string, by By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.handouts, extension+"_secret")
	return nil
}

const linkOf801 = "https://box.example.cn:8080/api/handouts/801_secret/"

// handOut has an administrator make a link for a telephone.
func handOut(t *testing.T, h http.Handler, extension, body string) (a HandoutAnswer, code int) {
	t.Helper()
	w := ask(h, "POST", "http://box.example.cn:8080/api/phones/"+extension+"/handout", body, "Authorization", bearer(Admin))
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a, w.Code
}

// TestATelephoneIsSetUp (pain 47): a link gives a telephone's settings over TLS, once, to who has its secret.
func TestATelephoneIsSetUp(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	a, _ := handOut(t, h, "801", `{"new_password":false}`)
	if len(a.Links) != 3 || a.Links[2] != (HandoutLink{"linphone", linkOf801 + "linphone.xml"}) || a.QR.Size < 21 || !strings.HasPrefix(a.QR.Path, "M0 0h1v1h-1z") {
		t.Errorf("%+v", a)
	}
	if w := ask(h, "GET", linkOf801+"yealink.cfg", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "account.1.password = phone secret\r\n") ||
		w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if w := ask(h, "GET", linkOf801+"linphone.xml", ""); w.Code != http.StatusForbidden {
		t.Errorf("the link opens again, by another name: %d %s", w.Code, w.Body)
	}
	handOut(t, h, "801", `{"new_password":true}`)
	password := box.Config().Phone("801").Password
	if password == "phone secret" || len(password) < 20 || telephony.Mask == password {
		t.Errorf("the password is %q", password)
	}
	if w := ask(h, "GET", linkOf801+"fanvil.cfg", ""); !strings.Contains(w.Body.String(), "SIP1 Register Pswd      :"+password+"\r\n") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestLinksThatOpenNothing: each way in which a link is refused.
func TestLinksThatOpenNothing(t *testing.T) {
	for name, row := range map[string]struct {
		link  string
		until func(box *memoryBox, h http.Handler)
		want  int
	}{
		"wrong":              {link: strings.Replace(linkOf801, "secret", "guess", 1) + "yealink.cfg", want: http.StatusForbidden},
		"a MAC address":      {link: "https://box.example.cn/api/handouts/805ec0aabbcc/yealink.cfg", want: http.StatusForbidden},
		"of another phone":   {link: strings.Replace(linkOf801, "801", "802", 1) + "yealink.cfg", want: http.StatusForbidden},
		"of an unknown make": {link: linkOf801 + "passwords.txt", want: http.StatusNotFound},
		"taken back": {link: linkOf801 + "yealink.cfg", want: http.StatusForbidden, until: func(_ *memoryBox, h http.Handler) {
			ask(h, "DELETE", "/api/phones/801/handout", "", "Authorization", bearer(Admin))
		}},
		"of a phone that went": {link: linkOf801 + "yealink.cfg", want: http.StatusNotFound, until: func(box *memoryBox, _ http.Handler) { box.config.Phones = nil }},
		"in the clear":         {link: strings.Replace(linkOf801, "https", "http", 1) + "yealink.cfg", want: http.StatusForbidden},
		"in the clear before": {link: linkOf801 + "yealink.cfg", want: http.StatusForbidden, until: func(_ *memoryBox, h http.Handler) {
			ask(h, "GET", strings.Replace(linkOf801, "https", "http", 1)+"yealink.cfg", "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			box := newBox()
			h := New(box.options()).Handler()
			handOut(t, h, "801", `{"new_password":false}`)
			if row.until != nil {
				row.until(box, h)
			}
			w := ask(h, "GET", row.link, "")
			if refusalOf(t, w); w.Code != row.want || strings.Contains(w.Body.String(), "phone secret") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// TestLinksAreNotGuessed: who tries waits longer and longer, as with passwords.
func TestLinksAreNotGuessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(newBox().options()).Handler()
		handOut(t, h, "801", `{"new_password":false}`)
		wrong := strings.Replace(linkOf801, "secret", "guess", 1) + "yealink.cfg"
		for range freeTries {
			ask(h, "GET", wrong, "")
		}
		if w := ask(h, "GET", linkOf801+"yealink.cfg", ""); w.Code != http.StatusTooManyRequests {
			t.Errorf("a guesser is answered %d", w.Code)
		}
		time.Sleep(2 * time.Second)
		if w := ask(h, "GET", linkOf801+"yealink.cfg", ""); w.Code != 200 {
			t.Errorf("later the link opens: %d", w.Code)
		}
	})
}

// TestWhatIsNotHandedOut: a telephone in a socket of the box registers nowhere; one that has to encrypt cannot without TLS.
func TestWhatIsNotHandedOut(t *testing.T) {
	box := newBox()
	box.config.Phones = append(box.config.Phones, telephony.Phone{Extension: "811", Port: "fxs/1"},
		telephony.Phone{Extension: "803", Password: "phone secret", Encryption: telephony.EncryptionRequired})
	o := box.options()
	o.Registrar.TLSPort = 0
	h := New(o).Handler()
	for extension, want := range map[string]int{"811": http.StatusNotFound, "899": http.StatusNotFound, "803": http.StatusConflict, "801": 200} {
		if _, code := handOut(t, h, extension, `{"new_password":true}`); code != want {
			t.Errorf("%s: %d, want %d", extension, code, want)
		}
	}
	if p := box.Config().Phone("803").Password; p != "phone secret" {
		t.Error("a refusal changed the password")
	}
}

// TestSettingsFiles: each make reads its form, whatever the person is called and however the telephone has to speak.
func TestSettingsFiles(t *testing.T) {
	s := New(newBox().options())
	hostile := &telephony.Phone{Extension: "801", Name: "李\"华\r\naccount.1.password = x</entry>", Password: `p&<>"s!`}
	plain := s.account(hostile, "192.168.1.10:8080")
	hostile.Encryption = telephony.EncryptionRequired
	secure := s.account(hostile, "[fd00::10]:8080")
	for name, want := range map[string][]string{
		"yealink": {"#!version:1.0.0.1", "account.1.user_name = 801", `account.1.password = p&<>"s!`, "account.1.sip_server.1.address = 192.168.1.10", "account.1.sip_server.1.port = 5060", "account.1.sip_server.1.transport_type = 0", "account.1.srtp_encryption = 0", "account.1.display_name = 李\"华account.1.password = x</entry>"},
		"fanvil":  {"SIP1 Register User      :801", `SIP1 Register Pswd      :p&<>"s!`, "SIP1 Register Addr      :192.168.1.10", "SIP1 Register Port      :5060", "SIP1 Transport          :0"},
	} {
		text := string(settingsOf(name, plain))
		for _, line := range want {
			if !slices.Contains(strings.Split(text, "\r\n"), line) {
				t.Errorf("%s lacks %q:\n%s", name, line, text)
			}
		}
		if n := strings.Count("\n"+text, "\naccount.1.password"); name == "yealink" && n != 1 {
			t.Errorf("a name became a setting:\n%s", text)
		}
	}
	for _, line := range []string{"account.1.sip_server.1.transport_type = 2", "account.1.srtp_encryption = 2", "account.1.sip_server.1.port = 5061"} {
		if text := string(settingsOf("yealink", secure)); !strings.Contains(text, line+"\r\n") {
			t.Errorf("encrypted, yealink lacks %q:\n%s", line, text)
		}
	}
	got := linphoneEntries(t, settingsOf("linphone", plain))
	for path, want := range map[string]string{
		"misc.transient_provisioning": "1", "sip.media_encryption": "none", "auth_info_0.username": "801", "auth_info_0.passwd": `p&<>"s!`,
		"proxy_0.reg_identity": `"李华account.1.password = x</entry>" <sip:801@192.168.1.10>`, "proxy_0.reg_proxy": "<sip:192.168.1.10:5060;transport=udp>",
	} {
		if got[path] != want {
			t.Errorf("linphone: %s is %q, want %q", path, got[path], want)
		}
	}
	got = linphoneEntries(t, settingsOf("linphone", secure))
	if got["proxy_0.reg_proxy"] != "<sip:[fd00::10]:5061;transport=tls>" || got["sip.media_encryption"] != "srtp" || got["sip.media_encryption_mandatory"] != "1" {
		t.Errorf("encrypted, linphone reads %v", got)
	}
}

func settingsOf(maker string, a account) []byte {
	i := slices.IndexFunc(settingsFiles, func(f settingsFile) bool { return f.make == maker })
	return settingsFiles[i].write(a)
}

// linphoneEntries reads a file as Linphone does: entries of sections, each of which takes the place of what is there.
func linphoneEntries(t *testing.T, text []byte) map[string]string {
	t.Helper()
	var config struct {
		XMLName xml.Name `xml:"http://www.linphone.org/xsds/lpconfig.xsd config"`
		Section []struct {
			Name  string `xml:"name,attr"`
			Entry []struct {
				Name      string `xml:"name,attr"`
				Overwrite string `xml:"overwrite,attr"`
				Text      string `xml:",chardata"`
			} `xml:"entry"`
		} `xml:"section"`
	}
	if err := xml.Unmarshal(text, &config); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	found := map[string]string{}
	for _, s := range config.Section {
		for _, e := range s.Entry {
			if e.Overwrite != "true" {
				t.Errorf("%s.%s gives way to what is there", s.Name, e.Name)
			}
			found[s.Name+"."+e.Name] = e.Text
		}
	}
	return found
}
