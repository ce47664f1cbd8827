// Made from the API's document by `npm run types`. Do not edit.

export interface Against {
	rule: string;
	why: Text;
}

export interface Agent {
	always: string;
	busy: string;
	hours: string;
	id: string;
	name: string;
	no_answer: string;
	phone: string;
	pin: string;
}

export interface AgentBreakInput {
	do: "ask" | "withdraw" | "grant" | "refuse";
}

export interface AgentStateInput {
	phone?: string;
	reason?: string;
	state: "ready" | "busy" | "break" | "signed_out";
}

export interface AgentsAnswer {
	agents: Array<LiveAgent>;
}

export interface AlarmKind {
	name: string;
	severity: "fault" | "warning";
}

export interface AlarmKindsAnswer {
	kinds: Array<AlarmKind>;
}

export interface Answer {
	answer: string;
	question: string;
}

export interface AttendanceAnswer {
	days: Array<AttendanceDay>;
}

export interface AttendanceDay {
	agent: string;
	day: string;
	in?: string;
	online_ms: number;
	open?: boolean;
	out?: string;
	planned_ms: number;
	present_ms: number;
	worked_ms: number;
}

export interface AuditAnswer {
	lines: Array<AuditLine>;
}

export interface AuditLine {
	action: string;
	before: string;
	detail?: string;
	hash: string;
	on?: string;
	seq: number;
	source?: string;
	time: string;
	who: string;
}

export interface AuditProof {
	broken?: number;
	first: number;
	from?: string;
	hash: string;
	journal: JournalProof;
	last: number;
	lines: number;
	to?: string;
}

export interface Ban {
	account?: string;
	address: string;
	reason: string;
	until: string;
}

export interface BansAnswer {
	bans: Array<Ban>;
}

export interface BeatAnswer {
	gone_since?: string;
	messages: Array<Message>;
}

export interface BeatInput {
	after?: number;
	leave?: boolean;
}

export interface CallDataInput {
	data: Record<string, string>;
}

export interface CallMonitorInput {
	mode: "listen" | "whisper" | "barge" | "take_over" | "leave";
	phone?: string;
}

export interface CallNote {
	agent?: string;
	by: string;
	call: string;
	code?: string;
	number: string;
	text?: string;
	time: string;
}

export interface CallPage {
	calls: Array<CallRecord>;
	next?: string;
}

export interface CallPhoneInput {
	phone?: string;
}

export interface CallRecord {
	agent?: string;
	agents?: Array<string>;
	answered?: string;
	arrived: string;
	called?: string;
	caller: Caller;
	calling?: string;
	cause?: number;
	closed?: string;
	complaint?: Complaint;
	connected?: string;
	direction: string;
	ended?: string;
	ended_by?: string;
	held_ms: number;
	id: string;
	line: string;
	mailbox?: string;
	outcome?: string;
	poll?: Poll;
	queue?: string;
	queues?: Array<string>;
	recordings: Array<string>;
	rule?: string;
	score?: Score;
	talk_ms: number;
	target?: string;
	wait_ms: number;
	why?: Text;
}

export interface CallRecordingInput {
	action: "start" | "stop" | "pause" | "resume";
}

export interface CallTargetInput {
	to?: string;
}

export interface Caller {
	name?: string;
	number: string;
	withheld?: boolean;
}

export interface CallerView {
	calls: Array<CallRecord>;
	contact?: string;
	notes: Array<CallNote>;
	number: string;
	region: Text;
	vip?: string;
}

export interface Capacity {
	bridged: Rated;
	measured: string;
	mixed: Rated;
	processors: number;
	recorded: Rated;
	registrations: Rated;
	seconds: number;
	setups: Rated;
	shared: boolean;
	version: string;
}

export interface Certificate {
	expires: string;
	fingerprint: string;
	issuer: string;
	names: Array<string>;
	order?: CertificateOrder;
	own: boolean;
}

export interface CertificateInput {
	chain: string;
	key: string;
}

export interface CertificateOrder {
	authority?: string;
	cause?: string;
	directory?: string;
	name: string;
	next?: string;
	problem?: Text;
}

