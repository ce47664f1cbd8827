package webui

import (
	"context"
	"io"
	"iter"
	"net"
	"time"

	"callbox/telephony"
)

// The verbs that the page and the API ask of the rest of the box. cmd hands them in; each is safe for use by many
// goroutines at once. An error that people should read is a *telephony.Error; any other is shown as a fault of the box.

// Configs keeps the configuration, its history and the audit.
type Configs interface {
	// Config is the newest whole configuration as the box lives by it, secrets included: without what is switched off. Nobody changes it.
	Config() *telephony.Config
	// Configured is the same as people made it: what a change is made from.
	Configured() *telephony.Config
	// DiffConfig validates a configuration and says what it would change, without keeping it.
	DiffConfig(*telephony.Config) ([]Difference, error)
	// PutConfig validates and keeps a configuration made from the revision it carries, and gives the one in force then.
	// Conflict when somebody was first.
	PutConfig(ctx context.Context, c *telephony.Config, by By) (*telephony.Config, error)
	// Revisions lists who changed the configuration and when, newest first.
	Revisions() ([]Revision, error)
	// RevisionChanges is what one revision changed. NotFound when it or the one before is not kept any more.
	RevisionChanges(revision uint64) ([]Difference, error)
	// ConfigBefore is the whole configuration before the given revision. NotFound when that is not kept any more.
	ConfigBefore(revision uint64) (*telephony.Config, error)
	// UndoConfig goes back to what was before the given revision, as a new revision. Conflict when another one than base is in force; 0: any.
	UndoConfig(ctx context.Context, revision, base uint64, by By) (*telephony.Config, error)
	// Audit lists what people did, newest first, older than before (0: from the newest).
	Audit(before uint64, limit int) ([]AuditLine, error)
	// ProveAudit checks that no line was changed or taken out, and the same of the journal up to an entry (0: the newest).
	ProveAudit(ctx context.Context, until uint64) (AuditProof, error)
	// Note writes one line of the audit: who did what to which thing. It is durable when Note returns.
	Note(ctx context.Context, by By, action, on, detail string) error
}

// Routing says where calls would go, without a call.
type Routing interface {
	// Arrival says where a call from outside would go by a configuration at a moment, and with what priority.
	Arrival(c *telephony.Config, a telephony.Arrival, at time.Time) (d telephony.Routed, priority int)
	// Dialled says what would come of a number that the phone with an extension dials.
	Dialled(c *telephony.Config, extension, number string) Leaving
}

// Calls reads call records and the journal.
type Calls interface {
	// Calls lists the records that fit, newest first, and says where the next page begins.
	Calls(context.Context, CallQuery) (CallPage, error)
	// Call is one record, or NotFound.
	Call(context.Context, telephony.CallID) (CallRecord, error)
	// CallJournal is what happened to one call, in order.
	CallJournal(context.Context, telephony.CallID) ([]telephony.Entry, error)
	// ScoreCall keeps a score beside a record, in the place of the one before, and returns when it can be read.
	ScoreCall(context.Context, *CallRecord, Score) error
	// JudgeCall keeps what a supervisor judged of the complaint that a call was, and returns when it can be read.
	JudgeCall(context.Context, *CallRecord, Judgment) error
	// ExportCalls writes the records that fit as "csv" or "xlsx", with headings in the language "zh" or "en".
	ExportCalls(ctx context.Context, w io.Writer, form, language string, q CallQuery) error
	// CallsAfter lists the calls that ended behind an entry of the journal.
	CallsAfter(ctx context.Context, q EndedQuery) (EndedCalls, error)
	// ExportSQL writes the same as statements of a dialect, "postgresql" or "mysql".
	ExportSQL(ctx context.Context, w io.Writer, dialect string, q EndedQuery) error
}

// Traces reads the signalling messages of calls.
type Traces interface {
	// CallTraces are the messages of a call's legs in order, at most limit and the first of them. There are none of a call
	// that is older than what is kept.
	CallTraces(ctx context.Context, id telephony.CallID, limit int) ([]telephony.Trace, error)
	// Read puts a message into words.
	Read(telephony.Trace) telephony.Reading
	// ExportTraces writes a call's messages as pcapng.
	ExportTraces(ctx context.Context, w io.Writer, id telephony.CallID) error
}

