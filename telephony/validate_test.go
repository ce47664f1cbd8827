package telephony

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWhatABoxBeginsWithIsValid(t *testing.T) {
	for name, c := range map[string]*Config{"new box": DefaultConfig(), "office": office()} {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err.Problems)
		}
	}
}

func TestATelephoneNeedsNoPassword(t *testing.T) {
	c := office()
	c.Phones[0].Port, c.Phones[0].Password = "fxs/1", ""
	if err := c.Validate(); err != nil {
		t.Error(err.Problems)
	}
}

func TestLongestCallOfALine(t *testing.T) {
	for minutes, want := range map[int]time.Duration{0: 2 * time.Hour, 90: 90 * time.Minute, -1: 0} {
		if got := (&LineConfig{LongestMinutes: minutes}).Longest(); got != want {
			t.Errorf("longest_minutes %d: %v, want %v", minutes, got, want)
		}
	}
}

// A flaw breaks one thing of the office; Validate must name the field, and only it.
type flaw struct {
	name  string
	spoil func(*Config)
	path  string
}

func TestValidateNamesTheField(t *testing.T) {
	for _, flaws := range [][]flaw{siteFlaws, lineFlaws, peopleFlaws, queueFlaws, menuFlaws, routeFlaws} {
		for _, f := range flaws {
			t.Run(f.name, func(t *testing.T) {
				c := office()
				f.spoil(c)
				err := c.Validate()
				if err == nil {
					t.Fatalf("accepted; want a problem at %s", f.path)
				}
				if len(err.Problems) != 1 || err.Problems[0].Path != f.path {
					t.Fatalf("problems %v, want one at %s", err.Problems, f.path)
				}
				if m := err.Problems[0].Message; m.ZH == "" || m.EN == "" || strings.Contains(m.ZH+m.EN, "%!") {
					t.Errorf("message %q", m)
				}
			})
		}
	}
}

var siteFlaws = []flaw{
	{"format of another box", func(c *Config) { c.Format = 2 }, "format"},
	{"name with a control character", func(c *Config) { c.Site.Name = "a\nb" }, "site.name"},
	{"name too long", func(c *Config) { c.Site.Name = strings.Repeat("茶", MaxNameLen+1) }, "site.name"},
	{"name not UTF-8", func(c *Config) { c.Site.Name = "\xff" }, "site.name"},
	{"no language", func(c *Config) { c.Site.Language = "" }, "site.language"},
	{"unknown zone", func(c *Config) { c.Site.TimeZone = "Asia/Peking2" }, "site.time_zone"},
	{"the host's zone", func(c *Config) { c.Site.TimeZone = "Local" }, "site.time_zone"},
	{"zone outside the table", func(c *Config) { c.Site.TimeZone = "../../etc/passwd" }, "site.time_zone"},
	{"area code without 0", func(c *Config) { c.Site.AreaCode = "21" }, "site.area_code"},
	{"A5.7 a customer's page by script", func(c *Config) { c.Site.CustomerURL = "javascript:alert({number})" }, "site.customer_url"},
	{"A5.7 a customer's page without the number", func(c *Config) { c.Site.CustomerURL = "https://crm.example.cn/?phone=" }, "site.customer_url"},
	{"A5.7 a caller who chooses the host", func(c *Config) { c.Site.CustomerURL = "https://{number}/" }, "site.customer_url"},
	{"A5.7 a customer's page with a password", func(c *Config) { c.Site.CustomerURL = "https://me:secret@crm.example.cn/{number}" }, "site.customer_url"},
	{"unknown tone plan", func(c *Config) { c.Site.Tones = "xx" }, "site.tones"},
	{"emergency number missing", func(c *Config) { c.Site.Emergency = []string{"110", "119", "122"} }, "site.emergency"},
	{"emergency number twice", func(c *Config) { c.Site.Emergency = append(c.Site.Emergency, "110") }, "site.emergency[4]"},
	{"emergency number not digits", func(c *Config) { c.Site.Emergency = append(c.Site.Emergency, "SOS") }, "site.emergency[4]"},
	{"too many emergency numbers", func(c *Config) { c.Site.Emergency = make([]string, 51) }, "site.emergency"},
	{"hours without id", func(c *Config) { c.Hours = append(c.Hours, Hours{}) }, "hours[1].id"},
	{"hours twice", func(c *Config) { c.Hours = append(c.Hours, Hours{ID: "office"}) }, "hours[1].id"},
	{"hours on no day", func(c *Config) { c.Hours[0].Week[0].Days = nil }, "hours[0].week[0].days"},
	{"an eighth day", func(c *Config) { c.Hours[0].Week[0].Days = []int{8} }, "hours[0].week[0].days[0]"},
	{"a day twice", func(c *Config) { c.Hours[0].Week[0].Days = []int{1, 1} }, "hours[0].week[0].days[1]"},
	{"hours from 9:00", func(c *Config) { c.Hours[0].Week[0].From = "9:00" }, "hours[0].week[0].from"},
	{"hours to 25:00", func(c *Config) { c.Hours[0].Week[0].To = "25:00" }, "hours[0].week[0].to"},
	{"too many spans", func(c *Config) { c.Hours[0].Week = make([]DaySpan, 51) }, "hours[0].week"},
	{"too many holidays", func(c *Config) { c.Hours[0].Holidays = make([]SpecialDay, 501) }, "hours[0].holidays"},
	{"holiday from no date", func(c *Config) { c.Hours[0].Holidays[0].From = "2026-02-30" }, "hours[0].holidays[0].from"},
	{"holiday to no date", func(c *Config) { c.Hours[0].Holidays[0].To = "" }, "hours[0].holidays[0].to"},
	{"holiday ends before it begins", func(c *Config) { c.Hours[0].Holidays[0].To = "2026-09-30" }, "hours[0].holidays[0].to"},
	{"prompt id is a path", func(c *Config) { c.Prompts = append(c.Prompts, Prompt{ID: "../x"}) }, "prompts[1].id"},
	{"prompt twice", func(c *Config) { c.Prompts = append(c.Prompts, c.Prompts[0]) }, "prompts[1].id"},
	{"prompt text too long", func(c *Config) { c.Prompts[0].Text.EN = strings.Repeat("a", 1001) }, "prompts[0].text.en"},
	{"recording policy missing", func(c *Config) { c.Recording.Record = "" }, "recording.record"},
	{"recordings kept a negative time", func(c *Config) { c.Recording.KeepDays = -1 }, "recording.keep_days"},
	{"no free space kept", func(c *Config) { c.Recording.MinFreeMB, c.Recording.StopFreeMB = 1, 0 }, "recording.stop_free_mb"},
	{"recording stops before the alarm", func(c *Config) { c.Recording.StopFreeMB = 3000 }, "recording.stop_free_mb"},
}