export interface Changes {
	changes: Array<Difference>;
	effects: Array<Text>;
	revision: number;
}

export interface ChannelInput {
	blocked: boolean;
}

export interface Check {
	mend?: Text;
	passed: boolean;
	text: Text;
	what: string;
	where?: string;
}

export interface ClaimCode {
	code: string;
}

export interface ClaimInput {
	code: string;
	passkey?: NewPasskey;
	password?: string;
	user: string;
}

export interface ClaimOptionsInput {
	code: string;
	user: string;
}

export interface Clock {
	by: string;
	error_ms: number;
	servers: Array<string>;
	synchronized: boolean;
}

export interface Complaint {
	by: string;
	code: string;
	judgment?: Judgment;
	time: string;
}

export interface Config {
	agents: Array<Agent>;
	blacklist: Array<ListedNumber>;
	faq: Array<Answer>;
	format: number;
	groups: Array<Group>;
	hours: Array<Hours>;
	lines: Array<LineConfig>;
	mail: Mail;
	mailboxes: Array<Mailbox>;
	menus: Array<Menu>;
	network: Network;
	off: Array<string>;
	outbound: Array<OutboundRule>;
	phones: Array<Phone>;
	prompts: Array<Prompt>;
	queues: Array<Queue>;
	recording: RecordingPolicy;
	revision: number;
	rooms: Array<Room>;
	routes: Array<Route>;
	site: Site;
	sms: SMSGateway;
	spans: Array<SpanConfig>;
	targets: Targets;
	trunks: Array<Trunk>;
	vips: Array<ListedNumber>;
	webhooks: Array<Webhook>;
	websites: Array<Website>;
}

export interface Contact {
	name: string;
	note?: string;
	number: string;
}

export interface ContactsAnswer {
	contacts: Array<Contact>;
}

export interface Day {
	calls?: number;
	minutes?: number;
	seed?: number;
	stop?: boolean;
}

export interface DaySpan {
	days: Array<number>;
	from: string;
	to: string;
}

export interface Delivery {
	given_up?: boolean;
	id: string;
	next?: string;
	problem: Text;
	status?: number;
	time: string;
	took_ms: number;
	try: number;
	type: string;
}

export interface DeskView {
	codes: Array<string>;
	customer_url: string;
	faq: Array<Answer>;
	missed: Array<CallRecord>;
	notice: string;
	today: ReportRow;
}

export interface Difference {
	after?: unknown;
	before?: unknown;
	path: string;
}

export interface EndedCalls {
	calls: Array<CallRecord>;
	next: number;
}

export interface Error {
	code: string;
	message: Text;
	problems?: Array<Problem>;
}

export interface Greeting {
	lines: Array<string>;
	period: string;
	prompt: string;
}

export interface Group {
	backup: string;
	id: string;
	lines: Array<string>;
	select: string;
}

export interface Handout {
	by: string;
	expires: string;
	extension: string;
}

export interface HandoutAnswer {
	by: string;
	expires: string;
	extension: string;
	links: Array<HandoutLink>;
	qr: QRCode;
}

export interface HandoutInput {
	new_password: boolean;
}

export interface HandoutLink {
	make: string;
	url: string;
}

export interface HandoutsAnswer {
	handouts: Array<Handout>;
}

export interface HandsetInput {
	lift: boolean;
}

export interface Health {
	board: string;
	busy: number;
	calls: number;
	capacity?: Capacity;
	clean: boolean;
	clock: Clock;
	disk_free_mb: number;
	disk_state?: "good" | "worn" | "failing";
	disk_total_mb: number;
	disk_used?: number;
	first_call_ms?: number;
	goroutines: number;
	heap_mb: number;
	late: Array<number>;
	lines_ms: number;
	load: number;
	loop: number;
	memory_mb: number;
	page_ms: number;
	processors: number;
	program_ms: number;
	skipped: number;
	started: string;
	starts: number;
	temperature_c?: number;
	time: string;
	version: string;
}

export interface Heard {
	call: string;
	outcome: string;
	sound?: string;
	text: Text;
}

export interface Hours {
	holidays: Array<SpecialDay>;
	id: string;
	name: string;
	week: Array<DaySpan>;
}

