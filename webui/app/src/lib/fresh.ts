import type { Agent, Config, DaySpan, Group, Hours, Mailbox, Menu, OutboundRule, Phone, Queue, ReportMail, Room, Route, Trunk, Webhook, Website } from './api';
import { config } from './draft.svelte';

// What a new thing is before anybody has said more of it: values that pass, and that most companies keep.

/** id is a name for programs: people see the name that they give. */
export function id(taken: Array<{ id: string }>, stem: string): string {
	for (let n = 1; ; n++) {
		const tried = n === 1 ? stem : `${stem}-${n}`;
		if (!taken.some((e) => e.id === tried)) return tried;
	}
}

/** secret is 16 letters and digits that nobody mistakes for each other, 5 bits each, for a phone or a trunk. */
export function secret(): string {
	const letters = 'abcdefghjkmnpqrstuvwxyz23456789A';
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => letters[n & 31]).join('');
}

/** pin is six digits that Validate takes. */
export function pin(): string {
	const digits = Array.from(crypto.getRandomValues(new Uint8Array(6)), (n) => String(n % 10)).join('');
	return /^(\d)\1+$/.test(digits) || '01234567890 09876543210'.includes(digits) ? pin() : digits;
}

/** nextNumber is the first free number of the plan from a start on: extensions, job numbers and queues share it. */
export function nextNumber(from: number): string {
	const c = config();
	const taken = new Set([...c.phones.map((p) => p.extension), ...c.agents.map((a) => a.id), ...c.queues.map((q) => q.number), ...c.rooms.map((r) => r.number)]);
	while (taken.has(String(from))) from++;
	return String(from);
}

const highest = (numbers: string[], from: number) => Math.max(from - 1, ...numbers.map(Number).filter((n) => n >= from && n < from * 2)) + 1;
/** usual is what the box does where the configuration says nothing. */
export const usual = { hotCelsius: 85 };

export const nextExtension = () => nextNumber(highest(config().phones.map((p) => p.extension), 801));
export const nextJob = () => nextNumber(highest(config().agents.map((a) => a.id), 1001));

export const phone = (extension: string, name: string): Phone => ({
	extension, name, password: secret(), permit: 'national', auto_answer: false, ring_seconds: 20, always: '', no_answer: '', busy: '', caller: '', port: '',
}); // prettier-ignore

export const agent = (job: string, name: string, at: string): Agent => ({
	id: job, name, pin: pin(), phone: at, always: '', no_answer: '', busy: '', hours: '',
}); // prettier-ignore

export const queue = (c: Config, name: string): Queue => ({
	id: id(c.queues, 'queue'), name, number: '', strategy: 'longest_idle', members: [], priority: 0, last_agent: false,
	greeting: 'queue_greeting', music: 'hold_music', say_position: true, say_wait: false, say_every_seconds: 30, max_waiting: 0,
	max_wait_seconds: 0, on_full: '', on_timeout: '', on_nobody: '', leave_key: '', on_leave: '', ring_seconds: 15,
	wrap_up_seconds: 10, announce_agent: false, record: '', notice_prompt: 'recording_notice', answer_seconds: 20, poll: false,
}); // prettier-ignore

export const menu = (c: Config, name: string): Menu => ({
	id: id(c.menus, 'menu'), name, language: '', greetings: [{ lines: [], period: '', prompt: 'main_menu' }], hours: '',
	collect: 'single', digits: 0, first_seconds: 5, next_seconds: 3, tries: 3, keys: [], extensions: true, shortcuts: [],
	invalid_prompt: 'invalid', on_fail: 'hangup',
}); // prettier-ignore

export const week = (): DaySpan => ({ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' });
export const hours = (c: Config, name: string): Hours => ({ id: id(c.hours, 'hours'), name, week: [week()], holidays: [] });

export const route = (c: Config): Route => ({
	id: id(c.routes, 'route'), lines: [], called: '', caller: '', hours: '', periods: [], to: '', priority: 0, disabled: false,
}); // prettier-ignore

export const outbound = (c: Config): OutboundRule => ({
	id: id(c.outbound, 'rule'), number: '', permit: 'local', strip: 0, prepend: '', groups: c.groups.slice(0, 1).map((g) => g.id), caller: '',
}); // prettier-ignore

export const trunk = (c: Config, name: string): Trunk => ({
	id: id(c.trunks, 'trunk'), name, way: 'both', host: '', transport: 'udp', user: '', password: '', register: true, expires_seconds: 3600,
	sources: [], numbers: [], dtmf: 'auto', codecs: [], max_calls: 10, language: '', disabled: false,
}); // prettier-ignore

export const group = (c: Config): Group => ({ id: id(c.groups, 'group'), lines: [], select: 'ascending', backup: '' });

export const mailbox = (c: Config, name: string): Mailbox => ({
	id: id(c.mailboxes, 'mailbox'), name, greeting: 'voicemail_greeting', max_seconds: 120, pin: pin(),
}); // prettier-ignore

export const room = (c: Config): Room => ({ id: id(c.rooms, 'room'), name: '', number: '', pin: pin(), max_parties: 16 });

/** webhookSecret is 32 octets in the form of Standard Webhooks. */
export const webhookSecret = (): string => 'whsec_' + btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));

export const webhook = (c: Config): Webhook => ({
	id: id(c.webhooks, 'webhook'), name: '', url: '', events: ['call.offered', 'call.ended'], secret: webhookSecret(), disabled: false,
}); // prettier-ignore

export const website = (c: Config): Website => ({ id: id(c.websites, 'site'), name: '', origins: [], to: '', max_calls: 10, language: '', disabled: false });

export const reportMail = (taken: ReportMail[]): ReportMail => ({
	id: id(taken, 'report'), name: '', report: 'queues', every: 'day', at: '07:00', form: 'xlsx', to: [], disabled: false,
}); // prettier-ignore
