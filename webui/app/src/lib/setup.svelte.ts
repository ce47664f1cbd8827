import type { CallPage, CallRecord, Config, LineStatus, SetupState } from './api';
import { box } from './box.svelte';
import { ask } from './client';
import { dirty, draft, read } from './draft.svelte';
import { group, id, mailbox, menu, outbound, queue, route } from './fresh';
import { t } from './words.svelte';

export const steps = ['company', 'lines', 'hours', 'people', 'greeting', 'review', 'proof'] as const;
export type Step = (typeof steps)[number];

/** How far the first set-up has come. The box keeps it with the draft: leaving and coming back loses nothing. */
export const setup = $state<{ step: Step; loaded: boolean; kept: boolean }>({ step: 'company', loaded: false, kept: true });

const rest = 500; // ms without a change until it is kept

/** resume goes on where the set-up was left. A draft that was made from older settings is dropped: somebody changed them. */
export async function resume(): Promise<void> {
	const [was] = await Promise.all([ask<SetupState>('GET', 'setup'), read()]);
	if (was.config && was.config.revision === draft.kept?.revision && !dirty()) draft.config = was.config;
	if (steps.includes(was.step as Step)) setup.step = was.step as Step;
	setup.loaded = true;
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** keep tells the box of the step and the draft, once nobody has typed for a moment. */
export function keep(): void {
	setup.kept = draft.stored = false;
	clearTimeout(timer);
	timer = setTimeout(() => void save(false), rest);
}

/** save tells it now. Until that is done, leaving the page asks first. */
export async function save(done: boolean): Promise<void> {
	clearTimeout(timer);
	const body = { step: setup.step, done, ...(dirty() ? { config: draft.config } : {}) };
	const text = JSON.stringify(draft.config);
	await ask('PUT', 'setup', body).then(
		() => (setup.kept = draft.stored = JSON.stringify(draft.config) === text),
		() => undefined,
	);
}

/** arrivals tells of the calls that come in from now on, the newest first, until it is stopped. */
export function arrivals(tell: (calls: CallRecord[]) => void): () => void {
	const since = Date.now() + box.skew;
	const timer = setInterval(async () => {
		const page = await ask<CallPage>('GET', 'calls?direction=in&limit=50').catch(() => undefined);
		tell(page?.calls.filter((call) => Date.parse(call.arrived) > since) ?? []);
	}, 1000);
	return () => clearInterval(timer);
}

/** found puts the lines that the box has into the draft, if nobody named them yet. */
export function found(c: Config, lines: LineStatus[]): void {
	for (const { id: line } of lines) {
		const way = { id: line, name: '', way: 'both', numbers: [], language: '', disabled: false };
		if (/^fxo\/\d+$/.test(line) && !c.lines.some((l) => l.id === line)) {
			const wire = { polarity_answer: false, silence_seconds: 0, longest_minutes: 0, dial: 'tone', dial_tone_seconds: 0, echo: 'auto', early_caller: false, busy_tone: { hz: [], cadence_ms: [] } };
			c.lines.push({ ...way, ...wire, name: t('setup.line', { n: line.slice(4) }) });
		}
		if (/^e1\/\d+$/.test(line) && !c.spans.some((s) => s.id === line)) {
			const isdn = { side: 'user', select: 'descending', exclusive: true, overlap: false, called_type: 'unknown', calling_type: 'unknown' };
			c.spans.push({ ...way, name: 'E1 ' + line.slice(3), ...isdn, blocked: [] });
		}
	}
}

/** complete adds what a company needs to be reached and does not have yet: a queue, codes of what calls are about, a mailbox, a menu,
 * routes, a way out. */
export function complete(c: Config): void {
	if (!c.site.codes.length) Object.assign(c.site, { codes: t('setup.codes').split('/'), complaints: [t('setup.complaint')] });
	if (!c.queues.length) {
		const q = queue(c, t('setup.queue'));
		q.members = c.agents.map((a) => ({ agent: a.id, level: 1 }));
		c.queues.push(q);
	}
	if (!c.mailboxes.length) c.mailboxes.push(mailbox(c, t('setup.mailbox')));
	const voicemail = 'voicemail:' + c.mailboxes[0]!.id;
	if (!c.menus.length) {
		const m = menu(c, t('setup.menu'));
		const welcome = { id: id(c.prompts, 'company_greeting'), name: t('setup.welcome'), text: { zh: '', en: '' } };
		c.prompts.push(welcome);
		m.greetings[0]!.prompt = welcome.id;
		m.keys = c.queues.slice(0, 9).map((q, i) => ({ keys: String(i + 1), to: 'queue:' + q.id }));
		m.keys.push({ keys: '0', to: c.phones[0] ? 'phone:' + c.phones[0].extension : 'queue:' + c.queues[0]!.id });
		m.on_fail = 'queue:' + c.queues[0]!.id;
		c.menus.push(m);
	}
	if (!c.routes.length) {
		const hours = c.hours[0]?.id ?? '';
		if (hours) c.routes.push({ ...route(c), id: 'off', hours, periods: ['off', 'holiday'], to: voicemail });
		c.routes.push({ ...route(c), id: 'work', to: 'menu:' + c.menus[0]!.id });
	}
	wayOut(c);
}

/** wayOut lets phones dial outside: emergency numbers need no rule. */
function wayOut(c: Config): void {
	const lines = [...c.spans.map((s) => s.id), ...c.trunks.map((k) => 'trunk/' + k.id), ...c.lines.map((l) => l.id)];
	if (!c.groups.length && lines.length) c.groups.push({ ...group(c), id: 'out', lines });
	if (c.outbound.length || !c.groups.length) return;
	const plan = c.site.tones === 'cn'
		? [['local', '[2-8]XXXXXXX', 'local'], ['mobile', '1[3-9]XXXXXXXXX', 'local'], ['international', '00Z.', 'international'], ['national', '0Z.', 'national']]
		: [['international', '00.', 'international'], ['national', 'X.', 'national']]; // prettier-ignore
	for (const [stem, number, permit] of plan) {
		c.outbound.push({ ...outbound(c), id: id(c.outbound, stem!), number: number!, permit: permit!, groups: [c.groups[0]!.id] });
	}
}

/** keyToQueue is the key that leads a caller from the first menu to a queue. */
export const keyToQueue = (c: Config): string => c.menus[0]?.keys.find((k) => k.to.startsWith('queue:') && /^\d$/.test(k.keys))?.keys ?? '';

/** words is a greeting for a menu: who we are, and what each key does. */
export function words(c: Config, language: 'zh' | 'en'): string {
	const keys = (c.menus[0]?.keys ?? []).map(({ keys, to }) => {
		const menu = c.menus.find((m) => 'menu:' + m.id === to);
		const queue = c.queues.find((q) => 'queue:' + q.id === to);
		const other = menu?.language && menu.language !== language ? { zh: '英语', en: 'Chinese' }[language] : '';
		const name = other || (menu ?? queue)?.name;
		const message = to.startsWith('voicemail:');
		if (to === 'hangup') return '';
		if (language === 'zh') return `${name ? name + '请' : message ? '留言请' : '人工请'}按${keys}`;
		return `${name ? `For ${name}` : message ? 'To leave a message' : 'To speak to a person'}, press ${keys}`;
	});
	if (language === 'zh') return [`您好，欢迎致电${c.site.name}`, ...keys].filter(Boolean).join('，') + '。';
	return [`Welcome to ${c.site.name}`, ...keys].filter(Boolean).join('. ') + '.';
}

const stepOf: Record<string, Step> = {
	site: 'company', lines: 'lines', spans: 'lines', trunks: 'lines', groups: 'lines', outbound: 'lines', hours: 'hours',
	phones: 'people', agents: 'people', queues: 'people',
}; // prettier-ignore

/** stepFor is the step that has the field of a problem. */
export const stepFor = (path: string): Step => stepOf[/^\w+/.exec(path)?.[0] ?? ''] ?? 'greeting';