export interface Installed {
	at?: string;
	drains: boolean;
	version: string;
}

export interface JournalAnswer {
	entries: Array<StoryLine>;
}

export interface JournalHole {
	after: number;
	entries: number;
}

export interface JournalProof {
	broken?: number;
	damaged?: number;
	entries: number;
	first: number;
	from?: string;
	gaps: Array<JournalHole>;
	hash: string;
	last: number;
	segments: Array<SegmentProof>;
	to?: string;
}

export interface Judgment {
	by: string;
	founded: boolean;
	note?: string;
	time: string;
}

export interface JudgmentInput {
	founded: boolean;
	note?: string;
}

export interface Key {
	keys: string;
	to: string;
}

export interface Keyring {
	passkeys: Array<Passkey>;
	password: boolean;
}

export interface Ladder {
	cut?: boolean;
	legs: Array<LadderLeg>;
	steps: Array<LadderStep>;
}

export interface LadderLeg {
	leg: string;
	line: string;
	protocol: string;
}

export interface LadderMessage {
	leg: string;
	line: string;
	name: string;
	protocol: string;
	sent: boolean;
	summary: Text;
	text: Text;
}

export interface LadderStep {
	after_ms: number;
	mark?: StoryLine;
	message?: LadderMessage;
	time: string;
}

export interface LatelyAnswer {
	calls: Array<OwnCall>;
	messages: Array<Message>;
}

export interface LearnedTone {
	adopted: LineTone;
	calls: number;
	confidence: number;
	known: boolean;
	level_dbm0: number;
	line: string;
	of: number;
	proposed: boolean;
	spectrum: Array<ToneBand>;
	tone: LineTone;
}

export interface LineConfig {
	busy_tone: LineTone;
	dial: string;
	dial_tone_seconds: number;
	disabled: boolean;
	early_caller: boolean;
	echo: string;
	id: string;
	language: string;
	longest_minutes: number;
	name: string;
	numbers: Array<string>;
	polarity_answer: boolean;
	silence_seconds: number;
	way: string;
}

export interface LineFinding {
	about: string;
	light: string;
	text: Text;
}

export interface LineReport {
	battery: boolean;
	dial_tone: boolean;
	dial_tone_dbm0: number;
	echo_delay_ms: number;
	echo_found: boolean;
	ended: number;
	ended_silent: number;
	findings: Array<LineFinding>;
	hum_dbm0: number;
	hum_hz: number;
	identified: number;
	incoming: number;
	light: string;
	line: string;
	lost_rings: number;
	noise_dbm0: number;
	pause_ms: number;
	problem: Text;
	quiet: boolean;
	return_loss_db: number;
	ring_ms: number;
	rings: number;
	sure: number;
	time: string;
}

export interface LineStatus {
	busy: number;
	detail?: string;
	id: string;
	name: string;
	since: string;
	state: string;
}

export interface LineTone {
	cadence_ms: Array<number>;
	hz: Array<number>;
}

export interface ListedNumber {
	note: string;
	number: string;
	priority?: number;
	to?: string;
	until?: string;
}

export interface Live {
	agents: Array<LiveAgent>;
	alarms: Array<LiveAlarm>;
	calls: Array<LiveCall>;
	closed?: Array<LiveHours>;
	handling_seconds: number;
	lines: Array<LineStatus>;
	queues: Array<LiveQueue>;
	rooms: Array<LiveRoom>;
	spans: Array<LiveSpan>;
	time: string;
}

export interface LiveAgent {
	after?: string;
	asks?: string;
	call?: string;
	doing?: string;
	id: string;
	name: string;
	phone?: string;
	queues: Array<string>;
	reason?: string;
	since: string;
	state: string;
	until?: string;
}

export interface LiveAlarm {
	message: Text;
	name: string;
	severity: "fault" | "warning";
	since: string;
}

export interface LiveCall {
	agent?: string;
	called?: string;
	caller: Caller;
	closed?: string;
	data?: Record<string, string>;
	direction: string;
	entered?: string;
	fault?: string;
	id: string;
	language: string;
	line: string;
	parties?: Array<LiveParty>;
	paused?: boolean;
	queues?: Array<string>;
	recording: boolean;
	since: string;
	state: string;
	talking?: string;
	where: string;
}

