package board

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
)

// A Service is what others may reach over the network beside the page. An image's firewall is open to what the configuration uses (A14.1).
type Service string

// The services.
const (
	ServiceSIP      Service = "sip"      // over UDP and TCP
	ServiceSIPS     Service = "sips"     // over TLS
	ServiceSpeech   Service = "speech"   // RTP
	ServiceBrowsers Service = "browsers" // speech of browsers, WebRTC
)

// The ports of RTP. Even ones carry media (RFC 3550 11).
const (
	SpeechLow  = 20000
	SpeechHigh = 29999
)

// BrowsersPort is the one port of all browsers' speech.
const BrowsersPort = 30000

// openings are what nftables has to say of each service. SIP's ports are those that an image's callbox.service gives the box.
var openings = map[Service]struct{ tcp, udp string }{
	ServiceSIP:      {tcp: "5060", udp: "5060"},
	ServiceSIPS:     {tcp: "5061"},
	ServiceSpeech:   {udp: fmt.Sprint(SpeechLow, "-", SpeechHigh)},
	ServiceBrowsers: {udp: fmt.Sprint(BrowsersPort)},
}

// WriteServices is a file of services as TakeServices reads it.
func WriteServices(services []Service) []byte {
	var b bytes.Buffer
	for _, s := range services {
		fmt.Fprintln(&b, s)
	}
	return b.Bytes()
}

// ServicesFile is where boxd says it on an image; it is there until the firewall has done so (image/files, callbox-firewall.path).
const ServicesFile = "/run/boxd/services"

// mostServices is more than a file of services has, in octets.
const mostServices = 256

// TakeServices reads what boxd says, and removes it: what boxd says next is another file. The reader is root and boxd may have been taken
// over: a link leads nowhere, a pipe makes nobody wait, and words that are no service are refused, whatever else is in the file.
func TakeServices(file string) ([]Service, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err := errors.Join(err, os.Remove(file)); err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is no file", file))
	}
	text, err := io.ReadAll(io.LimitReader(f, mostServices+1))
	if err != nil {
		return nil, err
	}
	if len(text) > mostServices {
		return nil, fmt.Errorf("%s has more than %d octets", file, mostServices)
	}
	var services []Service
	for word := range strings.FieldsSeq(string(text)) {
		s := Service(word)
		if _, known := openings[s]; !known {
			return nil, fmt.Errorf("%s names %q, which is no service", file, word)
		}
		if !slices.Contains(services, s) {
			services = append(services, s)
		}
	}
	return services, nil
}

// Firewall is what nft is told to let in these services and no other, in one transaction: the sets of image/files/etc/nftables.conf
// change, and connections that are there stay.
func Firewall(services []Service) string {
	var tcp, udp []string
	for _, s := range services {
		o := openings[s]
		tcp, udp = append(tcp, o.tcp), append(udp, o.udp)
	}
	return fill("open_tcp", tcp) + fill("open_udp", udp)
}

func fill(set string, ports []string) string {
	text := fmt.Sprintf("flush set inet callbox %s\n", set)
	if ports = slices.DeleteFunc(ports, func(p string) bool { return p == "" }); len(ports) > 0 {
		text += fmt.Sprintf("add element inet callbox %s { %s }\n", set, strings.Join(ports, ", "))
	}
	return text
}

// PutServicesBack has the file be there for another try, unless boxd has said something else meanwhile, or anything else stands there.
func PutServicesBack(file string, services []Service) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(WriteServices(services))
	return errors.Join(err, f.Close())
}
