package telephony

import (
	"net/netip"
	"net/url"
	"strings"
)

// websiteTarget is where a visitor of a web site may be sent: to nobody outside, since whoever pays for that is not asked.
var websiteTarget = []string{ToQueue, ToMenu, ToPhone, ToAgent, ToVoicemail}

// maxOrigins bounds the addresses of one web site.
const maxOrigins = 20

func (k *check) websites() {
	for i := range k.config.Websites {
		w, p := &k.config.Websites[i], at("websites", i)
		k.id(p+".id", w.ID)
		k.unique(p+".id", "website", w.ID)
		k.name(p+".name", w.Name)
		if len(w.Origins) == 0 && !w.Disabled {
			k.bad(p+".origins", "请填网站地址，如 https://www.example.cn", "give the web site's address, such as https://www.example.cn")
		}
		if k.size(p+".origins", len(w.Origins), maxOrigins) {
			for j, o := range w.Origins {
				k.origin(at(p+".origins", j), o)
				k.unique(at(p+".origins", j), p+".origins", o)
			}
		}
		if w.To != "" {
			k.target(p+".to", w.To, websiteTarget...)
		}
		k.between(p+".max_calls", w.MaxCalls, 1, 500)
		k.language(p+".language", w.Language)
	}
}

// origin checks that an address is written as a browser names the origin of a page (RFC 6454 6.2), and is one where a browser
// gives its microphone to a page: https, or this very computer (Secure Contexts 3.1).
func (k *check) origin(path, s string) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme+"://"+u.Host != s || !validHost(u.Host) || s != strings.ToLower(s):
		k.bad(path, "请只填协议和域名，小写，不带路径，如 https://www.example.cn", "give the scheme and the name alone, in small letters and without a path: https://www.example.cn")
	case u.Scheme != "https" && !(u.Scheme == "http" && isOwnHost(u.Hostname())):
		k.bad(path, "请用 https:// 地址：浏览器只在加密的网页上开放麦克风", "use an address with https://: browsers give their microphone to encrypted pages only")
	case u.Port() == "443" && u.Scheme == "https", u.Port() == "80":
		k.bad(path, "请去掉默认端口", "leave the usual port out: browsers do not name it")
	}
}

// isOwnHost reports whether a name is the computer's own.
func isOwnHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}