export interface LiveChannel {
	blocked?: boolean;
	leg?: string;
	number: number;
	party?: string;
	since: string;
	state: string;
}

export interface LiveHours {
	id: string;
	name: string;
	period: string;
}

export interface LiveParty {
	agent?: string;
	by?: string;
	holds?: boolean;
	leg: string;
	line: string;
	mode?: string;
	state: string;
}

export interface LiveQueue {
	answer_seconds: number;
	id: string;
	name: string;
	ready: number;
	signed_in: number;
	talking: number;
	waiting: Array<LiveWaiter>;
}

export interface LiveRoom {
	calls: Array<string>;
	closing?: boolean;
	id: string;
	locked: boolean;
	name: string;
}

export interface LiveSpan {
	alarm: string;
	channels: Array<LiveChannel>;
	counters: SpanCounters;
	dchannel: string;
	name: string;
	side: string;
	since: string;
	span: string;
}

export interface LiveWaiter {
	call: string;
	caller: Caller;
	offered?: Array<string>;
	priority: number;
	since: string;
}

export interface LogAnswer {
	lines: Array<LogLine>;
	older: boolean;
}

export interface LogLine {
	id: number;
	level: "info" | "warn" | "error";
	more?: string;
	text: string;
	time: string;
}

export interface Mail {
	alarms: Array<string>;
	from: string;
	password: string;
	reports: Array<ReportMail>;
	security: string;
	server: string;
	user: string;
}

export interface MailInput {
	subject: string;
	text: string;
	to: Array<string>;
}

export interface MailTestInput {
	to: string;
}

export interface Mailbox {
	greeting: string;
	id: string;
	max_seconds: number;
	name: string;
	pin: string;
}

export interface MarkInput {
	heard: boolean;
}

export interface Member {
	agent: string;
	level: number;
}

export interface Menu {
	collect: string;
	digits: number;
	extensions: boolean;
	first_seconds: number;
	greetings: Array<Greeting>;
	hours: string;
	id: string;
	invalid_prompt: string;
	keys: Array<Key>;
	language: string;
	name: string;
	next_seconds: number;
	on_fail: string;
	shortcuts: Array<Key>;
	tries: number;
}

export interface Message {
	about?: number;
	agent?: string;
	from: string;
	kind: string;
	seq: number;
	supervisor?: boolean;
	text: string;
	time: string;
	to: string;
}

export interface MessageInput {
	kind?: "message" | "help";
	text?: string;
	to: string;
}

export interface MessagesAnswer {
	messages: Array<Message>;
}

export interface Names {
	agents: Record<string, string>;
	lines: Record<string, string>;
	mailboxes: Record<string, string>;
	menus: Record<string, string>;
	queues: Record<string, string>;
	rooms: Record<string, string>;
}

export interface Network {
	name_servers: Array<string>;
	time_servers: Array<string>;
}

export interface NewPasskey {
	credential: unknown;
	name: string;
}

export interface NoteInput {
	code?: string;
	text?: string;
}

export interface OptionsAnswer {
	publicKey: unknown;
}

export interface OrderInput {
	agreed: boolean;
	authority?: string;
	cause?: string;
	directory?: string;
	name: string;
	next?: string;
	problem?: Text;
}

export interface OutboundRule {
	caller: string;
	groups: Array<string>;
	id: string;
	number: string;
	permit: string;
	prepend: string;
	strip: number;
}

export interface OwnCall {
	arrived: string;
	closed?: string;
	direction: string;
	id: string;
	name?: string;
	number: string;
	outcome: string;
	points?: number;
	recording?: string;
	talk_ms: number;
}

export interface OwnCallsAnswer {
	calls: Array<OwnCall>;
	next?: string;
}

export interface OwnReport {
	agent?: string;
	by: "hourly" | "slots" | "daily" | "weekly" | "monthly" | "queues" | "agents" | "lines" | "menus";
	from?: string;
	hidden?: Array<string>;
	line?: string;
	name: string;
	period?: "today" | "yesterday" | "week" | "month" | "year";
	queue?: string;
	to?: string;
}

