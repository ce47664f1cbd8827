// Package webui is the box's page and its API: everything that the page does is a row of the table below, which an
// integrator can call with a token and which boxctl calls over a unix socket. It keeps no state of the box; it asks the
// verbs that cmd hands in (verbs.go). Errors have one form (error.go), rights are one table, live state goes out by
// server-sent events (live.go).
package webui

//go:generate go test . -run Generated -update

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Options is what the page needs of the box. All but World are required.
type Options struct {
	Version string // of the firmware
	Board   string // name of the board
	Started time.Time
	Log     *slog.Logger

	Configs      Configs
	Routing      Routing
	Calls        Calls
	Traces       Traces
	Recordings   Recordings
	Accounts     Accounts
	Live         Live
	Lines        Lines
	Agents       Agents
	Desks        Desks
	Control      CallControl
	Prompts      Prompts
	Backups      Backups
	Updates      Updates
	Reports      Reports
	Machine      Machine
	Logbook      Logbook
	Bans         Bans
	Setup        Setup
	Phones       Phones
	Handouts     Handouts
	Registrar    Registrar
	Events       Events
	Webhooks     Webhooks
	Websites     Websites
	Certificates Certificates
	Postman      Postman
	Letters      Outbox // mail
	Texts        Outbox // text messages
	World        World  // nil on a real board
}

// Server answers for the box over HTTP.
type Server struct {
	Options
	api     huma.API
	mux     *http.ServeMux
	foreign *http.CrossOriginProtection
	guesses guesses
	walls   walls
	proving sync.Mutex // one proof of the journal at a time: it reads for minutes

	followers followers
	overreach overreach
	desks     desks
	looks     looks

	ceremonies ceremonies
	talk       talk
}

// New makes a server; it starts nothing.
func New(o Options) *Server {
	s := &Server{Options: o, mux: http.NewServeMux(), foreign: http.NewCrossOriginProtection()}
	form := document(o.Version)
	form.Transformers = []huma.Transformer{s.mask}
	s.api = huma.NewAPI(form, humago.NewAdapter(s.mux, ""))
	for _, r := range s.routes() {
		r.op.Middlewares = huma.Middlewares{s.gate(r.need)}
		r.register(s.api, r.op)
		examples[r.op.Method+" "+r.op.Path].exemplify(s.api.OpenAPI(), r.op)
	}
	s.mux.HandleFunc("/api/", s.nothingHere)
	s.mux.Handle("/", newPage())
	return s
}

// Handler answers on the network: sessions, tokens, and nobody else.
func (s *Server) Handler() http.Handler { return s.guard(s.mux) }

// LocalHandler answers on the unix socket in the data folder, which only root can open: with full rights.
func (s *Server) LocalHandler() http.Handler {
	return s.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, local)))
	}))
}