var lineFlaws = []flaw{
	{"line without number", func(c *Config) { c.Lines = append(c.Lines, LineConfig{ID: "fxo", Way: InOnly}) }, "lines[2].id"},
	{"line named as a phone", func(c *Config) { c.Lines = append(c.Lines, LineConfig{ID: "phone/9", Way: InOnly}) }, "lines[2].id"},
	{"line twice", func(c *Config) { c.Lines = append(c.Lines, c.Lines[1]) }, "lines[2].id"},
	{"line with no way", func(c *Config) { c.Lines[0].Way = "" }, "lines[0].way"},
	{"line with a name for a number", func(c *Config) { c.Lines[1].Numbers = []string{"home"} }, "lines[1].numbers[0]"},
	{"line with a number twice", func(c *Config) { c.Lines[1].Numbers = []string{"1", "1"} }, "lines[1].numbers[1]"},
	{"line with an empty number", func(c *Config) { c.Lines[1].Numbers = []string{""} }, "lines[1].numbers[0]"},
	{"line with too many numbers", func(c *Config) { c.Lines[1].Numbers = make([]string, 101) }, "lines[1].numbers"},
	{"line that dials by letters", func(c *Config) { c.Lines[0].Dial = "letters" }, "lines[0].dial"},
	{"line with half an echo canceller", func(c *Config) { c.Lines[0].Echo = "half" }, "lines[0].echo"},
	{"line that hangs up after a second of silence", func(c *Config) { c.Lines[0].SilenceSeconds = 1 }, "lines[0].silence_seconds"},
	{"line whose calls last no time", func(c *Config) { c.Lines[0].LongestMinutes = -2 }, "lines[0].longest_minutes"},
	{"line that waits for dial tone for ever", func(c *Config) { c.Lines[0].DialToneSeconds = 31 }, "lines[0].dial_tone_seconds"},
	{"line in a third language", func(c *Config) { c.Lines[0].Language = "fr" }, "lines[0].language"},
	{"A1.2 span on no port", func(c *Config) { c.Spans[0].ID, c.Routes[0].Lines = "e1", nil }, "spans[0].id"},
	{"span named as a line", func(c *Config) { c.Lines = append(c.Lines, LineConfig{ID: "e1/2", Way: BothWays}) }, "lines[2].id"},
	{"span twice", func(c *Config) { c.Spans = append(c.Spans, c.Spans[0]) }, "spans[1].id"},
	{"span on both sides", func(c *Config) { c.Spans[0].Side = "both" }, "spans[0].side"},
	{"span with no way", func(c *Config) { c.Spans[0].Way = "" }, "spans[0].way"},
	{"span selects sideways", func(c *Config) { c.Spans[0].Select = "sideways" }, "spans[0].select"},
	{"span calls a kind of number that there is not", func(c *Config) { c.Spans[0].CalledType = "mobile" }, "spans[0].called_type"},
	{"span presents no kind of number", func(c *Config) { c.Spans[0].CallingType = "" }, "spans[0].calling_type"},
	{"span whose D-channel is blocked", func(c *Config) { c.Spans[0].Blocked[0] = 16 }, "spans[0].blocked[0]"},
	{"span with a bearer blocked twice", func(c *Config) { c.Spans[0].Blocked[1] = 17 }, "spans[0].blocked[1]"},
	{"span in a third language", func(c *Config) { c.Spans[0].Language = "fr" }, "spans[0].language"},
	{"too many spans of E1", func(c *Config) { c.Spans = make([]SpanConfig, 17) }, "spans"},
	{"trunk twice", func(c *Config) { c.Trunks = append(c.Trunks, c.Trunks[0]) }, "trunks[1].id"},
	{"trunk without host", func(c *Config) { c.Trunks[0].Host = "" }, "trunks[0].host"},
	{"trunk host with a space", func(c *Config) { c.Trunks[0].Host = "sip example" }, "trunks[0].host"},
	{"trunk port out of range", func(c *Config) { c.Trunks[0].Host = "sip.example.cn:70000" }, "trunks[0].host"},
	{"trunk by pigeon", func(c *Config) { c.Trunks[0].Transport = "pigeon" }, "trunks[0].transport"},
	{"trunk registers without user", func(c *Config) { c.Trunks[0].User = "" }, "trunks[0].user"},
	{"trunk user with a quote", func(c *Config) { c.Trunks[0].User = `a"b` }, "trunks[0].user"},
	{"trunk without password", func(c *Config) { c.Trunks[0].Password = "" }, "trunks[0].password"},
	{"trunk password is a mask", func(c *Config) { c.Trunks[0].Password = Mask }, "trunks[0].password"},
	{"trunk registers every second", func(c *Config) { c.Trunks[0].Expires = 1 }, "trunks[0].expires_seconds"},
	{"trunk source no address", func(c *Config) { c.Trunks[0].Sources[0] = "carrier" }, "trunks[0].sources[0]"},
	{"trunk source is the whole internet", func(c *Config) { c.Trunks[0].Sources[0] = "0.0.0.0/0" }, "trunks[0].sources[0]"},
	{"trunk DTMF unknown", func(c *Config) { c.Trunks[0].DTMF = "info" }, "trunks[0].dtmf"},
	{"trunk codec unknown", func(c *Config) { c.Trunks[0].Codecs[1] = "g729" }, "trunks[0].codecs[1]"},
	{"trunk codec twice", func(c *Config) { c.Trunks[0].Codecs[1] = "pcma" }, "trunks[0].codecs[1]"},
	{"trunk for no call", func(c *Config) { c.Trunks[0].MaxCalls = 0 }, "trunks[0].max_calls"},
	{"group twice", func(c *Config) { c.Groups = append(c.Groups, c.Groups[1]) }, "groups[2].id"},
	{"group without lines", func(c *Config) { c.Groups[1].Lines = nil }, "groups[1].lines"},
	{"group of an unknown line", func(c *Config) { c.Groups[0].Lines[0] = "fxo/9" }, "groups[0].lines[0]"},
	{"group of phones", func(c *Config) { c.Groups[0].Lines[0] = "phone/801" }, "groups[0].lines[0]"},
	{"group with a line twice", func(c *Config) { c.Groups[0].Lines[1] = "fxo/1" }, "groups[0].lines[1]"},
	{"group selects sideways", func(c *Config) { c.Groups[0].Select = "sideways" }, "groups[0].select"},
	{"group behind an unknown one", func(c *Config) { c.Groups[1].Backup = "x" }, "groups[1].backup"},
	{"A1.18 group behind itself", func(c *Config) { c.Groups[1].Backup = "carrier" }, "groups[1].backup"},
	{"too many groups", func(c *Config) { c.Groups = make([]Group, 65) }, "groups"},
}