export interface OwnReportsAnswer {
	reports: Array<OwnReport>;
}

export interface OwnSession {
	created: string;
	current: boolean;
	seen: string;
	source?: string;
}

export interface Passkey {
	created: string;
	host: string;
	id: string;
	name: string;
	synced: boolean;
	used?: string;
}

export interface PasskeySignIn {
	credential: unknown;
}

export interface PasswordInput {
	next: string;
	present?: string;
}

export interface Person {
	agent?: string;
	name: string;
	queues?: Array<string>;
	role: string;
}

export interface Phone {
	always: string;
	auto_answer: boolean;
	busy: string;
	caller: string;
	encryption?: string;
	extension: string;
	name: string;
	no_answer: string;
	password: string;
	permit: string;
	port: string;
	ring_seconds: number;
}

export interface PhonesInput {
	phones: Array<SimPhone>;
}

export interface PlacedAnswer {
	call: string;
}

export interface PlacingInput {
	back?: string;
	from?: string;
	to?: string;
}

export interface Poll {
	agent: string;
	queue: string;
	vote?: number;
}

export interface Problem {
	message: Text;
	path: string;
}

export interface Prompt {
	id: string;
	name: string;
	text: Text;
}

export interface PromptSounds {
	id: string;
	name: string;
	sounds: Array<Sound>;
	text: Text;
}

export interface PromptsAnswer {
	prompts: Array<PromptSounds>;
}

export interface ProofAnswer {
	checks: Array<Check>;
	ended: boolean;
	passed: boolean;
}

export interface ProofInput {
	credential?: unknown;
	password?: string;
}

export interface QRCode {
	path: string;
	size: number;
}

export interface Queue {
	announce_agent: boolean;
	answer_seconds: number;
	greeting: string;
	id: string;
	last_agent: boolean;
	leave_key: string;
	max_wait_seconds: number;
	max_waiting: number;
	members: Array<Member>;
	music: string;
	name: string;
	notice_prompt: string;
	number: string;
	on_full: string;
	on_leave: string;
	on_nobody: string;
	on_timeout: string;
	poll: boolean;
	priority: number;
	record: string;
	ring_seconds: number;
	say_every_seconds: number;
	say_position: boolean;
	say_wait: boolean;
	strategy: string;
	wrap_up_seconds: number;
}

export interface Rated {
	bound: boolean;
	late: number;
	load: number;
	rated: number;
}

export interface Recording {
	agent?: string;
	call: string;
	caller: Caller;
	gap_ms?: number;
	heard_by?: string;
	id: string;
	length_ms: number;
	mailbox?: string;
	octets: number;
	problem?: string;
	purpose: string;
	started: string;
}

export interface RecordingPage {
	next?: string;
	recordings: Array<Recording>;
}

export interface RecordingPolicy {
	agents_hear: boolean;
	keep_days: number;
	mask_numbers: boolean;
	min_free_mb: number;
	phones_too: boolean;
	record: string;
	stop_free_mb: number;
}

export interface Report {
	before: ReportRow;
	from: string;
	opens: Record<string, string>;
	rows: Array<ReportRow>;
	rule: number;
	targets: Targets;
	to: string;
	total: ReportRow;
}

export interface ReportMail {
	at: string;
	disabled: boolean;
	every: string;
	form?: string;
	id: string;
	name: string;
	queues?: Array<string>;
	report: string;
	to: Array<string>;
}

export interface ReportRow {
	all_busy_ms: number;
	all_busy_times: number;
	answer_rate: number;
	answered: number;
	asked: number;
	average_out_talk_ms: number;
	average_talk_ms: number;
	average_wait_ms: number;
	break_ms: number;
	break_times: number;
	busy_ms: number;
	busy_times: number;
	calls: number;
	calls_per_hour: number;
	complaints: number;
	connected: number;
	for_person: number;
	founded: number;
	founded_rate: number;
	from?: string;
	handling_ms: number;
	held_ms: number;
	in_time: number;
	internal: number;
	key: string;
	lines: number;
	lines_peak: number;
	longest_wait_ms: number;
	missed: Record<string, number>;
	occupancy: number;
	offered: number;
	online_ms: number;
	opens: string;
	out_talk_ms: number;
	outcomes: Record<string, number>;
	outgoing: number;
	reached: number;
	ready_ms: number;
	resolved: number;
	satisfaction: number;
	service_level: number;
	sign_ins: number;
	talk_ms: number;
	to?: string;
	visits: number;
	voted: number;
	votes: Record<string, number>;
	wait_ms: number;
	wrap_up_ms: number;
}