// routes is the whole of the API: what is not here is not there, and who is not named is refused.
func (s *Server) routes() []route {
	return []route{
		at(Anyone, "GET /api/openapi.json", s.getOpenAPI, "This document.", gives("application/json")),
		at(Anyone, "GET /api/status", s.getStatus, "What box this is; who asks."),
		at(Admin, "GET /api/claim", s.getClaim, "The claim code, while nobody owns the box."),
		at(Anyone, "POST /api/claim", s.postClaim, "Become the first administrator by the code on the panel."),
		at(Anyone, "POST /api/claim/options", s.postClaimOptions, "Begin a passkey for that, in the place of a password."),
		at(Anyone, "GET /api/session", s.getSession, "Who is signed in."),
		at(Anyone, "POST /api/session", s.postSession, "Sign in."),
		at(Anyone, "DELETE /api/session", s.deleteSession, "Sign out."),
		at(Anyone, "POST /api/session/passkey/options", s.postSignInOptions, "Begin to sign in with a passkey: what the browser's WebAuthn is asked."),
		at(Anyone, "POST /api/session/passkey", s.postPasskeySession, "Sign in with what it answered."),
		at(Agent, "POST /api/session/proof", s.postProof, "Give the own password or a passkey again: for five minutes the own passkeys may be changed.", ofNobody),
		at(Agent, "GET /api/passkeys", s.getPasskeys, "What opens the own account.", ofNobody),
		at(Agent, "POST /api/passkeys/options", s.postPasskeyOptions, "Begin a passkey: what the browser's WebAuthn is asked.", ofNobody),
		at(Agent, "POST /api/passkeys", s.postPasskey, "Add the passkey that it made.", ofNobody),
		at(Agent, "DELETE /api/passkeys/{id}", s.deletePasskey, "Remove an own passkey.", ofNobody),
		at(Agent, "POST /api/session/password", s.postPassword, "Change the own password, which signs out everywhere else.", ofNobody),
		at(Agent, "GET /api/sessions", s.getSessions, "Where the asker is signed in.", ofNobody),
		at(Agent, "DELETE /api/sessions", s.deleteSessions, "Sign out everywhere else.", ofNobody),

		at(Agent, "GET /api/live", s.getLive, "The box at this moment.", ofTeam),
		at(Agent, "GET /api/live/events", s.getLiveEvents, "The same, at each change, as server-sent events.", gives("text/event-stream"), ofTeam),
		at(Supervisor, "GET /api/events", s.getEvents, "What happens, one event for each thing, as webhooks are sent it; goes on behind the last one after a break; as messages where a WebSocket is asked for.", gives("text/event-stream"), ofTeam),
		at(Agent, "GET /api/names", s.getNames, "What people call the lines, queues, agents, menus, mailboxes and rooms.", ofTeam),
		at(Supervisor, "GET /api/spans", s.getSpans, "E1 spans: alarm, D-channel, error counters and channels.", ofTeam),
		at(Admin, "POST /api/spans/{span}/channels/{number}", s.postSpanChannel, "Block a channel or give it back; the configuration's change, which can be undone."),
		at(Admin, "POST /api/lines/{line}/test", s.postLineTest, "Measure an analogue line that nobody uses, and say in words how it is.", lasts(longestTest)),
		at(Admin, "GET /api/lines/{line}/tone", s.getLineTone, "The tone that ends the calls of an analogue line, as the box learned it, with its spectrum."),
		at(Admin, "POST /api/lines/{line}/tone", s.postLineTone, "Adopt the learned tone; the configuration's change, which can be undone."),
		at(Admin, "DELETE /api/lines/{line}/tone", s.deleteLineTone, "Forget the tone, learned and adopted."),
		at(Agent, "GET /api/agents", s.getAgents, "Agents and their states.", ofTeam),
		at(Agent, "POST /api/agents/{id}/state", s.postAgentState, "Sign an agent in or out; ready, busy, break.", ofTeam),
		at(Agent, "POST /api/agents/{id}/break", s.postAgentBreak, "Ask for a break beyond the most at once, or decide.", ofTeam),
		at(Agent, "POST /api/calls/{id}/recording", s.postCallRecording, "Start, stop, pause or resume the recording of a call.", ofTeam),
		at(Agent, "POST /api/calls/{id}/hangup", s.postCallHangup, "End a call. The agent who talks in it has hung up: where the queue asks for votes, the caller is asked.", ofTeam),

		at(Agent, "POST /api/calls", s.postCalls, "Place a call: ring a phone, and when it answers, whom it wants, or the other party of an earlier call.", ofTeam),
		at(Agent, "POST /api/calls/{id}/hold", s.orders("hold"), "The others hear music.", ofTeam),
		at(Agent, "POST /api/calls/{id}/retrieve", s.orders("retrieve"), "Take them back.", ofTeam),
		at(Agent, "POST /api/calls/{id}/consult", s.postCallConsult, "Call somebody while the others hear music.", ofTeam),
		at(Agent, "POST /api/calls/{id}/back", s.orders("back"), "Back to the others, without whom was consulted.", ofTeam),
		at(Agent, "POST /api/calls/{id}/conference", s.orders("conference"), "All talk with each other.", ofTeam),
		at(Agent, "POST /api/calls/{id}/transfer", s.postCallTransfer, "Put the others through: to a target, or to whom is consulted if it is empty.", ofTeam),
		at(Agent, "POST /api/calls/{id}/park", s.orders("park"), "The other waits in a slot until somebody picks the call up.", ofTeam),
		at(Agent, "POST /api/calls/{id}/pickup", s.postCallPickup, "Take a call that rings elsewhere, waits or is parked.", ofTeam),
		at(Agent, "POST /api/calls/{id}/data", s.postCallData, "Attach data to a call, which follow it through every transfer.", ofTeam),
		at(Supervisor, "POST /api/calls/{id}/monitor", s.postCallMonitor, "Listen, whisper to the agent, barge in, take over, or leave.", ofTeam),
		at(Supervisor, "POST /api/rooms/{id}/lock", s.postRoomLock, "Let nobody into a conference room any more, or open it.", ofTeam),
		at(Supervisor, "POST /api/rooms/{id}/invite", s.postRoomInvite, "Ring somebody and bring them into a conference room. Ending a call of the room takes its party out.", ofTeam),

		at(Agent, "POST /api/calls/{id}/note", s.postNote, "Write down what a call was about.", ofTeam),
		at(Agent, "GET /api/desk", s.getDesk, "The own day: counters, missed calls, the company's notice.", ofNobody),
		at(Agent, "GET /api/desk/calls", s.getDeskCalls, "The own calls of the last seven days, newest first.", ofNobody),
		at(Supervisor, "GET /api/agents/{id}/desk", s.getAgentDesk, "What an agent's desk shows now: the agent's own data, not a picture of the screen. Each opening is in the audit.", ofTeam),
		at(Supervisor, "GET /api/agents/{id}/desk/lately", s.getAgentLately, "What an agent's desk lists besides: the own calls of the last days, and the messages between the agent and the supervisors. The same opening is in the audit.", ofTeam),
		at(Agent, "POST /api/desk/beat", s.postBeat, "The page is there; without a beat for 8 s its agent takes no calls. Gives new messages.", ofTeam),
		at(Agent, "GET /api/callers/{number}", s.getCaller, "What the box knows of a number: region, calls, notes; for an agent, of the own calls, and nothing where numbers are masked for agents.", ofTeam),
		at(Agent, "GET /api/calls/{id}/caller", s.getCallCaller, "The same of the other party of a call, whoever talked to them; agents ask for the own calls, and for those of the own queues that nobody has taken.", ofTeam),
		at(Agent, "GET /api/contacts", s.getContacts, "The asker's own address book.", asWritten, ofNobody),
		at(Agent, "POST /api/contacts", s.postContact, "Write a contact into it, in the place of the one with the number.", ofNobody),
		at(Agent, "DELETE /api/contacts/{number}", s.deleteContact, "Take one out.", ofNobody),
		at(Agent, "GET /api/phone", s.getPhone, "Be the phone where the asking agent sits: SIP over WebSocket (RFC 7118), for as long as the agent is signed in there.", gives("message/sip"), ofNobody),
		at(Anyone, "GET /api/websites/{id}/call", s.getWebsiteCall, "Call from a page of a company's web site: JSON over WebSocket, for the script call.js.", gives("application/json")),
		at(Agent, "GET /api/messages", s.getMessages, "What staff wrote to the asker.", ofTeam),
		at(Agent, "POST /api/messages", s.postMessage, "Write to an agent, the supervisors or all; call for help.", ofTeam),
		at(Supervisor, "POST /api/messages/{seq}/help", s.postHelp, "See to a call for help. Its agent and the other supervisors are told who does; the first one has it.", ofTeam),

		at(Supervisor, "GET /api/calls", s.getCalls, "Call records, newest first.", ofTeam),
		at(Supervisor, "GET /api/calls.csv", s.getCallsCSV, "The same as CSV.", gives("text/csv"), ofTeam),
		at(Supervisor, "GET /api/calls.xlsx", s.getCallsXLSX, "The same as a spreadsheet.", gives(typeXLSX), ofTeam),
		at(Supervisor, "GET /api/calls/ended", s.getCallsEnded, "Calls that ended behind an entry of the journal, in that order, for a program that keeps them itself; and the entry from which to go on.", ofTeam),
		at(Supervisor, "GET /api/calls.sql", s.getCallsSQL, "The same as SQL statements, for a database of your own; they may be run again.", gives(typeSQL), ofTeam),
		at(Supervisor, "GET /api/calls/{id}", s.getCall, "One call record.", ofTeam),
		at(Supervisor, "PUT /api/calls/{id}/complaint", s.putComplaint, "Judge whether the complaint that a call was is founded, in the place of the judgment before.", ofTeam),
		at(Supervisor, "PUT /api/calls/{id}/score", s.putScore, "Give an agent who talked in a call 0 to 100 points for it, in the place of those before.", ofTeam),
		at(Supervisor, "GET /api/calls/{id}/journal", s.getCallJournal, "What happened to one call, with a sentence for each entry.", ofTeam),
		at(Supervisor, "GET /api/calls/{id}/ladder", s.getCallLadder, "The signalling messages of one call, with its journal as marks, on one time axis.", ofTeam),
		at(Supervisor, "GET /api/calls/{id}/trace.pcapng", s.getCallTrace, "The same messages for Wireshark.", gives(typePCAPNG), ofTeam),
		at(Supervisor, "GET /api/recordings", s.getRecordings, "Recordings, newest first.", ofTeam),
		at(Supervisor, "GET /api/recordings/{id}", s.getRecording, "What is known of one recording.", ofTeam),
		at(Agent, "GET /api/recordings/{id}/audio", s.getRecordingAudio, "Its sound. Each hearing is in the audit. Agents hear the own calls alone, where the recording policy lets them, and keep no file.", gives("audio/wav"), ofTeam),
		at(Admin, "DELETE /api/recordings/{id}", s.deleteRecording, "Remove a recording for ever."),
		at(Supervisor, "GET /api/voicemails", s.getVoicemails, "Messages that callers left, newest first.", ofTeam),
		at(Supervisor, "PUT /api/voicemails/{id}/heard", s.putVoicemailHeard, "Mark a message as heard, or as new again. Telephones mark what they play; their lamps show what is new.", ofTeam),
		at(Supervisor, "DELETE /api/voicemails/{id}", s.deleteVoicemail, "Remove a message for ever.", ofTeam),
		at(Supervisor, "GET /api/reports/own", s.getOwnReports, "The reports that the asker saved.", ofTeam),
		at(Supervisor, "POST /api/reports/own", s.postOwnReport, "Save one, in the place of the one with its name.", ofTeam),
		at(Supervisor, "DELETE /api/reports/own", s.deleteOwnReport, "Delete one.", ofNobody),
		at(Supervisor, "GET /api/reports/{by}", s.getReport, "Counts by time, queue, agent, line or menu, with the stretch of time before; of today unless told otherwise.", ofTeam),
		at(Supervisor, "GET /api/reports/{by}/{form}", s.getReportFile, "The same as CSV or as a spreadsheet.", gives("text/csv", typeXLSX), ofTeam),
		at(Supervisor, "GET /api/stretches", s.getStretches, "How agents spent their time: each stretch in a state, or signed in.", ofTeam),
		at(Supervisor, "GET /api/staff", s.getStaff, "How far agents were there as planned, how they worked, who came and went; of today unless told otherwise.", ofTeam),
		at(Supervisor, "GET /api/staff/{form}", s.getStaffFile, "The same as CSV or as a spreadsheet.", gives("text/csv", typeXLSX), ofTeam),
		at(Supervisor, "GET /api/attendance", s.getAttendance, "The days that this sums up: of each agent planned, present, first in, last out.", ofTeam),
		at(Supervisor, "GET /api/attendance/{form}", s.getAttendanceFile, "The same as CSV or as a spreadsheet.", gives("text/csv", typeXLSX), ofTeam),
		at(Supervisor, "GET /api/stretches/{form}", s.getStretchesFile, "The same as CSV or as a spreadsheet.", gives("text/csv", typeXLSX), ofTeam),

		at(Anyone, "GET /api/soap", s.getSOAP, "The web service's WSDL (SOAP 1.1): its operations are requests of this table.", gives(typeXML)),
		at(Anyone, "POST /api/soap", s.postSOAP, "Call one of them. It needs the role of the request that it stands for.", takes(typeXML, maxSOAP), gives(typeXML)),

		at(Admin, "GET /api/setup", s.getSetup, "How far the first set-up has come."),
		at(Admin, "PUT /api/setup", s.putSetup, "Keep it, with its draft of the configuration.", checksItself),
		at(Admin, "GET /api/calls/{id}/proof", s.getCallProof, "What a test call proves, and what is wrong."),
		at(Admin, "GET /api/config", s.getConfig, "The configuration, secrets masked."),
		at(Admin, "PUT /api/config", s.putConfig, "Replace the configuration made from the revision it carries.", checksItself),
		at(Admin, "POST /api/config/diff", s.postConfigDiff, "What a configuration would change.", checksItself),
		at(Admin, "GET /api/config/revisions", s.getRevisions, "Who changed what, newest first."),
		at(Admin, "GET /api/config/revisions/{revision}", s.getRevision, "What one revision changed."),
		at(Admin, "GET /api/config/revisions/{revision}/undo", s.getUndo, "What going back to what was before a revision would change, and what that does to calls now."),
		at(Admin, "POST /api/config/revisions/{revision}/undo", s.postUndo, "Go back to what was before a revision."),
		at(Admin, "POST /api/routes/try", s.postTryRoute, "Where a call from outside would go, and why, without a call.", checksItself),
		at(Admin, "POST /api/outbound/try", s.postTryNumber, "How a number that a phone dials would leave, without a call.", checksItself),
		at(Admin, "GET /api/audit", s.getAudit, "What people did, newest first."),
		at(Admin, "GET /api/audit/proof", s.getAuditProof, "From when to when audit and journal are kept, what is missing, and whether anything was changed or taken out.", lasts(longestProof)),
		at(Admin, "GET /api/health", s.getHealth, "How the computer of the box fares."),
		at(Admin, "GET /api/log", s.getLog, "What the box's program logs, newest first. Each opening is in the audit."),
		at(Admin, "GET /api/log.txt", s.getLogText, "The same as text.", gives("text/plain")),
		at(Admin, "POST /api/capacity", s.postCapacity, "Measure what the computer of the box carries, in about three minutes; Health then has it.", lasts(longestMeasurement)),
		at(Admin, "POST /api/selftest", s.postSelfTest, "Call a box of its own over each kind of line, and say whether all was heard and recorded, in half a minute.", lasts(longestSelfTest)),
		at(Admin, "GET /api/bans", s.getBans, "Addresses to which SIP does not listen: too many wrong passwords, or a flood."),
		at(Admin, "DELETE /api/bans/{address}", s.deleteBan, "Listen to an address again, before its time is over."),
		at(Admin, "GET /api/webhooks", s.getWebhooks, "The last deliveries of each webhook; webhooks themselves are configuration."),
		at(Admin, "POST /api/webhooks/{id}/test", s.postWebhookTest, "Send a trial event, and tell what came of it."),
		at(Supervisor, "POST /api/mail", s.postMail, "Send an e-mail to one or many, who do not see each other, by the configured server.", ofNobody),
		at(Supervisor, "GET /api/mail/{id}", s.getMail, "What became of it.", ofNobody),
		at(Supervisor, "POST /api/sms", s.postSMS, "Send a text message to one or many, by the company's gateway.", ofNobody),
		at(Supervisor, "GET /api/sms/{id}", s.getSMS, "What became of it.", ofNobody),
		at(Admin, "POST /api/mail/test", s.postMailTest, "Send a trial mail by the settings in force.", lasts(longestMail)),
		at(Admin, "GET /api/prompts", s.getPrompts, "The sounds that callers hear."),
		at(Admin, "GET /api/prompts/{id}/{language}", s.getPrompt, "One sound.", gives("audio/wav")),
		at(Admin, "PUT /api/prompts/{id}/{language}", s.putPrompt, "Replace a sound by a WAV file of any common form.", takes("audio/wav", maxPrompt)),
		at(Admin, "POST /api/prompts/{id}/{language}/speech", s.postSpeech, "Replace a sound by a text that the box speaks."),
		at(Admin, "DELETE /api/prompts/{id}/{language}", s.deletePrompt, "Go back to the box's own sound."),
		at(Admin, "GET /api/handouts", s.getHandouts, "Links by which telephones may still fetch their settings."),
		at(Admin, "POST /api/phones/{extension}/handout", s.postHandout, "Make such a link, which opens once and within a day; the one before is void. With a new SIP password if you like."),
		at(Admin, "DELETE /api/phones/{extension}/handout", s.deleteHandout, "Take it back."),
		at(Anyone, "GET /api/handouts/{secret}/{file}", s.getSettingsFile, "A telephone's settings, for who has the link, over https alone.", gives("text/plain", "application/xml")),
		at(Admin, "GET /api/backup", s.getBackup, "The whole box in one file.", gives("application/octet-stream")),
		at(Admin, "POST /api/restore", s.postRestore, "Replace the whole box by a backup, after checking it.", takes("application/octet-stream", maxBackup)),
		at(Admin, "GET /api/saved", s.getSaved, "Which backup the box made before the last update."),
		at(Admin, "GET /api/saved/file", s.getSavedFile, "That backup.", gives("application/octet-stream")),
		at(Admin, "POST /api/saved/restore", s.postSavedRestore, "Go back to the settings and accounts in it; calls since stay.", lasts(longestUpdate)),
		at(Admin, "POST /api/update", s.postUpdate, "Install a signed update. Before the box starts with it new calls are refused, and those that are up have five minutes to end.",
			takes("application/octet-stream", maxUpdate), lasts(longestUpdate)),
		at(Admin, "GET /api/update", s.getUpdate, "The update that is installed and waits for a restart, if there is one."),
		at(Admin, "POST /api/update/restart", s.postUpdateRestart, "Plan that restart anew: now, at the quiet hour, or later."),
		at(Admin, "GET /api/certificate", s.getCertificate, "The certificate by which the page, the API and SIP over TLS prove who they are."),
		at(Admin, "PUT /api/certificate", s.putCertificate, "Use another one, from the next connection on."),
		at(Admin, "PUT /api/certificate/order", s.putCertificateOrder, "Have the box fetch one by ACME and renew it; GET tells what came of it."),
		at(Admin, "DELETE /api/certificate", s.deleteCertificate, "Go back to the box's own."),
		at(Supervisor, "GET /api/alarms/kinds", s.getAlarmKinds, "What the box may tell of, and how bad each is.", ofNobody),
		at(Admin, "GET /api/users", s.getUsers, "People with an account."),
		at(Admin, "POST /api/users", s.postUser, "Make or change a user."),
		at(Admin, "DELETE /api/users/{name}", s.deleteUser, "Remove a user."),
		at(Admin, "GET /api/users/{name}/sessions", s.getUserSessions, "Where a user is signed in."),
		at(Admin, "DELETE /api/users/{name}/sessions", s.deleteUserSessions, "Sign a user out everywhere; the asker stays."),
		at(Admin, "DELETE /api/users/{name}/passkeys", s.deletePasskeys, "Remove all passkeys of a user, such as those on a lost device; the password stays."),
		at(Admin, "GET /api/tokens", s.getTokens, "Programs that may come in."),
		at(Admin, "POST /api/tokens", s.postToken, "Make a token; its secret is shown this once."),
		at(Admin, "PUT /api/tokens/{id}/team", s.putTokenTeam, "Give a token another team; its secret stays, and its streams end, to be opened anew."),
		at(Admin, "DELETE /api/tokens/{id}", s.deleteToken, "Remove a token."),

		at(Agent, "GET /api/sim", s.getSim, "What the simulated world has to play with.", ofNobody),
		at(Supervisor, "POST /api/sim/ring", s.postSimRing, "Place a call into the box and tell what came of it.", lasts(longestRing), carriesSound, ofNobody),
		at(Supervisor, "GET /api/sim/heard/{sound}", s.getSimHeard, "What a simulated caller heard.", gives("audio/wav"), ofNobody),
		at(Supervisor, "POST /api/sim/phones", s.postSimPhones, "Start agents' phones.", carriesSound, ofNobody),
		at(Supervisor, "POST /api/sim/phones/{extension}/handset", s.postSimHandset, "Lift the handset of such a phone that rings, or put it back.", ofNobody),
		at(Supervisor, "POST /api/sim/phones/{extension}/hold", s.postSimHold, "Press hold on such a phone that talks, or take the other back.", ofNobody),
		at(Supervisor, "POST /api/sim/day", s.postSimDay, "Run a busy hour.", ofNobody),
	}
}