// Recordings keeps what was spoken.
type Recordings interface {
	// Recordings lists those that fit, newest first.
	Recordings(context.Context, RecordingQuery) (RecordingPage, error)
	// Recording is what is known of one, or NotFound.
	Recording(ctx context.Context, id string) (Recording, error)
	// OpenRecording opens its WAV file.
	OpenRecording(ctx context.Context, id string) (io.ReadSeekCloser, error)
	// DeleteRecording removes it for ever.
	DeleteRecording(ctx context.Context, id string, by By) error
	// MarkMessage notes that a message in a mailbox was heard, or is new again. NotFound when the recording is no message.
	MarkMessage(ctx context.Context, id string, heard bool, by By) error
	// DeleteMessage removes one for ever.
	DeleteMessage(ctx context.Context, id string, by By) error
}

// Accounts keeps who may do what.
type Accounts interface {
	// Claimed says that the box has an owner.
	Claimed() bool
	// ClaimCode is what the front panel shows while the box has no owner.
	ClaimCode() string
	// Claim makes the first administrator of whoever read the code on the panel.
	Claim(ctx context.Context, code, user, password string, by By) error
	// SignIn checks a password and opens a session; secret goes into the cookie.
	SignIn(ctx context.Context, user, password string, by By) (secret string, p Person, err error)
	// Session is who holds the secret of a session that has not ended.
	Session(secret string) (Person, bool)
	// SignOut ends a session.
	SignOut(secret string)
	// LetIn opens a session for a user who has shown a passkey.
	LetIn(ctx context.Context, user string, by By) (secret string, p Person, err error)
	// CheckPassword says whether it is the user's. Forbidden when it is not.
	CheckPassword(ctx context.Context, user, password string) error
	// Prove notes that the holder of a session has given the password or a passkey again; Proved says that this, or the sign-in, is
	// not five minutes ago.
	Prove(ctx context.Context, secret string) error
	Proved(secret string) bool
	// MayClaim checks the claim code and the name of a first administrator; ClaimByPasskey makes one without a password.
	MayClaim(code, user string) error
	ClaimByPasskey(ctx context.Context, code, user string, handle []byte, p Passkey, by By) error
	// Keyring is what opens a user's account; KeyringOf is the one that passkeys know by a handle, empty where there is none.
	Keyring(user string) (Keyring, error)
	KeyringOf(handle []byte) (ring Keyring, found bool, err error)
	AddPasskey(ctx context.Context, user string, handle []byte, p Passkey, by By) error
	// UsePasskey notes a signature. Unsigned when its counter did not rise: the passkey was copied.
	UsePasskey(ctx context.Context, user string, credential []byte, counter uint32, by By) error
	// DeletePasskey takes one away, and DeletePasskeys all. Conflict when nothing else opens the account.
	DeletePasskey(ctx context.Context, user, id string, by By) error
	DeletePasskeys(ctx context.Context, user string, by By) error
	// ChangePassword gives a user another password in the place of the present one (none: where there is none), ends the user's sessions and opens one.
	// Forbidden when the present one is wrong.
	ChangePassword(ctx context.Context, user, present, next string, by By) (secret string, err error)
	// Sessions lists where a user is signed in; the one with the secret is the one that asks.
	Sessions(user, secret string) ([]OwnSession, error)
	// EndSessions ends them but that one.
	EndSessions(ctx context.Context, user, secret string, by By) error
	Contacts
	OwnReports
	// Token is who holds the secret of a token.
	Token(secret string) (Person, bool)

	Users() ([]User, error)
	// AddUser makes a user. Conflict when there is one of the name, who stays as is.
	AddUser(ctx context.Context, u User, password string, by By) error
	// PutUser makes or changes a user; an empty password keeps the one that is. It ends the user's sessions.
	PutUser(ctx context.Context, u User, password string, by By) error
	DeleteUser(ctx context.Context, name string, by By) error
	Tokens() ([]Token, error)
	// CreateToken gives the secret, which is shown this once.
	CreateToken(ctx context.Context, t Token, by By) (secret string, made Token, err error)
	// PutTokenTeam gives a token another team; none: the whole box.
	PutTokenTeam(ctx context.Context, id string, queues []string, by By) error
	DeleteToken(ctx context.Context, id string, by By) error
}