export interface RestartInput {
	when: "now" | "quiet" | "later";
}

export interface Revision {
	revision: number;
	time: string;
	who: string;
	why?: string;
}

export interface RevisionAnswer {
	revision: number;
}

export interface RevisionsAnswer {
	revisions: Array<Revision>;
}

export interface Ring {
	for_seconds?: number;
	from?: string;
	keys?: string;
	line: string;
	say?: string;
	to?: string;
}

export interface Room {
	id: string;
	max_parties: number;
	name: string;
	number: string;
	pin: string;
}

export interface RoomInviteInput {
	to: string;
}

export interface RoomLockInput {
	on: boolean;
}

export interface Route {
	called: string;
	caller: string;
	disabled: boolean;
	hours: string;
	id: string;
	lines: Array<string>;
	periods: Array<string>;
	priority: number;
	to: string;
}

export interface SMSGateway {
	fingerprint?: string;
	secret: string;
	url: string;
}

export interface Saved {
	made: string;
	version: string;
}

export interface SavedState {
	saved?: Saved;
}

export interface Score {
	agent: string;
	by: string;
	note?: string;
	points: number;
	time: string;
}

export interface ScoreInput {
	agent?: string;
	note?: string;
	points: number;
}

export interface SegmentProof {
	first: number;
	last: number;
	linked: boolean;
	sha256: string;
	time: string;
}

export interface SelfTest {
	checks: Array<Check>;
	passed: boolean;
}

export interface Sending {
	by: string;
	id: string;
	next?: string;
	problem?: Text;
	refused?: Array<string>;
	state: string;
	time: string;
	to: number;
	tries: number;
}

export interface SessionsAnswer {
	sessions: Array<OwnSession>;
}

export interface SetupState {
	config?: Config;
	done: boolean;
	step?: string;
}

export interface SignInInput {
	password: string;
	user: string;
}

export interface SimHoldInput {
	on: boolean;
}

export interface SimPhone {
	answer_after_ms?: number;
	extension: string;
	never_answer?: boolean;
	say?: string;
	sound?: string;
	state?: string;
	talk_ms?: number;
}

export interface Site {
	answer_rate: number;
	area_code: string;
	codes: Array<string>;
	complaints: Array<string>;
	customer_url: string;
	emergency: Array<string>;
	hot_celsius: number;
	language: string;
	max_breaks: number;
	max_calls: number;
	name: string;
	notice: string;
	proxies: Array<string>;
	quiet_hour: string;
	time_zone: string;
	tones: string;
}

export interface SmsInput {
	text: string;
	to: Array<string>;
}

export interface Sound {
	language: string;
	length_ms: number;
	own: boolean;
}

export interface SpanConfig {
	blocked: Array<number>;
	called_type: string;
	calling_type: string;
	disabled: boolean;
	exclusive: boolean;
	id: string;
	language: string;
	name: string;
	numbers: Array<string>;
	overlap: boolean;
	select: string;
	side: string;
	way: string;
}

export interface SpanCounters {
	aborts: number;
	bad_fcs: number;
	code_violations: number;
	crc: number;
	far_end_crc: number;
	frame_slips: number;
	odd: number;
	overruns: number;
}

export interface SpansAnswer {
	spans: Array<LiveSpan>;
}

export interface SpecialDay {
	from: string;
	name: string;
	to: string;
	workday: boolean;
}

export interface SpeechInput {
	text: string;
}

export interface StaffReport {
	before: StaffRow;
	from: string;
	rows: Array<StaffRow>;
	to: string;
	total: StaffRow;
	turnover: Turnover;
}

