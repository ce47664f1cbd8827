import type { Config, Key, Menu } from './api';
import { target } from './fields';
import { which } from './routes';
import { promptName, sounds } from './sounds.svelte';
import { listed, named, say, t } from './words.svelte';

/** An Exit is one way on from a place. Its path is the field of the configuration that holds where it leads. */
export interface Exit {
	path: string; // "menus[0].keys[2].to"
	word: string; // the key, or what sends a call this way
	to: string; // a target, or nothing
	key?: boolean;
}

/** A Place is where a call can be: a target, or a route or web site, which is where it comes from. */
export interface Place {
	id: string; // as a target is written; "route:office" for a route, "website:shop" for a web site
	kind: string;
	name: string;
	note: string;
	exits: Exit[];
	at?: string; // its path in the configuration: "menus[0]"
}

/** A Drawn place knows how many steps from the outside it is. */
export type Drawn = Place & { depth: number };

/** Targets that a call ends in, or goes back by: an exit says so itself, and no line is drawn. */
const alone = ['busy', 'hangup', 'return', 'extension'];
export const drawn = (to: string) => to !== '' && !alone.includes(to);

/** entrance says that calls come in by a place: nothing leads to it. */
export const entrance = (id: string) => /^(route|website):/.test(id);

/** What may stay empty says what that means. */
const otherwise: Record<string, () => string> = {
	on_fail: () => t('target.hangup'),
	on_timeout: () => t('target.wait'),
	on_nobody: () => t('target.wait'),
	on_full: () => t('target.nolimit'),
	on_leave: () => t('target.nokey'),
	no_answer: () => t('target.hangup'),
	busy: () => t('target.hangup'),
};

const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);

/** leads is where an exit leads, in words. */
export const leads = (e: Exit): string => (e.to ? target(e.to) : (otherwise[last(e.path)]?.() ?? t('target.choose')));

/** says is what a menu plays first. */
export function says(c: Config, m: Menu): string {
	const prompt = m.greetings[0]?.prompt;
	if (!prompt) return '';
	const text = c.prompts.find((p) => p.id === prompt)?.text ?? sounds.list.find((s) => s.id === prompt)?.text;
	return text && say(text) ? say(text) : promptName(prompt, c.prompts);
}

const fields = (at: string, of: object, names: string[], onlySet = false): Exit[] =>
	names.map((n) => ({ path: `${at}.${n}`, word: named('exit', n), to: (of as Record<string, string>)[n] ?? '' })).filter((e) => !onlySet || e.to);

function ofMenu(c: Config, m: Menu, i: number): Place {
	const at = `menus[${i}]`;
	const keys = (list: 'keys' | 'shortcuts') => m[list].map((k, j): Exit => ({ path: `${at}.${list}[${j}].to`, word: k.keys || '?', to: k.to, key: true }));
	return {
		id: 'menu:' + m.id, kind: 'menu', name: m.name || t('nameless'), note: says(c, m), at,
		exits: [...keys('keys'), ...keys('shortcuts'), { path: at + '.on_fail', word: t('flow.fail', { n: m.tries }), to: m.on_fail }],
	}; // prettier-ignore
}

/** place is a target and its ways on. */
export function place(c: Config, id: string): Place {
	const [kind = '', key = ''] = id.split(/:(.*)/s);
	const plain: Place = { id, kind, name: target(id).slice(named('target', kind).length).trim() || key, note: '', exits: [] };
	const find = <T>(list: T[], is: (e: T) => boolean, make: (e: T, i: number) => Place) => {
		const i = list.findIndex(is);
		return i < 0 ? plain : make(list[i]!, i);
	};
	switch (kind) {
		case 'website':
			return find(c.websites, (w) => w.id === key, (w, i) => ({
				...plain, name: w.name || t('nameless'), note: listed(w.origins), at: `websites[${i}]`,
				exits: [{ path: `websites[${i}].to`, word: t('flow.goes'), to: w.to }],
			})); // prettier-ignore
		case 'route':
			return find(c.routes, (r) => r.id === key, (r, i) => ({
				...plain, name: t('try.route', { n: i + 1 }), note: which(c, r), at: `routes[${i}]`, exits: [{ path: `routes[${i}].to`, word: t('flow.goes'), to: r.to }],
			})); // prettier-ignore
		case 'menu':
			return find(c.menus, (m) => m.id === key, (m, i) => ofMenu(c, m, i));
		case 'queue':
			return find(c.queues, (q) => q.id === key, (q, i) => ({
				...plain, name: q.name || key, note: t('flow.members', { n: q.members.length }), at: `queues[${i}]`,
				exits: fields(`queues[${i}]`, q, ['on_timeout', 'on_full', 'on_nobody', 'on_leave']),
			})); // prettier-ignore
		case 'phone':
			return find(c.phones, (p) => p.extension === key, (p, i) => ({
				...plain, name: `${p.extension} ${p.name}`, at: `phones[${i}]`, exits: fields(`phones[${i}]`, p, ['always', 'no_answer', 'busy'], true),
			})); // prettier-ignore
		case 'agent':
			return find(c.agents, (a) => a.id === key, (a, i) => ({
				...plain, name: `${a.name} ${a.id}`, at: `agents[${i}]`, exits: fields(`agents[${i}]`, a, ['always', 'no_answer', 'busy'], true),
			})); // prettier-ignore
	}
	return plain;
}

