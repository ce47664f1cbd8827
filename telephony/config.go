package telephony

import (
	"cmp"
	"time"
)

// ConfigFormat is the version of Config's form on disk. Storage migrates older ones.
const ConfigFormat = 1

// A Config is everything that people decide about the box: one immutable value with a revision. Page, API, import and boot
// take one road to change it (storage). Whoever needs it keeps a pointer to the newest whole; calls in progress keep the
// one they began with. Ids are lower-case words of people's choosing, numbers are digits.
type Config struct {
	Format    int             `json:"format"`
	Revision  uint64          `json:"revision"`
	Site      Site            `json:"site"`
	Lines     []LineConfig    `json:"lines"`
	Spans     []SpanConfig    `json:"spans"`
	Trunks    []Trunk         `json:"trunks"`
	Groups    []Group         `json:"groups"`
	Phones    []Phone         `json:"phones"`
	Agents    []Agent         `json:"agents"`
	Queues    []Queue         `json:"queues"`
	Menus     []Menu          `json:"menus"`
	Hours     []Hours         `json:"hours"`
	Routes    []Route         `json:"routes"`
	Outbound  []OutboundRule  `json:"outbound"`
	Blacklist []ListedNumber  `json:"blacklist"`
	VIPs      []ListedNumber  `json:"vips"`
	FAQ       []Answer        `json:"faq"`
	Mailboxes []Mailbox       `json:"mailboxes"`
	Rooms     []Room          `json:"rooms"`
	Websites  []Website       `json:"websites"`
	Prompts   []Prompt        `json:"prompts"`
	Webhooks  []Webhook       `json:"webhooks"`
	Mail      Mail            `json:"mail"`
	SMS       SMSGateway      `json:"sms"`
	Targets   Targets         `json:"targets"`
	Recording RecordingPolicy `json:"recording"`
	Network   Network         `json:"network"`
	Off       []Function      `json:"off"` // what the company does not want
}

// A Site is the company and the place where the box stands.
type Site struct {
	Name       string   `json:"name"`
	Language   string   `json:"language"`    // "zh" or "en": what callers hear unless a line says otherwise
	TimeZone   string   `json:"time_zone"`   // IANA name; hours and reports are in it
	AreaCode   string   `json:"area_code"`   // "021"
	Tones      string   `json:"tones"`       // one of TonePlans: "cn"
	Emergency  []string `json:"emergency"`   // numbers that pass every gate: 110 119 120 122
	MaxBreaks  int      `json:"max_breaks"`  // agents on a break at once by their own wish (A5.6); 0: no limit
	Codes      []string `json:"codes"`       // what a call was about: an agent picks one when wrapping up
	Complaints []string `json:"complaints"`  // those of Codes by which a caller complains (A11.13)
	Notice     string   `json:"notice"`      // what agents read at their desks (A5.23)
	AnswerRate int      `json:"answer_rate"` // percent of an hour's calls for a person that are to be answered, else there is an alarm (A14.3); 0: none
	MaxCalls   int      `json:"max_calls"`   // calls at once, such as a licence allows; 0: as many as the box carries
	HotCelsius int      `json:"hot_celsius"` // from which on the computer's heat is an alarm; 0: DefaultHotCelsius
	QuietHour  string   `json:"quiet_hour"`  // "03:00": when the box starts with an update that can wait; empty: 03:00
	Proxies    []string `json:"proxies"`     // addresses of reverse proxies before the page, which are believed for whom and by what scheme they forward

	CustomerURL string `json:"customer_url"` // the customer in another system, with {number} and {call} in it, for the desk (A5.7); empty: none
}

// Hot is from which temperature on there is an alarm, in °C.
func (s *Site) Hot() int { return cmp.Or(s.HotCelsius, DefaultHotCelsius) }

// Quiet is the quiet hour of the site.
func (s *Site) Quiet() string { return cmp.Or(s.QuietHour, DefaultQuietHour) }

// A Network is which servers the box asks, where it runs from an image; how it is reached is set at its front panel. What is empty is named
// by DHCP or by routers, or else by the panel's gateway and the image.
type Network struct {
	NameServers []string `json:"name_servers"` // addresses
	TimeServers []string `json:"time_servers"` // names or addresses (NTP)
}

