package webui

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// An authenticator is a device with one passkey, and the browser before it (WebAuthn Level 3 6). Its fields are what a test gets wrong.
type authenticator struct {
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	flags   byte   // 1: touched, 4: verified the user
	origin  string // as the browser sees it
	rp      string // the name for which the passkey is
}

func newAuthenticator(t *testing.T, origin, rp string) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{key: key, id: []byte(rand.Text()), flags: 1 | 4, origin: origin, rp: rp}
}

// options is what both ceremonies give out of which the authenticator makes something.
type options struct {
	PublicKey struct {
		Challenge string
		RPID      string `json:"rpId"`
		RP        struct{ ID string }
		User      struct{ ID string }
		Exclude   []struct{ ID string } `json:"excludeCredentials"`
		Selection struct {
			ResidentKey      string
			UserVerification string
		} `json:"authenticatorSelection"`
		UserVerification string
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) clientData(kind, challenge string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q,"crossOrigin":false}`, kind, challenge, a.origin)
}

// data is the authenticator data (6.1), up to what it attests.
func (a *authenticator) data(flags byte) []byte {
	name := sha256.Sum256([]byte(a.rp))
	return binary.BigEndian.AppendUint32(append(name[:], flags), a.counter)
}

// make answers a registration without attestation (8.7).
func (a *authenticator) make(o options) string {
	a.handle, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	data := a.data(a.flags | 0x40)
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(data, a.id...)
	x, y := a.key.X.FillBytes(make([]byte, 32)), a.key.Y.FillBytes(make([]byte, 32))
	data = append(data, slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, x, []byte{0x22, 0x58, 32}, y)...) // RFC 9053 7.1.1
	object := slices.Concat([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), binary.BigEndian.AppendUint16(nil, uint16(len(data))), data)
	return fmt.Sprintf(`{"id":%[1]q,"rawId":%[1]q,"type":"public-key","clientExtensionResults":{"credProps":{"rk":true}},"response":{"clientDataJSON":%[2]q,"attestationObject":%[3]q}}`,
		encode(a.id), encode(a.clientData("webauthn.create", o.PublicKey.Challenge)), encode(object))
}

// sign answers a sign-in (7.2).
func (a *authenticator) sign(o options) string {
	a.counter++
	data, client := a.data(a.flags), a.clientData("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	return fmt.Sprintf(`{"id":%[1]q,"rawId":%[1]q,"type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":%[2]q,"authenticatorData":%[3]q,"signature":%[4]q,"userHandle":%[5]q}}`,
		encode(a.id), encode(client), encode(data), encode(signature), encode(a.handle))
}

// A visitor is a browser at a box, opened by a name.
type visitor struct {
	t      *testing.T
	h      http.Handler
	url    string // of the page
	cookie string
}

func (v *visitor) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, v.url+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if v.cookie != "" {
		r.Header.Set("Cookie", v.cookie)
	}
	if strings.HasPrefix(v.url, "https:") {
		r.TLS = &tls.ConnectionState{}
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	if c := w.Result().Cookies(); len(c) > 0 {
		v.cookie = c[0].Name + "=" + c[0].Value
	}
	return w
}

// do is ask that must succeed.
func (v *visitor) do(method, path, body string) *httptest.ResponseRecorder {
	v.t.Helper()
	w := v.ask(method, path, body)
	if w.Code/100 != 2 {
		v.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w
}

func (v *visitor) options(path, body string) (o options) {
	v.t.Helper()
	if err := json.Unmarshal(v.do("POST", path, body).Body.Bytes(), &o); err != nil {
		v.t.Fatal(err)
	}
	return o
}

func newKey(credential string) string {
	return fmt.Sprintf(`{"name":"phone","credential":%s}`, credential)
}
func shown(credential string) string { return fmt.Sprintf(`{"credential":%s}`, credential) }

// withPasskey is a box on which lihua has signed in by a password and added a passkey.
func withPasskey(t *testing.T) (*memoryBox, *visitor, *authenticator) {
	box := newBox()
	_ = box.PutUser(t.Context(), User{Name: "lihua", Role: Supervisor}, testPassword, By{})
	v := &visitor{t: t, h: New(box.options()).Handler(), url: "http://localhost:8080"}
	a := newAuthenticator(t, v.url, "localhost")
	v.do("POST", "/api/session", fmt.Sprintf(`{"user":"lihua","password":%q}`, testPassword))
	v.do("POST", "/api/passkeys", newKey(a.make(v.options("/api/passkeys/options", ""))))
	return box, v, a
}

// TestPasskeySignsIn (ASVS 6.3.3, 6.5): a passkey that was added signs in without a name being typed; the browser is asked for one that
// it finds by itself and that verifies its owner; the sign-in is in the audit as such and ends the session that was brought.
func TestPasskeySignsIn(t *testing.T) {
	box, v, a := withPasskey(t)
	again := v.options("/api/passkeys/options", "").PublicKey
	if again.Selection.ResidentKey != "required" || again.Selection.UserVerification != "required" || again.RP.ID != "localhost" || len(again.Exclude) != 1 || again.Exclude[0].ID != encode(a.id) {
		t.Errorf("the browser is asked for %+v", again)
	}
	brought := v.cookie
	asked := v.options("/api/session/passkey/options", "")
	if asked.PublicKey.UserVerification != "required" || asked.PublicKey.RPID != "localhost" {
		t.Errorf("the browser is asked for %+v", asked)
	}
	var p Person
	if err := json.Unmarshal(v.do("POST", "/api/session/passkey", shown(a.sign(asked))).Body.Bytes(), &p); err != nil || p.Name != "lihua" || p.Role != Supervisor {
		t.Errorf("%+v, %v", p, err)
	}
	if got := ask(v.h, "GET", "/api/session", "", "Cookie", brought).Code; got != http.StatusUnauthorized {
		t.Errorf("the session that was brought: %d", got)
	}
	if last := box.audit[len(box.audit)-1]; last.Action != "session.opened" || last.Who != "lihua" || last.Detail != "passkey" {
		t.Errorf("audit: %+v", last)
	}
	if w := v.do("GET", "/api/passkeys", ""); !strings.Contains(w.Body.String(), `"host":"localhost"`) || !strings.Contains(w.Body.String(), `"password":true`) {
		t.Errorf("%s", w.Body)
	}
}

// TestPasskeyRefusals: what a stranger, a copy, another site or a device that does not know its owner brings opens nothing.
func TestPasskeyRefusals(t *testing.T) {
	for _, c := range []struct {
		title string
		bring func(v *visitor, a *authenticator) string
		want  int
	}{
		{"as it should be", func(v *visitor, a *authenticator) string {
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 200},
		{"the same answer again", func(v *visitor, a *authenticator) string {
			answer := a.sign(v.options("/api/session/passkey/options", ""))
			v.do("POST", "/api/session/passkey", shown(answer))
			return answer
		}, 409},
		{"a challenge of the stranger's own", func(v *visitor, a *authenticator) string {
			var o options
			o.PublicKey.Challenge = encode([]byte(rand.Text()))
			return a.sign(o)
		}, 409},
		{"a challenge for adding", func(v *visitor, a *authenticator) string { return a.sign(v.options("/api/passkeys/options", "")) }, 409},
		{"a user who was not verified", func(v *visitor, a *authenticator) string {
			a.flags = 1
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"nobody touched it", func(v *visitor, a *authenticator) string {
			a.flags = 4
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"a page of another site", func(v *visitor, a *authenticator) string {
			a.origin = "http://evil.localhost:8080"
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"a passkey for another name", func(v *visitor, a *authenticator) string {
			a.rp = "evil.localhost"
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"another key", func(v *visitor, a *authenticator) string {
			a.key = newAuthenticator(v.t, "", "").key
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"an id that nobody has", func(v *visitor, a *authenticator) string {
			a.id = []byte(rand.Text())
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"a user that nobody is", func(v *visitor, a *authenticator) string {
			a.handle = []byte(rand.Text())
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"a counter that goes back", func(v *visitor, a *authenticator) string {
			a.counter = 7
			v.do("POST", "/api/session/passkey", shown(a.sign(v.options("/api/session/passkey/options", ""))))
			a.counter = 2
			return a.sign(v.options("/api/session/passkey/options", ""))
		}, 401},
		{"no answer at all", func(*visitor, *authenticator) string { return `{"id":"x"}` }, 401},
	} {
		t.Run(c.title, func(t *testing.T) {
			box, v, a := withPasskey(t)
			answer := c.bring(v, a)
			w := v.ask("POST", "/api/session/passkey", shown(answer))
			if w.Code != c.want {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if last := box.audit[len(box.audit)-1].Action; (c.want == 200) != (last == "session.opened") {
				t.Errorf("audit: %s", last)
			}
		})
	}
}

// TestPasskeyGuessesAreSlowed: wrong answers count as wrong passwords do.
func TestPasskeyGuessesAreSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, v, a := withPasskey(t)
		a.flags = 1
		got := 0
		for range freeTries + 1 {
			got = v.ask("POST", "/api/session/passkey", shown(a.sign(v.options("/api/session/passkey/options", "")))).Code
		}
		if got != http.StatusTooManyRequests {
			t.Errorf("a guesser is answered %d", got)
		}
	})
}

// TestPasskeysNeedProof (ASVS 7.5.1): five minutes after the sign-in nobody adds or removes a passkey without the password or a passkey
// of the own, so that an open page that was left alone is no way to plant one.
func TestPasskeysNeedProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, v, a := withPasskey(t)
		remove := "/api/passkeys/" + encode(a.id)
		late := a.make(v.options("/api/passkeys/options", ""))
		time.Sleep(ceremonyTime)
		for _, r := range [][3]string{{"POST", "/api/passkeys/options"}, {"POST", "/api/passkeys", newKey(late)}, {"DELETE", remove}} {
			w := v.ask(r[0], r[1], r[2])
			if e := refusalOf(t, w); w.Code != http.StatusForbidden || len(e.Problems) == 0 || e.Problems[0].Path != "proof" {
				t.Errorf("%s %s: %d %s", r[0], r[1], w.Code, w.Body)
			}
		}
		if got := v.ask("POST", "/api/session/proof", `{"password":"a wrong one"}`).Code; got != http.StatusForbidden || box.Proved(v.cookie) {
			t.Errorf("a wrong password: %d", got)
		}
		stranger := newAuthenticator(t, a.origin, a.rp)
		_ = box.AddPasskey(t.Context(), "wang", []byte("wang"), Passkey{Credential: stranger.id, Host: a.rp}, By{})
		stranger.handle = []byte("wang")
		if got := v.ask("POST", "/api/session/proof", shown(stranger.sign(v.options("/api/session/passkey/options", "")))).Code; got != http.StatusUnauthorized {
			t.Errorf("somebody else's passkey: %d", got)
		}
		time.Sleep(time.Minute)
		v.do("POST", "/api/session/proof", shown(a.sign(v.options("/api/session/passkey/options", ""))))
		if got := v.ask("POST", "/api/passkeys", newKey(late)).Code; got != http.StatusConflict {
			t.Errorf("a challenge of more than five minutes: %d", got)
		}
		time.Sleep(ceremonyTime)
		v.do("POST", "/api/session/proof", fmt.Sprintf(`{"password":%q}`, testPassword))
		v.do("DELETE", remove, "")
	})
}

// TestClaimByPasskey: who reads the panel may own the box by a passkey alone, and gives it a password later; a wrong code leaves no
// passkey on a device.
func TestClaimByPasskey(t *testing.T) {
	box := newBox()
	v := &visitor{t: t, h: New(box.options()).Handler(), url: "http://localhost:8080"}
	a := newAuthenticator(t, v.url, "localhost")
	if got := v.ask("POST", "/api/claim/options", `{"code":"0000-0000","user":"admin"}`).Code; got != http.StatusForbidden {
		t.Errorf("a wrong code: %d", got)
	}
	o := v.options("/api/claim/options", fmt.Sprintf(`{"code":%q,"user":"admin"}`, testCode))
	body := fmt.Sprintf(`{"code":%q,"user":%%q,"passkey":%s}`, testCode, newKey(a.make(o)))
	v.do("POST", "/api/claim", fmt.Sprintf(body, "admin"))
	v.do("GET", "/api/config", "")
	v.cookie = ""
	v.do("POST", "/api/session/passkey", shown(a.sign(v.options("/api/session/passkey/options", ""))))
	if ring, _ := box.Keyring("admin"); ring.Password {
		t.Error("there is a password")
	}
	v.do("POST", "/api/session/password", `{"next":"another good password"}`)
}

// TestWherePasskeysWork (WebAuthn Level 3 5.1.3): by a name, over TLS that browsers trust or on the computer itself. Elsewhere the page
// is told why, and nothing begins.
func TestWherePasskeysWork(t *testing.T) {
	for _, c := range []struct {
		url     string
		trusted bool
		why     string
	}{
		{"http://localhost:8080", false, ""},
		{"https://pbx.example.cn", true, ""},
		{"https://pbx.example.cn:8443", true, ""},
		{"https://pbx.example.cn", false, "its own"},
		{"https://192.168.1.10:8080", true, "192.168.1.10"},
		{"https://[2001:db8::1]:8080", true, "2001:db8::1"},
		{"http://127.0.0.1:8080", false, "127.0.0.1"},
		{"http://pbx.example.cn", true, "https only"},
	} {
		box := newBox()
		box.trusted = c.trusted
		v := &visitor{t: t, h: New(box.options()).Handler(), url: c.url}
		var status struct {
			Why *telephony.Text `json:"no_passkeys"`
		}
		if err := json.Unmarshal(v.do("GET", "/api/status", "").Body.Bytes(), &status); err != nil {
			t.Fatal(err)
		}
		got := v.ask("POST", "/api/session/passkey/options", "").Code
		if c.why == "" && (status.Why != nil || got != 200) || c.why != "" && (status.Why == nil || !strings.Contains(status.Why.EN, c.why) || got != 409) {
			t.Errorf("%s (%v): %v, %d", c.url, c.trusted, status.Why, got)
		}
	}
}

// TestCeremoniesAreBounded: whoever asks for challenges for ever gets the place of the own alone, and takes a bounded memory.
func TestCeremoniesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c ceremonies
		begin := func(source string) (string, error) {
			n := ceremony{purpose: toSignIn, source: source}
			n.Challenge = rand.Text()
			return n.Challenge, c.begin(n)
		}
		mine, err := begin("mine")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 * maxOfSource {
			_, _ = begin("flood")
		}
		if len(c.open) != 1+maxOfSource {
			t.Errorf("%d are kept", len(c.open))
		}
		for i := range maxCeremonies {
			_, err = begin(fmt.Sprint(i))
		}
		if err != errTooMany || len(c.open) != maxCeremonies {
			t.Errorf("%v, %d are kept", err, len(c.open))
		}
		if _, err := c.take(mine, toSignIn, ""); err != nil {
			t.Errorf("a flood took the place of somebody else: %v", err)
		}
		time.Sleep(ceremonyTime)
		if _, err := begin("later"); err != nil || len(c.open) != 1 {
			t.Errorf("%v, %d are kept", err, len(c.open))
		}
	})
}