/** places are all that calls from outside can come to, in the order in which they come there; then the menus and queues to which nothing leads. */
export function places(c: Config): Drawn[] {
	const found = new Map<string, Drawn>();
	const unseen = (ids: string[]) => [...new Set(ids)].filter((id) => !found.has(id));
	const sites = c.websites.filter((w) => !w.disabled && w.to); // the calls of the others go by the routes
	let ring = [...c.routes.filter((r) => !r.disabled).map((r) => 'route:' + r.id), ...sites.map((w) => 'website:' + w.id)];
	for (let depth = 0; ; depth++) {
		if (!ring.length) {
			ring = unseen([...c.menus.map((m) => 'menu:' + m.id), ...c.queues.map((q) => 'queue:' + q.id)]).slice(0, 1);
			depth = 1; // beside those that a call comes to first
		}
		if (!ring.length) break;
		const here = ring.map((id) => ({ ...place(c, id), depth }));
		for (const p of here) found.set(p.id, p);
		ring = unseen(here.flatMap((p) => p.exits.map((e) => e.to)).filter(drawn));
	}
	return [...found.values()];
}

const step = /\w+/g;

/** put sets one field of the configuration by its path. */
export function put(c: Config, path: string, value: string): void {
	const steps = path.match(step)!;
	const name = steps.pop()!;
	const holder = steps.reduce((at, s) => (at as Record<string, unknown>)[s], c as unknown) as Record<string, unknown>;
	holder[name] = value;
}

/** keyList is the list of a menu that a key's exit is in, and its place there. */
function keyList(c: Config, path: string): [Key[], number] | undefined {
	const [, menu, list, key] = /^menus\[(\d+)\]\.(keys|shortcuts)\[(\d+)\]\.to$/.exec(path) ?? [];
	return menu ? [c.menus[Number(menu)]![list as 'keys' | 'shortcuts'], Number(key)] : undefined;
}

/** keyAt is the key of an exit, if it is one of a key. */
export function keyAt(c: Config, path: string): Key | undefined {
	const [list, i] = keyList(c, path) ?? [];
	return list?.[i!];
}

/** cut takes an exit away: a key goes, another leads nowhere. */
export function cut(c: Config, path: string): void {
	const [list, i] = keyList(c, path) ?? [];
	if (list) list.splice(i!, 1);
	else put(c, path, '');
}

/** freeKey is the next key of a menu that leads nowhere yet: digits first. */
export const freeKey = (m: Menu): string => [...'1234567890*#'].find((k) => !m.keys.some((key) => key.keys === k)) ?? '';

/** more says that a menu can take another key by drawing a line: a longer input is typed in the form. */
export const more = (m: Menu): boolean => m.collect === 'single' && freeKey(m) !== '';

/** lead makes an exit lead to a target. The exit "new" of a menu is a key that it has not yet. */
export function lead(c: Config, from: string, exit: string, to: string): void {
	const m = c.menus.find((x) => 'menu:' + x.id === from);
	if (exit === 'new' && m) m.keys.push({ keys: freeKey(m), to });
	else put(c, exit, to);
}

/** remove takes a menu away, and the keys and forwards that led to it. */
export function remove(c: Config, menu: string): void {
	for (const of of [...c.phones, ...c.agents]) {
		for (const when of ['always', 'no_answer', 'busy'] as const) if (of[when] === 'menu:' + menu) of[when] = '';
	}
	for (const v of c.vips) if (v.to === 'menu:' + menu) v.to = '';
	for (const p of [...c.menus.map((m) => 'menu:' + m.id), ...c.queues.map((q) => 'queue:' + q.id), ...c.routes.map((r) => 'route:' + r.id), ...c.websites.map((w) => 'website:' + w.id)]) {
		for (const e of place(c, p).exits.reverse()) if (e.to === 'menu:' + menu) cut(c, e.path);
	}
	c.menus = c.menus.filter((m) => m.id !== menu);
}

const wide = 330; // px from column to column
const gap = 28; // px between the places of a column

/** height is that of a drawn place, in px. Menus have a row more, from which a new key is drawn. */
const height = (p: Place): number => 62 + (p.note ? 24 : 0) + 31 * (p.exits.length + (p.kind === 'menu' ? 1 : 0));

/** layout puts what leads on to the right of what led there. */
export function layout(list: Drawn[]): Map<string, { x: number; y: number }> {
	const bottom: number[] = [];
	const at = new Map<string, { x: number; y: number }>();
	for (const p of list) {
		const y = bottom[p.depth] ?? 0;
		at.set(p.id, { x: p.depth * wide, y });
		bottom[p.depth] = y + height(p) + gap;
	}
	return at;
}