// Targets are what the figures of reports are held to (A11.13); 0: no target. The share of calls for a person that one answers is held to
// Site.AnswerRate, which is an alarm's rule as well.
type Targets struct {
	ServiceLevel      int `json:"service_level"`      // percent of stays in queues answered within the queue's AnswerSeconds
	Satisfaction      int `json:"satisfaction"`       // percent of votes that are satisfied or better
	Connection        int `json:"connection"`         // percent of inbound calls that the box or a person takes
	HandlingSeconds   int `json:"handling_seconds"`   // a call's talk and wrap-up at the most
	FoundedComplaints int `json:"founded_complaints"` // of 10,000 calls at the most
}

// An Answer is what agents tell callers who ask something often; they look it up at their desks (A5.26).
type Answer struct {
	Question string `json:"question"`
	Answer   string `json:"answer"` // lines of text
}

// Way says which calls a line carries (A1.17).
type Way string

// The ways of a line.
const (
	BothWays Way = "both"
	InOnly   Way = "in"
	OutOnly  Way = "out"
)

// A LineConfig is one analogue line.
type LineConfig struct {
	ID             string   `json:"id"` // "fxo/1"
	Name           string   `json:"name"`
	Way            Way      `json:"way"`
	Numbers        []string `json:"numbers"`         // the published numbers that ring here (A1.15, A1.16)
	Language       string   `json:"language"`        // empty: the site's
	PolarityAnswer bool     `json:"polarity_answer"` // the exchange turns the battery when the called party answers
	SilenceSeconds int      `json:"silence_seconds"` // hang up after so long without a sound either way; 0: 120, -1: never
	BusyTone       LineTone `json:"busy_tone"`       // by which the exchange says that a call is over, beside the country's
	// LongestMinutes ends a call that goes out again by another line, where neither line is sure to tell of its end
	// (Supervised): two such lines would keep each other for ever. 0: 120, -1: never.
	LongestMinutes  int    `json:"longest_minutes"`
	EarlyCaller     bool   `json:"early_caller"`      // a caller's number may come before the first ring without a turn of the battery
	Dial            string `json:"dial"`              // "tone", "pulse"; empty: tone
	DialToneSeconds int    `json:"dial_tone_seconds"` // dial without dial tone after so long; 0: 5, -1: never wait for one
	Echo            string `json:"echo"`              // "auto": the box takes out the line's echo; "off"; empty: auto
	Disabled        bool   `json:"disabled"`
}

// The limit of a call between two lines that nobody supervises, where the configuration says nothing else.
const longestUnsupervised = 2 * time.Hour

// Longest is the limit of a call between this line and another to the outside where neither is supervised; 0: none.
func (l *LineConfig) Longest() time.Duration {
	switch {
	case l.LongestMinutes < 0:
		return 0
	case l.LongestMinutes == 0:
		return longestUnsupervised
	}
	return time.Duration(l.LongestMinutes) * time.Minute
}

// A SpanConfig is one E1 with ISDN PRI (A1.1, A1.2): a line of thirty bearers.
type SpanConfig struct {
	ID          string   `json:"id"` // "e1/1"
	Name        string   `json:"name"`
	Way         Way      `json:"way"`
	Side        string   `json:"side"`         // "user": the far end is the carrier; "network": a PBX hangs on the box
	Numbers     []string `json:"numbers"`      // the published numbers (A1.15, A1.16), and what may be presented (A18.6)
	Select      string   `json:"select"`       // the bearer of an outgoing call: "ascending", "descending", "round_robin"
	Exclusive   bool     `json:"exclusive"`    // no bearer but the one that the box asks for will do (Q.931 5.1.2)
	Overlap     bool     `json:"overlap"`      // digits of a called number may come and go one by one (Q.931 5.1.3, 5.2.4)
	CalledType  string   `json:"called_type"`  // "unknown", "subscriber", "national", "international" (Q.931 4.5.8)
	CallingType string   `json:"calling_type"` // the same, of the number presented
	Blocked     []int    `json:"blocked"`      // bearers taken out of service; a call in progress goes on
	Language    string   `json:"language"`
	Disabled    bool     `json:"disabled"`
}

// Identity is how a trunk carries the calling number, beside From, in both directions.
type Identity string

// The forms of a calling number on a trunk.
const (
	IdentityAsserted  Identity = "asserted"  // P-Asserted-Identity: we and the far end believe each other (RFC 3325); "" means it
	IdentityPreferred Identity = "preferred" // P-Preferred-Identity: the carrier asserts which of our numbers it is (RFC 3325 9.2)
	IdentityFrom      Identity = "from"      // From alone; an assertion of the far end is not believed
)