var peopleFlaws = []flaw{
	{"extension with a letter", func(c *Config) { c.Phones[1].Extension, c.Phones[0].NoAnswer = "80a", "" }, "phones[1].extension"},
	{"extension is the police", func(c *Config) { c.Phones[1].Extension, c.Phones[0].NoAnswer = "110", "" }, "phones[1].extension"},
	{"extension of another phone", func(c *Config) { c.Phones[1].Extension, c.Phones[0].NoAnswer = "801", "" }, "phones[1].extension"},
	{"phone without password", func(c *Config) { c.Phones[0].Password = "" }, "phones[0].password"},
	{"phone in a socket of another kind", func(c *Config) { c.Phones[0].Port = "fxo/1" }, "phones[0].port"},
	{"two phones in one socket", func(c *Config) { c.Phones[0].Port, c.Phones[1].Port = "fxs/1", "fxs/1" }, "phones[1].port"},
	{"phone password short", func(c *Config) { c.Phones[0].Password = "abc1234" }, "phones[0].password"},
	{"phone password is a mask", func(c *Config) { c.Phones[0].Password = Mask }, "phones[0].password"},
	{"phone password counts up", func(c *Config) { c.Phones[0].Password = "12345678" }, "phones[0].password"},
	{"phone password is its number", func(c *Config) {
		c.Phones = append(c.Phones, Phone{Extension: "80180192", Password: "80180192", Permit: PermitLocal, RingSeconds: 20})
	}, "phones[2].password"},
	{"phone may dial the moon", func(c *Config) { c.Phones[0].Permit = "moon" }, "phones[0].permit"},
	{"phone rings no time", func(c *Config) { c.Phones[0].RingSeconds = 0 }, "phones[0].ring_seconds"},
	{"phone forwards to nobody", func(c *Config) { c.Phones[0].NoAnswer = "phone:899" }, "phones[0].no_answer"},
	{"phone when busy goes to dialled digits", func(c *Config) { c.Phones[0].Busy = "extension" }, "phones[0].busy"},
	{"A18.6 phone presents a stranger's number", func(c *Config) { c.Phones[0].Caller = "95588" }, "phones[0].caller"},
	{"job number is an extension", func(c *Config) { c.Agents = append(c.Agents, Agent{ID: "801", PIN: "5821"}) }, "agents[2].id"},
	{"agent without PIN", func(c *Config) { c.Agents[0].PIN = "" }, "agents[0].pin"},
	{"agent PIN of three digits", func(c *Config) { c.Agents[0].PIN = "582" }, "agents[0].pin"},
	{"agent PIN 0000", func(c *Config) { c.Agents[0].PIN = "0000" }, "agents[0].pin"},
	{"agent PIN 1234", func(c *Config) { c.Agents[0].PIN = "1234" }, "agents[0].pin"},
	{"agent PIN 4321", func(c *Config) { c.Agents[0].PIN = "4321" }, "agents[0].pin"},
	{"agent PIN is the job number", func(c *Config) { c.Agents[0].PIN = "1001" }, "agents[0].pin"},
	{"agent sits in a queue", func(c *Config) { c.Agents[0].Phone = "queue:sales" }, "agents[0].phone"},
	{"room twice", func(c *Config) { c.Rooms = append(c.Rooms, Room{ID: "board", Name: "x", MaxParties: 2}) }, "rooms[1].id"},
	{"room with a phone's number", func(c *Config) { c.Rooms[0].Number = "801" }, "rooms[0].number"},
	{"room PIN is easy", func(c *Config) { c.Rooms[0].PIN = "1234" }, "rooms[0].pin"},
	{"room PIN is a mask", func(c *Config) { c.Rooms[0].PIN = Mask }, "rooms[0].pin"},
	{"mail server is a path", func(c *Config) { c.Mail.Server = "smtp/x" }, "mail.server"},
	{"mail without a server", func(c *Config) { c.Mail.Server = "" }, "mail.server"},
	{"mail in the clear", func(c *Config) { c.Mail.Security = "none" }, "mail.security"},
	{"mail from nobody", func(c *Config) { c.Mail.From = "box" }, "mail.from"},
	{"mail without its password", func(c *Config) { c.Mail.Password = "" }, "mail.password"},
	{"mail password is a mask", func(c *Config) { c.Mail.Password = Mask }, "mail.password"},
	{"alarms to a header", func(c *Config) { c.Mail.Alarms[0] = "it@example.cn\r\nBcc: x@example.cn" }, "mail.alarms[0]"},
	{"alarms to one twice", func(c *Config) { c.Mail.Alarms = append(c.Mail.Alarms, "it@example.cn") }, "mail.alarms[1]"},
	{"alarms to a crowd", func(c *Config) { c.Mail.Alarms = make([]string, 21) }, "mail.alarms"},
	{"report twice", func(c *Config) { c.Mail.Reports = append(c.Mail.Reports, c.Mail.Reports[0]) }, "mail.reports[1].id"},
	{"report of nothing", func(c *Config) { c.Mail.Reports[0].Report = "people" }, "mail.reports[0].report"},
	{"report of a queue that is not there", func(c *Config) { c.Mail.Reports[0].Queues = []string{"sales", "gone"} }, "mail.reports[0].queues[1]"},
	{"report each hour", func(c *Config) { c.Mail.Reports[0].Every = "hour" }, "mail.reports[0].every"},
	{"more answered than come", func(c *Config) { c.Site.AnswerRate = 101 }, "site.answer_rate"},
	{"better than perfect service", func(c *Config) { c.Targets.ServiceLevel = 101 }, "targets.service_level"},
	{"less than no satisfaction", func(c *Config) { c.Targets.Satisfaction = -1 }, "targets.satisfaction"},
	{"more taken than come", func(c *Config) { c.Targets.Connection = 101 }, "targets.connection"},
	{"complaints of what is no code", func(c *Config) { c.Site.Complaints = []string{"nothing"} }, "site.complaints"},
	{"more complaints than calls", func(c *Config) { c.Targets.FoundedComplaints = 10001 }, "targets.founded_complaints"},
	{"an alarm on a warm day", func(c *Config) { c.Site.HotCelsius = 35 }, "site.hot_celsius"},
	{"an alarm when it burns", func(c *Config) { c.Site.HotCelsius = 106 }, "site.hot_celsius"},
	{"a call in no time", func(c *Config) { c.Targets.HandlingSeconds = 9 }, "targets.handling_seconds"},
	{"a call of a day", func(c *Config) { c.Targets.HandlingSeconds = 86400 }, "targets.handling_seconds"},
	{"code twice", func(c *Config) { c.Site.Codes = []string{"repair", "order", "repair"} }, "site.codes[2]"},
	{"proxy is a network", func(c *Config) { c.Site.Proxies = []string{"10.0.0.0/8"} }, "site.proxies[0]"},
	{"proxy is everybody", func(c *Config) { c.Site.Proxies = []string{"10.0.0.5", "::"} }, "site.proxies[1]"},
	{"proxy is a name", func(c *Config) { c.Site.Proxies = []string{"proxy.example.cn"} }, "site.proxies[0]"},
	{"proxy twice", func(c *Config) { c.Site.Proxies = []string{"10.0.0.5", "10.0.0.5"} }, "site.proxies[1]"},
	{"proxy in two spellings", func(c *Config) { c.Site.Proxies = []string{"::1", "0:0::1"} }, "site.proxies[1]"},
	{"proxy mapped into IPv6", func(c *Config) { c.Site.Proxies = []string{"10.0.0.5", "::ffff:10.0.0.5"} }, "site.proxies[1]"},
	{"proxy as a network of one", func(c *Config) { c.Site.Proxies = []string{"10.0.0.5", "10.0.0.5/32"} }, "site.proxies[1]"},
	{"name server by name", func(c *Config) { c.Network.NameServers = []string{"192.168.1.1", "dns.example.cn"} }, "network.name_servers[1]"},
	{"name server is the box", func(c *Config) { c.Network.NameServers = []string{"127.0.0.1"} }, "network.name_servers[0]"},
	{"name server with more", func(c *Config) { c.Network.NameServers = []string{"192.168.1.1\noptions rotate"} }, "network.name_servers[0]"},
	{"name server twice", func(c *Config) { c.Network.NameServers = []string{"fd00::1", "fd00:0::1"} }, "network.name_servers[1]"},
	{"a fourth name server", func(c *Config) { c.Network.NameServers = []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"} }, "network.name_servers"},
	{"time server with a port", func(c *Config) { c.Network.TimeServers = []string{"ntp.example.cn:123"} }, "network.time_servers[0]"},
	{"time server with more", func(c *Config) { c.Network.TimeServers = []string{"ntp.example.cn\nFallbackNTP=x"} }, "network.time_servers[0]"},
	{"two time servers in one", func(c *Config) { c.Network.TimeServers = []string{"10.0.0.1 10.0.0.2"} }, "network.time_servers[0]"},
	{"report as a picture", func(c *Config) { c.Mail.Reports[0].Form = "png" }, "mail.reports[0].form"},
	{"report at no time", func(c *Config) { c.Mail.Reports[0].At = "24:00" }, "mail.reports[0].at"},
	{"report to nobody", func(c *Config) { c.Mail.Reports[0].To = nil }, "mail.reports[0].to"},
	{"text messages in the clear", func(c *Config) { c.SMS = SMSGateway{URL: "http://sms.example.cn/", Secret: c.Webhooks[0].Secret} }, "sms.url"},
	{"text messages unsigned", func(c *Config) { c.SMS.URL = "https://sms.example.cn/" }, "sms.secret"},
	{"webhook twice", func(c *Config) { c.Webhooks = append(c.Webhooks, c.Webhooks[0]) }, "webhooks[1].id"},
	{"webhook in the clear", func(c *Config) { c.Webhooks[0].URL = "http://crm.example.cn/" }, "webhooks[0].url"},
	{"webhook with a user", func(c *Config) { c.Webhooks[0].URL = "https://me:secret@crm.example.cn/" }, "webhooks[0].url"},
	{"webhook to nowhere", func(c *Config) { c.Webhooks[0].URL = "https:///x" }, "webhooks[0].url"},
	{"webhook without an event", func(c *Config) { c.Webhooks[0].Events = nil }, "webhooks[0].events"},
	{"webhook of an unknown event", func(c *Config) { c.Webhooks[0].Events[1] = "call.lost" }, "webhooks[0].events[1]"},
	{"webhook of one event twice", func(c *Config) { c.Webhooks[0].Events[1] = "call.offered" }, "webhooks[0].events[1]"},
	{"webhook secret is short", func(c *Config) { c.Webhooks[0].Secret = "whsec_c2hvcnQ=" }, "webhooks[0].secret"},
	{"webhook secret is a mask", func(c *Config) { c.Webhooks[0].Secret = Mask }, "webhooks[0].secret"},
	{"webhook fingerprint is none", func(c *Config) { c.Webhooks[0].Fingerprint = "ab:cd" }, "webhooks[0].fingerprint"},
	{"eleven webhooks", func(c *Config) { c.Webhooks = make([]Webhook, 11) }, "webhooks"},
	{"A1.11 web site twice", func(c *Config) { c.Websites = append(c.Websites, c.Websites[0]) }, "websites[1].id"},
	{"web site without an address", func(c *Config) { c.Websites[0].Origins = nil }, "websites[0].origins"},
	{"web site of many addresses", func(c *Config) { c.Websites[0].Origins = make([]string, 21) }, "websites[0].origins"},
	{"web site with an address twice", func(c *Config) { c.Websites[0].Origins[1] = c.Websites[0].Origins[0] }, "websites[0].origins[1]"},
	{"RFC 6454 6.2: an address with a path", func(c *Config) { c.Websites[0].Origins[0] = "https://www.example.cn/" }, "websites[0].origins[0]"},
	{"RFC 6454 6.2: an address with its usual port", func(c *Config) { c.Websites[0].Origins[0] = "https://www.example.cn:443" }, "websites[0].origins[0]"},
	{"RFC 6454 4: an address in capitals", func(c *Config) { c.Websites[0].Origins[0] = "https://WWW.example.cn" }, "websites[0].origins[0]"},
	{"an address with a star", func(c *Config) { c.Websites[0].Origins[0] = "https://*.example.cn" }, "websites[0].origins[0]"},
	{"any address", func(c *Config) { c.Websites[0].Origins[0] = "*" }, "websites[0].origins[0]"},
	{"an address of no page", func(c *Config) { c.Websites[0].Origins[0] = "null" }, "websites[0].origins[0]"},
	{"Secure Contexts 3.1: a page without encryption", func(c *Config) { c.Websites[0].Origins[0] = "http://www.example.cn" }, "websites[0].origins[0]"},
	{"web site to the outside", func(c *Config) { c.Websites[0].To = "outside:110" }, "websites[0].to"},
	{"web site to nobody", func(c *Config) { c.Websites[0].To = "queue:none" }, "websites[0].to"},
	{"web site without calls", func(c *Config) { c.Websites[0].MaxCalls = 0 }, "websites[0].max_calls"},
	{"web site in a third language", func(c *Config) { c.Websites[0].Language = "fr" }, "websites[0].language"},
	{"group with a web site", func(c *Config) { c.Groups[0].Lines = []string{"web/shop"} }, "groups[0].lines[0]"},
	{"line named as a web site", func(c *Config) { c.Lines = append(c.Lines, LineConfig{ID: "web/9", Way: InOnly}) }, "lines[2].id"},
	{"room for a crowd", func(c *Config) { c.Rooms[0].MaxParties = 65 }, "rooms[0].max_parties"},
	{"phone forwards to nothing", func(c *Config) { c.Phones[0].Always = "queue:x" }, "phones[0].always"},
	{"phones forward to each other", func(c *Config) { c.Phones[0].Always, c.Phones[1].Always = "phone:802", "phone:801" }, "phones[1].always"},
	{"agent forwards to itself", func(c *Config) { c.Agents[0].NoAnswer = NewTarget(ToAgent, c.Agents[0].ID) }, "agents[0].no_answer"},
	{"mailbox twice", func(c *Config) { c.Mailboxes = append(c.Mailboxes, c.Mailboxes[0]) }, "mailboxes[1].id"},
	{"mailbox greets with nothing", func(c *Config) { c.Mailboxes[0].Greeting = "x" }, "mailboxes[0].greeting"},
	{"mailbox of two seconds", func(c *Config) { c.Mailboxes[0].MaxSeconds = 2 }, "mailboxes[0].max_seconds"},
	{"mailbox PIN is a mask", func(c *Config) { c.Mailboxes[0].PIN = Mask }, "mailboxes[0].pin"},
	{"two phones forward to each other", func(c *Config) { c.Phones[1].NoAnswer = "phone:801" }, "phones[1].no_answer"},
	{"busy phones send round by an agent", func(c *Config) { c.Phones[1].Busy = "agent:1001" }, "phones[1].busy"},
}

var queueFlaws = []flaw{
	{"queue twice", func(c *Config) { c.Queues = append(c.Queues, c.Queues[0]); c.Queues[1].Number = "" }, "queues[1].id"},
	{"queue number is an extension", func(c *Config) { c.Queues[0].Number = "802" }, "queues[0].number"},
	{"A4.2 unknown strategy", func(c *Config) { c.Queues[0].Strategy = "nicest" }, "queues[0].strategy"},
	{"member unknown", func(c *Config) { c.Queues[0].Members[1].Agent = "1009" }, "queues[0].members[1].agent"},
	{"member twice", func(c *Config) { c.Queues[0].Members[1].Agent = "1001" }, "queues[0].members[1].agent"},
	{"member at level 0", func(c *Config) { c.Queues[0].Members[0].Level = 0 }, "queues[0].members[0].level"},
	{"too many members", func(c *Config) { c.Queues[0].Members = make([]Member, 501) }, "queues[0].members"},
	{"A4.10 priority 10", func(c *Config) { c.Queues[0].Priority = 10 }, "queues[0].priority"},
	{"unknown greeting", func(c *Config) { c.Queues[0].Greeting = "x" }, "queues[0].greeting"},
	{"unknown music", func(c *Config) { c.Queues[0].Music = "x" }, "queues[0].music"},
	{"unknown notice", func(c *Config) { c.Queues[0].NoticePrompt = "x" }, "queues[0].notice_prompt"},
	{"announcements without pause", func(c *Config) { c.Queues[0].SayEverySeconds = 1 }, "queues[0].say_every_seconds"},
	{"negative queue length", func(c *Config) { c.Queues[0].MaxWaiting = -1 }, "queues[0].max_waiting"},
	{"full and nowhere to go", func(c *Config) { c.Queues[0].OnFull = "" }, "queues[0].on_full"},
	{"waited out and nowhere to go", func(c *Config) { c.Queues[0].OnTimeout = "" }, "queues[0].on_timeout"},
	{"wait of one second", func(c *Config) { c.Queues[0].MaxWaitSeconds = 1 }, "queues[0].max_wait_seconds"},
	{"two keys to leave", func(c *Config) { c.Queues[0].LeaveKey = "12" }, "queues[0].leave_key"},
	{"A4.6 left and nowhere to go", func(c *Config) { c.Queues[0].OnLeave = "" }, "queues[0].on_leave"},
	{"A4.7 agents ring for a second", func(c *Config) { c.Queues[0].RingSeconds = 1 }, "queues[0].ring_seconds"},
	{"wrap-up of a day", func(c *Config) { c.Queues[0].WrapUpSeconds = 86400 }, "queues[0].wrap_up_seconds"},
	{"recorded sometimes", func(c *Config) { c.Queues[0].Record = "sometimes" }, "queues[0].record"},
	{"A11.13 no service level", func(c *Config) { c.Queues[0].AnswerSeconds = 0 }, "queues[0].answer_seconds"},
	{"full queue overflows to itself", func(c *Config) { c.Queues[0].OnFull = "queue:sales" }, "queues[0].on_full"},
	{"full queues overflow into each other", func(c *Config) {
		q := c.Queues[0]
		q.ID, q.Number, q.OnFull, q.OnNobody = "service", "", "busy", "queue:sales"
		c.Queues[0].OnFull = "queue:service"
		c.Queues = append(c.Queues, q)
	}, "queues[1].on_nobody"},
}

var menuFlaws = []flaw{
	{"menu twice", func(c *Config) { c.Menus = append(c.Menus, c.Menus[1]) }, "menus[2].id"},
	{"menu of unknown hours", func(c *Config) { c.Menus[0].Hours = "x" }, "menus[0].hours"},
	{"A3.2 greeting says nothing", func(c *Config) { c.Menus[0].Greetings[1].Prompt = "" }, "menus[0].greetings[1].prompt"},
	{"A3.5 greeting of an unknown line", func(c *Config) { c.Menus[0].Greetings[0].Lines[0] = "fxo/9" }, "menus[0].greetings[0].lines[0]"},
	{"A3.6 greeting of an unknown period", func(c *Config) { c.Menus[0].Greetings[0].Period = "lunch" }, "menus[0].greetings[0].period"},
	{"A3.9 input of no form", func(c *Config) { c.Menus[1].Collect = "" }, "menus[1].collect"},
	{"A3.9 many digits, none", func(c *Config) { c.Menus[1].Keys, c.Menus[1].Digits = nil, 0 }, "menus[1].digits"},
	{"A3.9 single key of four digits", func(c *Config) { c.Menus[0].Digits = 4 }, "menus[0].digits"},
	{"A3.9 no first wait", func(c *Config) { c.Menus[0].FirstSeconds = 0 }, "menus[0].first_seconds"},
	{"A3.9 no wait between keys", func(c *Config) { c.Menus[0].NextSeconds = 0 }, "menus[0].next_seconds"},
	{"no tries", func(c *Config) { c.Menus[0].Tries = 0 }, "menus[0].tries"},
	{"key of two digits in a single-key menu", func(c *Config) { c.Menus[0].Keys[0].Keys = "11" }, "menus[0].keys[0].keys"},
	{"key twice", func(c *Config) { c.Menus[0].Keys[0].Keys = "2" }, "menus[0].keys[1].keys"},
	{"key +", func(c *Config) { c.Menus[0].Keys[0].Keys = "+" }, "menus[0].keys[0].keys"},
	{"no key", func(c *Config) { c.Menus[1].Keys[0].Keys = "" }, "menus[1].keys[0].keys"},
	{"key is no pattern", func(c *Config) { c.Menus[0].Keys[0].Keys = "[1" }, "menus[0].keys[0].keys"},
	{"three digits where four are taken", func(c *Config) { c.Menus[1].Keys[0].Keys = "8XX" }, "menus[1].keys[0].keys"},
	{"five digits where four are taken", func(c *Config) { c.Menus[1].Keys[0].Keys = "8XXXX" }, "menus[1].keys[0].keys"},
	{"hash among many digits", func(c *Config) { c.Menus[1].Keys[0].Keys = "8XX#" }, "menus[1].keys[0].keys"},
	{"A3.4 shortcut is a key of the menu", func(c *Config) { c.Menus[0].Shortcuts[0].Keys = "1" }, "menus[0].shortcuts[0].keys"},
	{"A3.4 shortcut too long", func(c *Config) { c.Menus[0].Shortcuts[0].Keys = strings.Repeat("1", 21) }, "menus[0].shortcuts[0].keys"},
	{"A3.4 shortcut longer than the input", func(c *Config) { c.Menus[1].Shortcuts = []Key{{"12345", "hangup"}} }, "menus[1].shortcuts[0].keys"},
	{"key to an unknown menu", func(c *Config) { c.Menus[0].Keys[1].To = "menu:x" }, "menus[0].keys[1].to"},
	{"key to a kind there is not", func(c *Config) { c.Menus[0].Keys[1].To = "moon:1" }, "menus[0].keys[1].to"},
	{"key to hangup with an id", func(c *Config) { c.Menus[0].Keys[1].To = "hangup:now" }, "menus[0].keys[1].to"},
	{"key to a queue without id", func(c *Config) { c.Menus[0].Keys[1].To = "queue" }, "menus[0].keys[1].to"},
	{"unknown invalid prompt", func(c *Config) { c.Menus[0].InvalidPrompt = "x" }, "menus[0].invalid_prompt"},
	{"failure to dialled digits", func(c *Config) { c.Menus[0].OnFail = "extension" }, "menus[0].on_fail"},
	{"too many greetings", func(c *Config) { c.Menus[0].Greetings = make([]Greeting, 101) }, "menus[0].greetings"},
	{"too many keys", func(c *Config) { c.Menus[0].Keys = make([]Key, 101) }, "menus[0].keys"},
}

var routeFlaws = []flaw{
	{"route twice", func(c *Config) { c.Routes[1].ID = "night" }, "routes[1].id"},
	{"route of an unknown line", func(c *Config) { c.Routes[0].Lines[0] = "fxo/9" }, "routes[0].lines[0]"},
	{"route of an unknown group", func(c *Config) { c.Routes[0].Lines[1] = "x" }, "routes[0].lines[1]"},
	{"route called no pattern", func(c *Config) { c.Routes[1].Called = "0.1" }, "routes[1].called"},
	{"route caller no pattern", func(c *Config) { c.Routes[1].Caller = "[a-z]" }, "routes[1].caller"},
	{"A2.2 route of unknown hours", func(c *Config) { c.Routes[0].Hours = "x" }, "routes[0].hours"},
	{"A2.2 periods without hours", func(c *Config) { c.Routes[0].Hours = "" }, "routes[0].hours"},
	{"A2.2 unknown period", func(c *Config) { c.Routes[0].Periods[0] = "lunch" }, "routes[0].periods[0]"},
	{"route to nowhere", func(c *Config) { c.Routes[1].To = "" }, "routes[1].to"},
	{"route back to a menu not entered", func(c *Config) { c.Routes[1].To = "return" }, "routes[1].to"},
	{"A2.16 duty mobile without a number", func(c *Config) { c.Routes[0].To = "outside:" }, "routes[0].to"},
	{"A2.16 duty phone that no rule carries", func(c *Config) { c.Routes[0].To = "outside:02112345678" }, "routes[0].to"},
	{"A4.10 priority 10", func(c *Config) { c.Routes[0].Priority = 10 }, "routes[0].priority"},
	{"outbound twice", func(c *Config) { c.Outbound = append(c.Outbound, c.Outbound[0]) }, "outbound[1].id"},
	{"outbound for no number", func(c *Config) {
		c.Outbound = append(c.Outbound, OutboundRule{ID: "x", Permit: PermitLocal, Groups: []string{"city"}})
	}, "outbound[1].number"},
	{"outbound without permission", func(c *Config) { c.Outbound[0].Permit = "" }, "outbound[0].permit"},
	{"outbound strips a negative count", func(c *Config) { c.Outbound[0].Strip = -1 }, "outbound[0].strip"},
	{"outbound prepends letters", func(c *Config) { c.Outbound[0].Prepend = "abc" }, "outbound[0].prepend"},
	{"outbound without lines", func(c *Config) { c.Outbound[0].Groups = nil }, "outbound[0].groups"},
	{"outbound by an unknown group", func(c *Config) { c.Outbound[0].Groups[1] = "x" }, "outbound[0].groups[1]"},
	{"outbound by a group twice", func(c *Config) { c.Outbound[0].Groups[1] = "city" }, "outbound[0].groups[1]"},
	{"A18.6 outbound presents a stranger's number", func(c *Config) { c.Outbound[0].Caller = "95588" }, "outbound[0].caller"},
	{"A2.7 black list of everybody", func(c *Config) { c.Blacklist[0].Number = "" }, "blacklist[0].number"},
	{"A2.7 black list with a target", func(c *Config) { c.Blacklist[0].To = "hangup" }, "blacklist[0].to"},
	{"A2.8 VIP to nowhere", func(c *Config) { c.VIPs[0].To = "agent:9" }, "vips[0].to"},
	{"A2.8 VIP priority 10", func(c *Config) { c.VIPs[0].Priority = 10 }, "vips[0].priority"},
	{"A5.26 no question", func(c *Config) { c.FAQ = []Answer{{" ", "By noon."}} }, "faq[0].question"},
	{"A5.26 no answer", func(c *Config) { c.FAQ = []Answer{{"When do you deliver?", ""}} }, "faq[0].answer"},
	{"A5.26 an answer with a bell", func(c *Config) { c.FAQ = []Answer{{"When do you deliver?", "By\anoon."}} }, "faq[0].answer"},
	{"A5.26 too many answers", func(c *Config) { c.FAQ = make([]Answer, 501) }, "faq"},
	{"too many VIPs", func(c *Config) { c.VIPs = make([]ListedNumber, 10001) }, "vips"},
}

func TestValidateAllows(t *testing.T) {
	for name, allow := range map[string]func(*Config){
		"A3.30 menus lead to each other":     func(c *Config) { c.Menus[1].OnFail = "menu:main"; c.Menus[0].OnFail = "menu:orders" },
		"a queue's timeout leads back to it": func(c *Config) { c.Queues[0].OnTimeout = "queue:sales" },
		"no limit of waiting":                func(c *Config) { c.Queues[0].MaxWaiting, c.Queues[0].OnFull = 0, "" },
		"trunk known by its address": func(c *Config) {
			c.Trunks[0] = Trunk{ID: "ctc", Way: InOnly, Host: "[2001:db8::1]:5062", Transport: "tcp", DTMF: "inband", MaxCalls: 1, Numbers: c.Trunks[0].Numbers}
		},
		"emergency numbers need no rule":  func(c *Config) { c.Agents[1].Phone = "outside:110" },
		"a prompt of the box is replaced": func(c *Config) { c.Prompts = append(c.Prompts, Prompt{ID: "welcome"}) },
		"round the clock":                 func(c *Config) { c.Hours[0].Week[0].From, c.Hours[0].Week[0].To = "00:00", "24:00" },
		"an agent without a place":        func(c *Config) { c.Agents[0].Phone = "" },
	} {
		c := office()
		allow(c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err.Problems)
		}
	}
}

func TestValidateAnswersInBounds(t *testing.T) {
	c := office()
	for n := range 2000 {
		c.Phones = append(c.Phones[:n:n], Phone{Extension: strings.Repeat("x", 1000), Password: fmt.Sprint(n)})
	}
	long := strings.Repeat("x", 1000)
	c.Agents = append(c.Agents, Agent{ID: long, Phone: Target("phone:" + long)})
	c.Phones[0].NoAnswer = Target("phone:" + long)
	err := c.Validate()
	if err == nil || len(err.Problems) != MaxProblems {
		t.Fatalf("want %d problems, got %v", MaxProblems, err)
	}
	for _, p := range err.Problems {
		if len(p.Path)+len(p.Message.ZH)+len(p.Message.EN) > 1000 {
			t.Errorf("a problem of %d octets at %s", len(p.Message.EN), p.Path)
		}
	}
}

// A large company's configuration is checked while somebody waits for the page.
func BenchmarkValidate(b *testing.B) {
	c := office()
	for n := range 1900 {
		ext := fmt.Sprint(20000 + n)
		c.Phones = append(c.Phones, Phone{Extension: ext, Password: "Gk7-wq2p", Permit: PermitLocal, RingSeconds: 20, NoAnswer: "queue:sales"})
	}
	for b.Loop() {
		if err := c.Validate(); err != nil {
			b.Fatal(err.Problems)
		}
	}
}
