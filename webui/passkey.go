package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"callbox/telephony"
)

// A Passkey signs its owner in where a password would: a key that the owner's device keeps and uses only after a finger, a face or a PIN.
type Passkey struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`   // as its owner calls it
	Host    string    `json:"host"`   // the name in the browser's address bar at which it works
	Synced  bool      `json:"synced"` // its owner's devices may share it
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`

	Credential []byte `json:"-"` // its id, in octets
	Key        []byte `json:"-"` // the public half, COSE (RFC 9052 7)
	Counter    uint32 `json:"-"` // of its signatures
}

// A Keyring is what opens an account.
type Keyring struct {
	User     string    `json:"-"`
	Handle   []byte    `json:"-"`        // by which passkeys name the user
	Password bool      `json:"password"` // there is one
	Passkeys []Passkey `json:"passkeys"`
}

// WebAuthnID and the following are the user as the library asks for it.
func (k Keyring) WebAuthnID() []byte { return k.Handle }

// WebAuthnName is what the browser shows.
func (k Keyring) WebAuthnName() string { return k.User }

// WebAuthnDisplayName is the same.
func (k Keyring) WebAuthnDisplayName() string { return k.User }

// WebAuthnCredentials are the passkeys.
func (k Keyring) WebAuthnCredentials() (list []webauthn.Credential) {
	for _, p := range k.Passkeys {
		list = append(list, webauthn.Credential{
			ID: p.Credential, PublicKey: p.Key, Flags: webauthn.CredentialFlags{BackupEligible: p.Synced}, Authenticator: webauthn.Authenticator{SignCount: p.Counter},
		})
	}
	return list
}

// A credential is JSON between the browser's WebAuthn and the library here: the PublicKeyCredential...JSON dictionaries of WebAuthn
// Level 3 5.1 and 5.4.
type credential json.RawMessage

// Schema leaves it to the library to look inside.
func (credential) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "As WebAuthn Level 3 writes it in JSON"}
}

// UnmarshalJSON keeps the text.
func (c *credential) UnmarshalJSON(text []byte) error { *c = bytes.Clone(text); return nil }

// MarshalJSON gives it back as it came.
func (c credential) MarshalJSON() ([]byte, error) { return json.RawMessage(c).MarshalJSON() }

var (
	errPasskey = telephony.Errorf(telephony.Unsigned, "这个通行密钥不能登录本设备。请换一个，或使用密码。",
		"That passkey does not open this box. Use another one, or the password.")
	errProof = telephony.Errorf(telephony.Forbidden, "请先再次确认是您本人。", "Confirm first that it is you.").At("proof")
)

type optionsAnswer struct {
	Body struct {
		PublicKey credential `json:"publicKey"`
	}
}

// answerOptions is what a browser hands to its authenticator.
func answerOptions(options any) (*optionsAnswer, error) {
	text, err := json.Marshal(options)
	answer := &optionsAnswer{}
	answer.Body.PublicKey = text
	return answer, err
}

// postSignInOptions begins a sign-in, or another proof of who sits there, by any passkey that the browser has for this name.
func (s *Server) postSignInOptions(ctx context.Context, _ *struct{}) (*optionsAnswer, error) {
	party, err := s.party(connOf(ctx))
	if err != nil {
		return nil, err
	}
	options, session, err := party.BeginDiscoverableLogin()
	if err != nil {
		return nil, err
	}
	if err := s.ceremonies.begin(ceremony{SessionData: *session, purpose: toSignIn, source: connOf(ctx).source}); err != nil {
		return nil, err
	}
	return answerOptions(options.Response)
}

type passkeySignIn struct {
	Body struct {
		Credential credential `json:"credential"`
	}
}

// postPasskeySession opens a session for the owner of a passkey.
func (s *Server) postPasskeySession(ctx context.Context, in *passkeySignIn) (answer *sessionAnswer, err error) {
	from := connOf(ctx)
	err = s.signed(ctx, in.Body.Credential, "", func(user string) error {
		secret, p, err := s.Accounts.LetIn(ctx, user, By{Who: user, Source: from.source})
		if err != nil {
			return err
		}
		answer, err = s.opened(ctx, secret, p, "passkey")
		return err
	})
	if err != nil && !errors.Is(err, errTooMany) {
		_ = s.Configs.Note(ctx, By{Source: from.source}, "session.refused", "", "passkey")
	}
	if err == nil && from.secret != "" {
		s.Accounts.SignOut(from.secret)
	}
	return answer, err
}

// signed checks that a passkey signed the challenge that was given for it, and goes on with whose it is: only is the one who
// may, empty: anybody. What is wrong slows the source and the account down like a wrong password.
func (s *Server) signed(ctx context.Context, text credential, only string, then func(user string) error) error {
	answer, err := protocol.ParseCredentialRequestResponseBytes(text)
	if err != nil {
		return errPasskey
	}
	c, err := s.ceremonies.take(answer.Response.CollectedClientData.Challenge, toSignIn, "")
	if err != nil {
		return err
	}
	party, err := s.party(connOf(ctx))
	if err != nil {
		return err
	}
	ring, _, err := s.Accounts.KeyringOf(answer.Response.UserHandle)
	if err != nil {
		return err
	}
	return s.guesses.try(connOf(ctx).source, ring.User, func() error {
		if ring.User == "" || only != "" && ring.User != only {
			return errPasskey
		}
		whose := func([]byte, []byte) (webauthn.User, error) { return ring.at(c.RelyingPartyID), nil }
		_, used, err := party.ValidatePasskeyLogin(whose, c.SessionData, answer)
		if err != nil {
			return errPasskey
		}
		counter := answer.Response.AuthenticatorData.Counter
		if err := s.Accounts.UsePasskey(ctx, ring.User, used.ID, counter, By{Who: ring.User, Source: connOf(ctx).source}); err != nil {
			return err
		}
		return then(ring.User)
	})
}