// A Trunk is a SIP trunk: a carrier, a gateway or another PBX.
type Trunk struct {
	ID        string   `json:"id"` // "ctc"; its line is "trunk/ctc"
	Name      string   `json:"name"`
	Way       Way      `json:"way"`
	Host      string   `json:"host"`      // name or address, with ":port" if not 5060
	Transport string   `json:"transport"` // "udp", "tcp", "tls"
	User      string   `json:"user"`
	Password  string   `json:"password"` // masked on every way out (Masked)
	Register  bool     `json:"register"` // register there; otherwise the far end is known by its addresses
	Expires   int      `json:"expires_seconds"`
	Sources   []string `json:"sources"`            // address prefixes that calls may come from; empty: Host's addresses
	Numbers   []string `json:"numbers"`            // numbers that belong to it: what may be presented (A18.6)
	Identity  Identity `json:"identity,omitempty"` // empty: asserted
	DTMF      string   `json:"dtmf"`               // "auto", "rfc4733", "inband"
	Codecs    []string `json:"codecs"`             // "pcma", "pcmu" in order; empty: both, A-law first
	MaxCalls  int      `json:"max_calls"`
	Language  string   `json:"language"`
	Disabled  bool     `json:"disabled"`

	Encryption  Encryption `json:"encryption,omitempty"`  // of the speech; over TLS only
	Fingerprint string     `json:"fingerprint,omitempty"` // SHA-256 of the certificate that the far end has to have over TLS, in hex; empty: one of Host's by a known authority
}

// ReachedAs reports whether the far end is reached and registered with as another configuration of the trunk says. One of which that is not
// so connects anew.
func (t *Trunk) ReachedAs(o *Trunk) bool {
	return t.Host == o.Host && t.Transport == o.Transport && t.Fingerprint == o.Fingerprint && t.User == o.User && t.Password == o.Password &&
		t.Register == o.Register && t.Expires == o.Expires && t.Disabled == o.Disabled
}

// Encryption says whether speech over SIP is encrypted: SRTP by keys in the signalling (RFC 3711, RFC 4568). The box sends and
// takes keys over TLS alone.
type Encryption string

// The ways of encryption. The empty string is speech in the clear.
const (
	EncryptionOffered  Encryption = "offered"  // where the far end offers it
	EncryptionRequired Encryption = "required" // the box offers it, and carries nothing else
)

// A Group is lines that stand for each other when dialling out, with another group behind it (A1.18).
type Group struct {
	ID     string   `json:"id"`
	Lines  []string `json:"lines"`  // "fxo/1", "trunk/ctc"
	Select string   `json:"select"` // "ascending", "descending", "round_robin"
	Backup string   `json:"backup"` // the group tried when no line of this one is free
}

// Permit is how far a phone may dial (A2.18). Each level includes those before it.
type Permit string

// The levels of permission.
const (
	PermitInternal      Permit = "internal"
	PermitLocal         Permit = "local"
	PermitNational      Permit = "national"
	PermitInternational Permit = "international"
)

// A Phone is an extension inside.
type Phone struct {
	Extension   string `json:"extension"` // digits; also its SIP user name (A1.21)
	Name        string `json:"name"`
	Port        string `json:"port"`     // "fxs/1": an ordinary telephone in that socket of the box; empty: it registers over SIP
	Password    string `json:"password"` // masked on every way out (Masked); none where there is a port
	Permit      Permit `json:"permit"`
	AutoAnswer  bool   `json:"auto_answer"` // A1.22
	RingSeconds int    `json:"ring_seconds"`
	Always      Target `json:"always"`    // every call goes there (A2.15); empty: it rings here
	NoAnswer    Target `json:"no_answer"` // empty: hang up
	Busy        Target `json:"busy"`
	Caller      string `json:"caller"` // the number presented outside; empty: the line's

	Encryption Encryption `json:"encryption,omitempty"` // of the speech, where it registers over SIP
}

// An Agent is a person who takes calls of queues.
type Agent struct {
	ID    string `json:"id"` // the job number, digits (工号)
	Name  string `json:"name"`
	PIN   string `json:"pin"`   // digits, to sign in by phone; masked on every way out
	Phone Target `json:"phone"` // where the agent sits unless signed in elsewhere: phone:801 or outside:138... (A4.11)

	// Where calls to the agent's own number go (A2.15); empty: as the phone has it. NoAnswer is for one who is signed out, too.
	Always   Target `json:"always"`
	NoAnswer Target `json:"no_answer"`
	Busy     Target `json:"busy"`

	Hours string `json:"hours"` // planned working hours: an hours id (A11.11); empty: none are planned
}