// Live shows the box at this moment.
type Live interface {
	// Live is the newest snapshot.
	Live() telephony.Live
	// Watch tells on a channel of one place that the snapshot is no longer the newest, until stop.
	Watch() (changes <-chan struct{}, stop func())
}

// Agents changes what agents do.
type Agents interface {
	// SetAgent asks for a state: ready (also ends wrap-up), busy, break or signed_out. Phone is where the agent sits, empty:
	// as configured. Who asked is for the audit.
	SetAgent(ctx context.Context, agent string, state telephony.AgentState, reason string, phone telephony.Target, by By) error
	// AskBreak notes that an agent asks for a break, or that the wish is over: taken back by the agent, or refused by somebody
	// else, which is for the audit. Conflict when there is nothing to ask for, or no wish.
	AskBreak(ctx context.Context, agent string, on bool, by By) error
}

// CallControl acts on a call in progress.
type CallControl interface {
	// Record asks to "start", "stop", "pause" or "resume" the recording of a call.
	Record(call telephony.CallID, action string, by By) error
	// Hangup ends a call. Agent is who asks, if an agent does: one in the call has hung up, and the caller may be asked for a vote.
	Hangup(call telephony.CallID, agent string, by By) error
	// Order does to a conversation what a party or a supervisor asks. It gives what speaks against it.
	Order(call telephony.CallID, o CallOrder, by By) error
	// Place begins a call for somebody.
	Place(p Placing, by By) (telephony.CallID, error)
	// LockRoom lets nobody into a conference room any more, or opens it again. NotFound when nobody is in it.
	LockRoom(room string, on bool, by By) error
}

// Prompts keeps the sounds that callers hear.
type Prompts interface {
	Prompts() ([]PromptSounds, error)
	// OpenPrompt gives the sound as WAV.
	OpenPrompt(id, language string) (sound io.ReadSeekCloser, changed time.Time, err error)
	// PutPrompt keeps a WAV file as the customer's own sound.
	PutPrompt(id, language string, wav []byte, by By) error
	// SpeakPrompt keeps what the box's own voice makes of a text as the customer's own sound; Unavailable where it has none.
	SpeakPrompt(ctx context.Context, id, language, text string, by By) error
	// DeletePrompt goes back to the box's own sound, if there is one.
	DeletePrompt(id, language string, by By) error
}

// Backups makes and reads the one file that holds the whole box.
type Backups interface {
	Backup(ctx context.Context, w io.Writer) error
	// Seal gives what encrypts a backup with a passphrase; it ends with its Close.
	Seal(ctx context.Context, passphrase string) (func(io.Writer) io.WriteCloser, error)
	// Restore validates the whole file before it replaces anything. A sealed one needs its passphrase; another box's is refused
	// unless other says that it is meant.
	Restore(ctx context.Context, r io.Reader, passphrase string, other bool, by By) error
	// BeforeUpdate is the backup that was made before the last update; NotFound where there was none.
	BeforeUpdate() (*Saved, io.ReadCloser, error)
}

// Updates replaces the system that the box runs. It is nil where the box does not run from an image.
type Updates interface {
	// Update checks a bundle (signature, board, version), installs it beside the system that runs, and has the computer
	// start with it as a restart is asked for. An older version is refused unless older says that it is meant.
	Update(ctx context.Context, r io.Reader, older bool, restart When, by By) error
	// Installed is what was installed and has not started yet; nil: nothing.
	Installed() *Installed
	// Restart plans the restart anew.
	Restart(ctx context.Context, when When, by By) error
}

// Setup keeps how far the first set-up of the box has come.
type Setup interface {
	// Setup is what PutSetup kept; nil when the set-up has not begun.
	Setup() ([]byte, error)
	PutSetup(text []byte) error
}

// Machine tells how the computer of the box fares.
type Machine interface {
	Health() Health
	// Measure finds what the computer carries, which takes up to longestMeasurement, and keeps it for Health. Busy while there
	// are calls, unless anyway; a call that comes, or the end of ctx, ends it.
	Measure(ctx context.Context, anyway bool) (Capacity, error)
	// SelfTest calls a box of its own over each kind of line, compares what is heard and recorded, and looks whether the lines are in
	// service that were so before the last update. It takes up to longestSelfTest. Busy while something is measured.
	SelfTest(ctx context.Context) (SelfTest, error)
}

