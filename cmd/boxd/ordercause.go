package main

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"callbox/telephony"
)

// refusalsOfOrders are what authorities refuse an order for, where there is something to do about it (RFC 8555 6.7). Of two that
// are told at once, the first here is the one to mend first.
var refusalsOfOrders = []struct {
	kind string
	why  telephony.Text
}{
	{"rateLimited", telephony.Text{
		ZH: "为该域名申请得太频繁，签发机构要求过一阵再来", EN: "the authority was asked for this name too often, and wants us to wait",
	}},
	{"externalAccountRequired", telephony.Text{
		ZH: "这家签发机构要求先有它的账户，本设备不支持，请换一家", EN: "the authority wants an account that is opened with it first, which the box cannot: choose another one",
	}},
	{"rejectedIdentifier", telephony.Text{
		ZH: "签发机构不为这个域名签发证书，请换一个域名或机构", EN: "the authority gives no certificate for this name: choose another name or authority",
	}},
	{"caa", telephony.Text{
		ZH: "域名的 CAA 记录不允许这家机构签发，请在域名解析里加上它", EN: "the name's CAA record does not allow this authority: add it to the DNS",
	}},
	{"dns", telephony.Text{
		ZH: "签发机构查不到这个域名的地址，请检查域名解析", EN: "the authority finds no address of the name: check the DNS",
	}},
	{"connection", telephony.Text{
		ZH: "签发机构从外网连不上本设备，请让 80 或 443 端口能从外网访问", EN: "the authority does not reach the box: open port 80 or 443 from outside",
	}},
	{"unauthorized", elsewhere},
	{"incorrectResponse", elsewhere},
	{"tls", elsewhere},
}

var elsewhere = telephony.Text{
	ZH: "从外网看，该域名指向的不是本设备，请检查域名解析和端口转发", EN: "seen from outside the name leads to something else than this box: check the DNS and what port 80 and 443 are forwarded to",
}

// whyNoCertificate says what an order came to nothing for, and what to do. The error itself is in English, whoever reads it.
func whyNoCertificate(err error) telephony.Text {
	var name *net.DNSError
	var unknown *tls.CertificateVerificationError
	var network net.Error
	said := err.Error()
	for _, r := range refusalsOfOrders {
		if strings.Contains(said, "urn:ietf:params:acme:error:"+r.kind) {
			return r.why
		}
	}
	switch {
	case errors.As(err, &name):
		return telephony.Text{ZH: "查不到签发机构的地址，请检查目录地址和本机的 DNS", EN: "the authority is not found: check its address, and the DNS of the box"}
	case errors.As(err, &unknown):
		return telephony.Text{ZH: "签发机构自己的证书不可信，请填写为它担保的证书", EN: "the authority's own certificate is by nobody known: give the one that vouches for it"}
	case errors.As(err, &network):
		return telephony.Text{ZH: "连不上签发机构，请检查本机能否上网", EN: "the authority cannot be reached: see that the box reaches the internet"}
	}
	return telephony.Text{
		ZH: "请检查该域名是否指向本设备，并且外网能访问 80 或 443 端口", EN: "see that the name leads to this box, and that port 80 or 443 can be reached from outside",
	}
}