// Strategy says whom a queue rings next (A4.2).
type Strategy string

// The strategies of a queue.
const (
	LongestIdle Strategy = "longest_idle"
	RoundRobin  Strategy = "round_robin"
	FewestCalls Strategy = "fewest_calls"
	RandomAgent Strategy = "random"
	TopDown     Strategy = "top_down"
	RingAll     Strategy = "ring_all"
)

// A Member is an agent's place in a queue. Level 1 is rung before level 2.
type Member struct {
	Agent string `json:"agent"`
	Level int    `json:"level"`
}

// A Queue is a skill group and those who wait for it (A4.1).
type Queue struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Number          string   `json:"number"` // internal number that reaches it; may be empty
	Strategy        Strategy `json:"strategy"`
	Members         []Member `json:"members"`
	Priority        int      `json:"priority"` // 0-9; higher is served first
	LastAgent       bool     `json:"last_agent"`
	Greeting        string   `json:"greeting"` // prompt id
	Music           string   `json:"music"`    // prompt id, looped
	SayPosition     bool     `json:"say_position"`
	SayWait         bool     `json:"say_wait"`
	SayEverySeconds int      `json:"say_every_seconds"` // 0: once, on entering
	MaxWaiting      int      `json:"max_waiting"`       // callers; 0: no limit
	MaxWaitSeconds  int      `json:"max_wait_seconds"`  // 0: no limit
	OnFull          Target   `json:"on_full"`
	OnTimeout       Target   `json:"on_timeout"`
	OnNobody        Target   `json:"on_nobody"` // nobody signed in; empty: wait
	LeaveKey        string   `json:"leave_key"` // one of 0-9 * #; empty: no leaving by key
	OnLeave         Target   `json:"on_leave"`
	RingSeconds     int      `json:"ring_seconds"`    // A4.7: no-answer time
	WrapUpSeconds   int      `json:"wrap_up_seconds"` // 0: ready at once
	AnnounceAgent   bool     `json:"announce_agent"`  // the caller hears the job number first (A5.3)
	Record          string   `json:"record"`          // "always", "never", "on_demand"; empty: the box's policy
	NoticePrompt    string   `json:"notice_prompt"`   // "this call is recorded"
	AnswerSeconds   int      `json:"answer_seconds"`  // the service level's X (A11.13)
	Poll            bool     `json:"poll"`            // when the agent hangs up, an outside caller is asked how satisfied they are (A5.18)
}

// Collect says how a menu's input ends (A3.9).
type Collect string

// The forms of input.
const (
	CollectSingle   Collect = "single"   // one key decides
	CollectMany     Collect = "many"     // a fixed number of digits
	CollectVariable Collect = "variable" // up to a number of digits; # or the timeout ends, * starts again
)

// A Key leads from a menu's input to a target.
type Key struct {
	Keys string `json:"keys"` // exact digits, or a Pattern for digits that are data
	To   Target `json:"to"`
}

// A Greeting is what a menu says, by line and by period: the first that fits is played (A3.2, A3.5, A3.6).
type Greeting struct {
	Lines  []string `json:"lines"`  // empty: every line
	Period string   `json:"period"` // "", "work", "off", "holiday" of the route's or menu's hours
	Prompt string   `json:"prompt"`
}

// A Menu is one node of the tree that callers walk (A3.3).
type Menu struct {
	ID            string     `json:"id"`
	Name          string     `json:"name"`
	Language      string     `json:"language"` // what the caller hears from here on; empty: as before (A3.8)
	Greetings     []Greeting `json:"greetings"`
	Hours         string     `json:"hours"` // for the greetings' periods
	Collect       Collect    `json:"collect"`
	Digits        int        `json:"digits"`         // for many and variable
	FirstSeconds  int        `json:"first_seconds"`  // wait for the first key after the prompt
	NextSeconds   int        `json:"next_seconds"`   // wait between keys
	Tries         int        `json:"tries"`          // wrong or missing inputs before OnFail
	Keys          []Key      `json:"keys"`           // what each input leads to
	Extensions    bool       `json:"extensions"`     // an extension's number may be dialled here
	Shortcuts     []Key      `json:"shortcuts"`      // key sequences that reach any depth at once (A3.4)
	InvalidPrompt string     `json:"invalid_prompt"` // empty: the box's own
	OnFail        Target     `json:"on_fail"`
}