export interface StaffRow {
	agent: string;
	attendance?: number;
	name?: string;
	online_ms: number;
	opens: string;
	planned_ms: number;
	points?: number;
	present_ms: number;
	scored: number;
	work_rate?: number;
	worked_ms: number;
}

export interface Status {
	board?: string;
	claimed: boolean;
	image?: boolean;
	language: string;
	name: string;
	no_passkeys?: Text;
	notice?: string;
	off?: Array<string>;
	person?: Person;
	revision?: number;
	simulated: boolean;
	started?: string;
	time: string;
	time_zone: string;
	version?: string;
}

export interface Stay {
	agent: string;
	from?: string;
	name?: string;
	until?: string;
}

export interface StoryLine {
	after_ms: number;
	fact: unknown;
	kind: string;
	seq: number;
	text: Text;
	time: string;
}

export interface StretchRow {
	agent: string;
	from: string;
	length_ms: number;
	open?: boolean;
	phone?: string;
	reason?: string;
	state: string;
	to: string;
}

export interface StretchesAnswer {
	stretches: Array<StretchRow>;
}

export interface Targets {
	connection: number;
	founded_complaints: number;
	handling_seconds: number;
	satisfaction: number;
	service_level: number;
}

export interface Text {
	en: string;
	zh: string;
}

export interface Token {
	by: string;
	created: string;
	expires?: string;
	id: string;
	name: string;
	queues?: Array<string>;
	role: string;
}

export interface TokenAnswer {
	secret: string;
	token: Token;
}

export interface TokenInput {
	expires?: string;
	name: string;
	queues?: Array<string>;
	role: "agent" | "supervisor" | "admin";
}

export interface TokenTeamInput {
	queues: Array<string>;
}

export interface TokensAnswer {
	tokens: Array<Token>;
}

export interface ToneBand {
	dbm0: number;
	hz: number;
}

export interface Trunk {
	codecs: Array<string>;
	disabled: boolean;
	dtmf: string;
	encryption?: string;
	expires_seconds: number;
	fingerprint?: string;
	host: string;
	id: string;
	identity?: string;
	language: string;
	max_calls: number;
	name: string;
	numbers: Array<string>;
	password: string;
	register: boolean;
	sources: Array<string>;
	transport: string;
	user: string;
	way: string;
}

export interface TryNumberAnswer {
	digits?: string;
	lines: Array<string>;
	rule: string;
	shown?: string;
	target: string;
	to: Text;
	why: Text;
}

export interface TryNumberInput {
	config?: Config;
	number: string;
	phone: string;
}

export interface TryRouteAnswer {
	against: Array<Against>;
	periods: Record<string, string>;
	priority: number;
	rule: string;
	target: string;
	to: Text;
	why: Text;
}

export interface TryRouteInput {
	called?: string;
	caller?: string;
	config?: Config;
	line: string;
	time?: string;
}

export interface Turnover {
	left: number;
	mean: number;
	rate?: number;
	since: string;
	stays: Array<Stay>;
}

export interface UpdateState {
	installed?: Installed;
	quiet_hour: string;
}

export interface User {
	agent?: string;
	created?: string;
	name: string;
	passkeys?: number;
	password: boolean;
	queues?: Array<string>;
	role: string;
	seen?: string;
}

export interface UserInput {
	agent?: string;
	name: string;
	new?: boolean;
	password?: string;
	queues?: Array<string>;
	role: "agent" | "supervisor" | "admin";
}

export interface UsersAnswer {
	users: Array<User>;
}

export interface Webhook {
	disabled: boolean;
	events: Array<string>;
	fingerprint?: string;
	id: string;
	name: string;
	secret: string;
	url: string;
}

export interface WebhookState {
	deliveries: Array<Delivery>;
	id: string;
}

export interface WebhooksAnswer {
	webhooks: Array<WebhookState>;
}

export interface Website {
	disabled: boolean;
	id: string;
	language: string;
	max_calls: number;
	name: string;
	origins: Array<string>;
	to: string;
}

export interface WorldState {
	day: boolean;
	lines: Array<string>;
	phones: Array<SimPhone>;
}
