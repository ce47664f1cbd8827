import type { Live, Names, Status } from './api';
import { ask, type Refusal, asRefusal } from './client';

/** What the page knows of the box. One object, changed only here. */
export const box = $state<{
	status?: Status;
	trouble?: Refusal; // why there is no status
	live?: Live;
	names: Names; // by id
	link: 'off' | 'on' | 'lost'; // of the live events
	skew: number; // milliseconds that the box's clock is ahead of this computer's
	now: number; // the box's clock, each second
}>({ names: { lines: {}, queues: {}, agents: {}, menus: {}, mailboxes: {}, rooms: {} }, link: 'off', skew: 0, now: Date.now() });

setInterval(() => (box.now = Date.now() + box.skew), 1000);

/** look asks who we are, and starts or stops watching accordingly. */
export async function look(): Promise<void> {
	try {
		const status = await ask<Status>('GET', 'status');
		box.skew = Date.parse(status.time) - Date.now();
		box.status = status;
		box.trouble = undefined;
		if (!status.person) return unwatch();
		watch();
		box.names = await ask<Names>('GET', 'names');
	} catch (error) {
		box.trouble = asRefusal(error);
		if (box.status) box.link = 'lost';
		setTimeout(look, retry);
	}
}

/** called is what people call the thing with an id. */
export const called = (kind: keyof Names, id: string | undefined): string => (id && box.names[kind][id]) || id || '';

/** team are the queues beyond which the supervisor who is signed in sees nothing; none: there are no bounds. */
export const team = (): string[] => box.status?.person?.queues ?? [];

const retry = 3000; // ms until a lost link is tried again
const silence = 25_000; // ms without a beat after which the link counts as lost

let events: EventSource | undefined;
let heard = 0;

function watch(): void {
	if (events) return;
	const source = new EventSource('/api/live/events');
	events = source;
	heard = Date.now();
	source.addEventListener('live', (e: MessageEvent<string>) => {
		const live = JSON.parse(e.data) as Live;
		heard = Date.now();
		box.live = live;
		box.link = 'on';
	});
	source.addEventListener('beat', () => {
		heard = Date.now();
		box.link = 'on';
	});
	source.onerror = () => {
		box.link = 'lost';
		if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
		unwatch();
		setTimeout(look, retry); // perhaps the session ended
	};
}

function unwatch(): void {
	events?.close();
	events = undefined;
}

setInterval(() => {
	if (events && Date.now() - heard > silence) {
		unwatch();
		box.link = 'lost';
		void look();
	}
}, 5000);

export async function signOut(): Promise<void> {
	await ask('DELETE', 'session').catch(() => undefined);
	unwatch();
	box.live = undefined;
	await look();
}

const ranks = ['agent', 'supervisor', 'admin'];

/** may says that the person who is signed in has a role. The box checks it again at each request. */
export function may(role: 'agent' | 'supervisor' | 'admin'): boolean {
	return ranks.indexOf(box.status?.person?.role ?? '') >= ranks.indexOf(role);
}

/** has says that a function of the box is switched on. */
export const has = (f: string): boolean => !box.status?.off?.includes(f);

// The company's notice reaches pages that are open, and so does what is switched off.
setInterval(async () => {
	const now = box.status?.person && (await ask<Status>('GET', 'status').catch(() => undefined));
	if (now && box.status) Object.assign(box.status, { notice: now.notice, off: now.off });
}, 15_000);

// Names change seldom: a queue that was renamed shows within five minutes.
setInterval(
	() =>
		box.status?.person &&
		ask<Names>('GET', 'names')
			.then((n) => (box.names = n))
			.catch(() => undefined),
	300_000,
);