// A Span of the day, in local time, "09:00" to "18:00"; To before From runs past midnight.
type DaySpan struct {
	Days []int  `json:"days"` // 1 Monday - 7 Sunday
	From string `json:"from"`
	To   string `json:"to"`
}

// A SpecialDay is a holiday, or a working day moved to a weekend (调休), from and to inclusive.
type SpecialDay struct {
	Name    string `json:"name"`
	From    string `json:"from"` // "2026-10-01"
	To      string `json:"to"`
	Workday bool   `json:"workday"` // worked as on a Monday
}

// Hours are opening hours with holidays (A2.2, A3.6).
type Hours struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Week     []DaySpan    `json:"week"`
	Holidays []SpecialDay `json:"holidays"`
}

// A Route decides where an incoming call goes; the first that matches decides (A2.2).
type Route struct {
	ID       string   `json:"id"`
	Lines    []string `json:"lines"`   // line or group ids; empty: any
	Called   Pattern  `json:"called"`  // the number that was dialled; on an analogue line its published number
	Caller   Pattern  `json:"caller"`  // empty matches a caller without a number too
	Hours    string   `json:"hours"`   // hours id, with Periods
	Periods  []string `json:"periods"` // "work", "off", "holiday"; empty: any
	To       Target   `json:"to"`
	Priority int      `json:"priority"` // added to the queue's priority (A4.10)
	Disabled bool     `json:"disabled"`
}

// An OutboundRule decides how a dialled number leaves (A2.20); the first that matches decides.
type OutboundRule struct {
	ID      string   `json:"id"`
	Number  Pattern  `json:"number"`
	Permit  Permit   `json:"permit"`  // what a phone needs
	Strip   int      `json:"strip"`   // leading digits taken away
	Prepend string   `json:"prepend"` // digits put before
	Groups  []string `json:"groups"`  // tried in order (A1.18)
	Caller  string   `json:"caller"`  // the number presented; empty: the phone's or the line's first (A1.27)
}

// A ListedNumber is an entry of the black list (busy tone) or the green channel (straight to a target) (A2.7, A2.8).
type ListedNumber struct {
	Number   Pattern   `json:"number"`
	Note     string    `json:"note"`
	To       Target    `json:"to,omitempty"`       // VIPs only; empty: the usual route with priority
	Priority int       `json:"priority,omitempty"` // VIPs only
	Until    time.Time `json:"until,omitzero"`     // zero: for ever
}

// A Mailbox takes messages (A9.1).
type Mailbox struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Greeting   string `json:"greeting"` // prompt id; empty: the box's own
	MaxSeconds int    `json:"max_seconds"`
	PIN        string `json:"pin"` // masked on every way out
}

// A Room is a conference room: whoever dials its number, or is routed or invited to it, talks with all who are there (A2.13).
type Room struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Number     string `json:"number"`      // internal number that reaches it; may be empty
	PIN        string `json:"pin"`         // digits; empty: none is asked for. Masked on every way out
	MaxParties int    `json:"max_parties"` // at once
}

// A Website is a company's own web site whose visitors call the box by a button on its pages (A1.11). It is a line, "web/ID",
// that brings calls in and carries none out.
type Website struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Origins  []string `json:"origins"`   // of its pages, "https://www.example.cn" (RFC 6454 6.2): from any other nobody calls
	To       Target   `json:"to"`        // empty: the routes decide, as for any line
	MaxCalls int      `json:"max_calls"` // at once
	Language string   `json:"language"`  // what callers hear; empty: the site's
	Disabled bool     `json:"disabled"`
}

// Line is the web site's name as a line.
func (w *Website) Line() string { return "web/" + w.ID }

// A Prompt is a sound of the customer's own; its files are uploaded per language. The box's own prompts need no entry.
type Prompt struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Text Text   `json:"text"` // what is said, for the page
}

// A RecordingPolicy says what is recorded and how long it is kept (A8.1).
type RecordingPolicy struct {
	Record     string `json:"record"`       // "always", "never", "on_demand"
	KeepDays   int    `json:"keep_days"`    // 0: until space is short
	MinFreeMB  int    `json:"min_free_mb"`  // below this, alarm and then the oldest go
	StopFreeMB int    `json:"stop_free_mb"` // below this, recording stops with an alarm; calls go on
	PhonesToo  bool   `json:"phones_too"`   // calls between phones are recorded as well
	AgentsHear bool   `json:"agents_hear"`  // agents hear the own calls at their desks (A5.14)

	MaskNumbers bool `json:"mask_numbers"` // agents see callers' numbers with the middle hidden (A18.2)
}
