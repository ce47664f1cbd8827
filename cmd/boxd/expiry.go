package main

import (
	"crypto/x509"
	"time"

	"callbox/telephony"
)

const (
	expiryAhead = 30 * 24 * time.Hour // to get another one from whoever gives it
	expiryAlarm = "certificate_expiry"
	endedAlarm  = "certificate_expired"
)

// expires is the alarm before the certificate in use is out of date, another when it is; another certificate in its place takes it back.
func (b *Box) expires(telephony.Alarm) telephony.Alarm {
	return expiry(b.identity.now.Load().Leaf, time.Now())
}

// expiry is the alarm of a certificate at a moment.
func expiry(c *x509.Certificate, at time.Time) telephony.Alarm {
	until := c.NotAfter.Format(time.DateOnly)
	a := telephony.Alarm{Name: expiryAlarm, On: at.Add(expiryAhead).After(c.NotAfter)}
	switch {
	case !a.On:
	case at.After(c.NotAfter):
		a.Name = endedAlarm
		a.Message = telephony.Errorf(telephony.Unavailable, "证书已于 %s 过期，浏览器和话机会拒绝连接。请立即在“证书”页更换。",
			"The certificate was good until %s: browsers and telephones refuse it. Put in another one now, under Certificate.", until).Message
	default:
		a.Message = telephony.Errorf(telephony.Unavailable, "证书将于 %s 过期。请在此之前在“证书”页更换。",
			"The certificate is good until %s. Put in another one before, under Certificate.", until).Message
	}
	return a
}