// at is the keyring with the passkeys alone that were made at a name.
func (k Keyring) at(host string) Keyring {
	k.Passkeys = slices.DeleteFunc(slices.Clone(k.Passkeys), func(p Passkey) bool { return p.Host != host })
	return k
}

type proofInput struct {
	Body struct {
		Password   string     `json:"password,omitempty" maxLength:"256"`
		Credential credential `json:"credential,omitempty"`
	}
}

// postProof takes the own password or passkey once more: what opens an account is changed by who proved it within five minutes.
func (s *Server) postProof(ctx context.Context, in *proofInput) (*struct{}, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	prove := func(string) error { return s.Accounts.Prove(ctx, connOf(ctx).secret) }
	if in.Body.Credential != nil {
		return nil, s.signed(ctx, in.Body.Credential, user, prove)
	}
	return nil, s.guesses.try(connOf(ctx).source, user, func() error {
		if err := s.Accounts.CheckPassword(ctx, user, in.Body.Password); err != nil {
			return err
		}
		return prove(user)
	})
}

// accountOf is the user who asks; tokens and root have no account.
func accountOf(ctx context.Context) (string, error) {
	p := asker(ctx)
	if strings.Contains(p.Name, ":") {
		return "", errNoAccount
	}
	return p.Name, nil
}

// proved is the user who asks, and has proved it a moment ago.
func (s *Server) proved(ctx context.Context) (string, error) {
	user, err := accountOf(ctx)
	if err == nil && !s.Accounts.Proved(connOf(ctx).secret) {
		err = errProof
	}
	return user, err
}

type keyringAnswer struct{ Body Keyring }

func (s *Server) getPasskeys(ctx context.Context, _ *struct{}) (*keyringAnswer, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	ring, err := s.Accounts.Keyring(user)
	return &keyringAnswer{ring}, err
}

func (s *Server) postPasskeyOptions(ctx context.Context, _ *struct{}) (*optionsAnswer, error) {
	user, err := s.proved(ctx)
	if err != nil {
		return nil, err
	}
	ring, err := s.Accounts.Keyring(user)
	if err != nil {
		return nil, err
	}
	return s.beginPasskey(ctx, toAdd, ring)
}

// beginPasskey has a browser make a passkey for a keyring, on a device that has none of it yet.
func (s *Server) beginPasskey(ctx context.Context, purpose string, ring Keyring) (*optionsAnswer, error) {
	party, err := s.party(connOf(ctx))
	if err != nil {
		return nil, err
	}
	there := webauthn.Credentials(ring.at(connOf(ctx).hostname()).WebAuthnCredentials()).CredentialDescriptors()
	options, session, err := party.BeginRegistration(ring, webauthn.WithExclusions(there))
	if err != nil {
		return nil, err
	}
	if err := s.ceremonies.begin(ceremony{SessionData: *session, purpose: purpose, user: ring.User, source: connOf(ctx).source}); err != nil {
		return nil, err
	}
	return answerOptions(options.Response)
}

// NewPasskey is one that a browser has made.
type NewPasskey struct {
	Name       string     `json:"name" minLength:"1" maxLength:"64" doc:"As its owner calls it"`
	Credential credential `json:"credential"`
}

// madePasskey checks a passkey that a browser made, and gives the handle for which.
func (s *Server) madePasskey(ctx context.Context, purpose, user string, n NewPasskey) (handle []byte, p Passkey, err error) {
	unfit := telephony.Errorf(telephony.Invalid, "浏览器创建的通行密钥无法使用，请重试。", "The passkey that the browser made cannot be used. Try again.")
	made, err := protocol.ParseCredentialCreationResponseBytes(n.Credential)
	if err != nil {
		return nil, p, unfit
	}
	c, err := s.ceremonies.take(made.Response.CollectedClientData.Challenge, purpose, user)
	if err != nil {
		return nil, p, err
	}
	party, err := s.party(connOf(ctx))
	if err != nil {
		return nil, p, err
	}
	k, err := party.CreateCredential(Keyring{User: user, Handle: c.UserID}, c.SessionData, made)
	if err != nil {
		return nil, p, unfit
	}
	return c.UserID, Passkey{
		Name: n.Name, Host: c.RelyingPartyID, Synced: k.Flags.BackupEligible, Credential: k.ID, Key: k.PublicKey, Counter: k.Authenticator.SignCount,
	}, nil
}

type newPasskeyInput struct{ Body NewPasskey }

func (s *Server) postPasskey(ctx context.Context, in *newPasskeyInput) (*struct{}, error) {
	user, err := s.proved(ctx)
	if err != nil {
		return nil, err
	}
	handle, p, err := s.madePasskey(ctx, toAdd, user, in.Body)
	if err != nil {
		return nil, err
	}
	return nil, s.Accounts.AddPasskey(ctx, user, handle, p, by(ctx))
}

type passkeyInput struct {
	ID string `path:"id" maxLength:"1400"`
}

func (s *Server) deletePasskey(ctx context.Context, in *passkeyInput) (*struct{}, error) {
	user, err := s.proved(ctx)
	if err != nil {
		return nil, err
	}
	return nil, s.Accounts.DeletePasskey(ctx, user, in.ID, by(ctx))
}

func (s *Server) deletePasskeys(ctx context.Context, in *userNameInput) (*struct{}, error) {
	return nil, s.Accounts.DeletePasskeys(ctx, in.Name, by(ctx))
}