// Logbook keeps what the box's program logs.
type Logbook interface {
	// LogLines are the newest lines, oldest first.
	LogLines() []LogLine
}

// Bans are the addresses to which SIP does not listen: too many wrong passwords, or a flood.
type Bans interface {
	// Bans lists them, those that last longest first.
	Bans(ctx context.Context) ([]telephony.Ban, error)
	// Unban listens to an address again. NotFound when it is not banned.
	Unban(ctx context.Context, address string, by By) error
}

// Reports sums up call records and the time of agents.
type Reports interface {
	// Report counts what a query chooses.
	Report(context.Context, ReportQuery) (Report, error)
	// ExportReport writes a report as "csv" or "xlsx", with headings in the language "zh" or "en".
	ExportReport(ctx context.Context, w io.Writer, form, language string, q ReportQuery) error
	// Stretches tells how agents spent a time, oldest first.
	Stretches(context.Context, StretchQuery) ([]StretchRow, error)
	// ExportStretches writes the same as "csv" or "xlsx".
	ExportStretches(ctx context.Context, w io.Writer, form, language string, q StretchQuery) error
	StaffReports
}

// Events tells programs what happens.
type Events interface {
	// Newest is the number of the newest thing that happened.
	Newest() uint64
	// Notifications tells what happened behind the one with the number, then each new thing, until ctx ends.
	Notifications(ctx context.Context, after uint64) iter.Seq[telephony.Notification]
}

// Webhooks sends the same to programs outside.
type Webhooks interface {
	// Deliveries are the last deliveries of a webhook, newest first.
	Deliveries(id string) []telephony.Delivery
	// Test sends a trial and tells what came of it. NotFound when there is no such webhook.
	Test(ctx context.Context, id, by string) (telephony.Delivery, error)
}

// Certificates keeps the certificate by which the box proves who it is.
type Certificates interface {
	Certificate() Certificate
	// OwnCertificate says that the one in use is the box's own, which browsers warn of.
	OwnCertificate() bool
	// PutCertificate uses a certificate with its chain and its key, all as PEM. Invalid where they do not belong together, are out of
	// date, or name nobody.
	PutCertificate(ctx context.Context, chain, key string, by By) error
	// OrderCertificate has the box fetch one by itself and renew it. What comes of it is in Certificate.
	OrderCertificate(ctx context.Context, o CertificateOrder, by By) error
	// DeleteCertificate goes back to the box's own, and ends an order.
	DeleteCertificate(ctx context.Context, by By) error
}

// Websites takes visitors of a company's own web site as callers.
type Websites interface {
	// ServeVisitor serves a browser by a connection, of which each Read and each Write is one message, until its call or ctx
	// ends. Origin is the page's, as the browser names it; source is where the browser is. A refusal is told in a message.
	ServeVisitor(ctx context.Context, conn net.Conn, site, origin, source string)
}

// Postman sends e-mail.
type Postman interface {
	// Test sends a trial to an address at once, and says why it could not.
	Test(ctx context.Context, to string) error
}

// Outbox sends messages one after the other, and remembers what became of each.
type Outbox interface {
	// Room is Busy while too many messages wait.
	Room() error
	// Post takes a message, which is durable when Post returns. Busy when too many wait.
	Post(context.Context, telephony.Outgoing) (telephony.Sending, error)
	// Sending is what became of one. NotFound when nothing is known of it any more.
	Sending(id string) (telephony.Sending, error)
}

// World is the outside world of a simulated board. A real board has none.
type World interface {
	// World says what there is to play with.
	World() WorldState
	// Ring places a call into the box from outside and waits until it is over, or ctx is.
	Ring(ctx context.Context, r Ring) (Heard, error)
	// OpenHeard gives what a simulated caller heard, as WAV, while it is kept.
	OpenHeard(sound string) (io.ReadSeekCloser, error)
	// StartPhones makes agents' phones that register and answer.
	StartPhones([]SimPhone) error
	// Handset lifts the handset of a phone that rings, or puts it back. NotFound when there is no such phone, Conflict when it
	// does not ring, or is in no call.
	Handset(extension string, lift bool) error
	// Hold presses hold on a phone that talks, or takes the other back, and is refused likewise.
	Hold(extension string, on bool) error
	// StartDay runs a busy hour at so many times the speed of the clock's hour; it ends by itself.
	StartDay(Day) error
}
