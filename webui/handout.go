package webui

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
	"rsc.io/qr"
)

// A telephone is set up by a link that is handed out: it opens once, within a day, over TLS, and only for whoever has its
// secret. A MAC address, which is printed on the telephone and known in the network, opens nothing.

// Handouts keeps the links by which telephones fetch their settings.
type Handouts interface {
	// MakeHandout gives the secret of a new link, in the place of the one that the extension may have.
	MakeHandout(ctx context.Context, extension string, by By) (secret string, h Handout, err error)
	// TakeHandout gives the extension of a link, which works no second time. Forbidden when it is wrong, used or out of date.
	TakeHandout(ctx context.Context, secret string, by By) (extension string, err error)
	// Handouts lists the links that are open.
	Handouts() ([]Handout, error)
	// DeleteHandout takes one back.
	DeleteHandout(ctx context.Context, extension string, by By) error
}

// A Handout is a link by which one telephone may fetch its settings once.
type Handout struct {
	Extension string    `json:"extension"`
	By        string    `json:"by"`
	Expires   time.Time `json:"expires"`
}

// Registrar is where telephones register: its ports, at the address where the page is found too.
type Registrar struct {
	Port    int // UDP and TCP
	TLSPort int // 0: none
}

var (
	errClear = telephony.Errorf(telephony.Forbidden,
		"话机设置只经 https 提供。这个链接已作废，请管理员重新生成。",
		"Settings are given over https only. The link is void now; ask the administrator for another.")
	errNoPhone = telephony.Errorf(telephony.NotFound, "没有这部网络话机，请先保存。", "There is no such telephone on the network. Apply the settings first.")
	errNoTLS   = telephony.Errorf(telephony.Conflict,
		"这部话机要求加密，但设备没有开启 SIP over TLS。请先开启，或关闭话机的加密。",
		"This telephone has to encrypt, and the box has no SIP over TLS. Switch it on, or the telephone's encryption off.")
)

type handoutInput struct {
	Extension string `path:"extension" maxLength:"8"`
	host      string // by which the asker found the page; a telephone will find it there too
	Body      struct {
		NewPassword bool `json:"new_password" doc:"Give the telephone another SIP password than it had"`
	}
}

// Resolve finds the host.
func (in *handoutInput) Resolve(ctx huma.Context) []error {
	in.host = ctx.Host()
	return nil
}

// HandoutLink is a link for one make of telephones.
type HandoutLink struct {
	Make string `json:"make"` // "yealink", "fanvil", "linphone"
	URL  string `json:"url"`
}

// HandoutAnswer is what is handed out: any one of the links opens once.
type HandoutAnswer struct {
	Handout
	Links []HandoutLink `json:"links"`
	QR    QRCode        `json:"qr"` // of the link for Linphone
}

// QRCode is a code as a path of unit squares (SVG 2 9.3), without the four modules of light that belong around it.
type QRCode struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

type handoutAnswer struct{ Body HandoutAnswer }

func (s *Server) postHandout(ctx context.Context, in *handoutInput) (*handoutAnswer, error) {
	if err := s.mayHandOut(s.Configs.Config(), in.Extension); err != nil {
		return nil, err
	}
	if in.Body.NewPassword {
		if _, err := s.change(ctx, func(c *telephony.Config) (*telephony.Config, error) {
			return withPassword(c, in.Extension, rand.Text())
		}); err != nil {
			return nil, err
		}
	}
	secret, h, err := s.Handouts.MakeHandout(ctx, in.Extension, by(ctx))
	if err != nil {
		return nil, err
	}
	answer := HandoutAnswer{Handout: h}
	for _, f := range settingsFiles {
		answer.Links = append(answer.Links, HandoutLink{f.make, "https://" + in.host + "/api/handouts/" + secret + "/" + f.name})
	}
	answer.QR, err = drawQR(answer.Links[len(answer.Links)-1].URL)
	return &handoutAnswer{answer}, err
}

// mayHandOut refuses what would be of no use to a telephone.
func (s *Server) mayHandOut(c *telephony.Config, extension string) error {
	switch p := c.Phone(extension); {
	case p == nil || p.Port != "":
		return errNoPhone
	case p.Encryption == telephony.EncryptionRequired && s.Registrar.TLSPort == 0:
		return errNoTLS
	}
	return nil
}

// withPassword is a configuration in which a telephone has another password.
func withPassword(c *telephony.Config, extension, password string) (*telephony.Config, error) {
	next := *c
	next.Phones = slices.Clone(c.Phones)
	p := next.Phone(extension)
	if p == nil {
		return nil, errNoPhone
	}
	p.Password = password
	return &next, nil
}

func drawQR(text string) (QRCode, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return QRCode{}, err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return QRCode{code.Size, path.String()}, nil
}

type handoutsAnswer struct {
	Body struct {
		Handouts []Handout `json:"handouts"`
	}
}

func (s *Server) getHandouts(context.Context, *struct{}) (*handoutsAnswer, error) {
	answer := &handoutsAnswer{}
	var err error
	answer.Body.Handouts, err = s.Handouts.Handouts()
	return answer, err
}

type extensionInput struct {
	Extension string `path:"extension" maxLength:"8"`
}

func (s *Server) deleteHandout(ctx context.Context, in *extensionInput) (*struct{}, error) {
	return nil, s.Handouts.DeleteHandout(ctx, in.Extension, by(ctx))
}

type fileInput struct {
	Secret string `path:"secret" maxLength:"64"`
	File   string `path:"file" maxLength:"32" doc:"yealink.cfg, fanvil.cfg or linphone.xml"`
	host   string
}

// Resolve finds the host, where the telephone is to register too.
func (in *fileInput) Resolve(ctx huma.Context) []error {
	in.host = ctx.Host()
	return nil
}

// getSettingsFile gives a telephone its settings, once. A link that came in the clear was seen by others: it is void, and nothing
// is given.
func (s *Server) getSettingsFile(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	file := slices.IndexFunc(settingsFiles, func(f settingsFile) bool { return f.name == in.File })
	if file < 0 {
		return nil, refusals[http.StatusNotFound]
	}
	from := connOf(ctx)
	named, _, _ := strings.Cut(in.Secret, "_")
	var extension string
	err := s.guesses.try(from.source, "handout "+named, func() (err error) {
		extension, err = s.Handouts.TakeHandout(ctx, in.Secret, By{Who: "phone/" + named, Source: from.source})
		return err
	})
	if err != nil {
		return nil, err
	}
	c := s.Configs.Config()
	switch {
	case !from.tls:
		return nil, errClear
	case s.mayHandOut(c, extension) != nil:
		return nil, errNoPhone
	}
	text := settingsFiles[file].write(s.account(c.Phone(extension), in.host))
	return stream(settingsFiles[file].contentType, "", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }), nil
}

// account is what a telephone that found the box by a host needs to register.
func (s *Server) account(p *telephony.Phone, host string) account {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]" // RFC 3261 25.1
	}
	a := account{user: p.Extension, name: p.Name, password: p.Password, host: host, port: s.Registrar.Port}
	if p.Encryption != "" && s.Registrar.TLSPort != 0 {
		a.port, a.secure, a.always = s.Registrar.TLSPort, true, p.Encryption == telephony.EncryptionRequired
	}
	if a.name == "" {
		a.name = a.user
	}
	return a
}
