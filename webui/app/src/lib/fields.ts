import type { Config, DaySpan } from './api';
import { weekText } from './calendar';
import { draft } from './draft.svelte';
import { listed, maybe, named, t } from './words.svelte';

/** field is a path without its places: "queues[0].ring_seconds" and "queues[sales].ring_seconds" are queues.ring_seconds. */
export const field = (path: string): string => path.replace(/\[[^\]]*\]/g, '');

export const fieldName = (path: string): string => named('cfg', field(path));
export const fieldHint = (path: string): string => maybe('hint', field(path));

/** choice is what people call a value of a field that has a few. */
export const choice = (path: string, value: string): string => named('opt', path.slice(path.lastIndexOf('.') + 1) + '.' + (value || 'none'));

type Named = { id?: string; extension?: string; number?: string; name?: string; note?: string };

/** nameOf is what people call an element of a list of the configuration, by its key or by its place. */
export function nameOf(list: string, key: string): string {
	const keyOf = (e: Named) => e.id ?? e.extension ?? e.number;
	for (const c of [draft.config, draft.kept]) {
		const elements = (c?.[list as keyof Config] ?? []) as Named[];
		const found = Array.isArray(elements) && (elements.find((e) => keyOf(e) === key) ?? elements[Number(key)]);
		if (found) return [found.name || found.note, keyOf(found)].filter(Boolean).join(' ');
	}
	return key;
}

const lists: Record<string, string> = {
	menu: 'menus',
	queue: 'queues',
	phone: 'phones',
	agent: 'agents',
	voicemail: 'mailboxes',
	room: 'rooms',
	prompt: 'prompts',
};

/** target is a place that a call can be sent to, in words. */
export function target(to: string): string {
	if (!to) return t('target.none');
	const [kind = '', id = ''] = to.split(/:(.*)/s);
	const list = lists[kind];
	return (named('target', kind) + ' ' + (list ? nameOf(list, id).replace(id, '').trim() || id : id)).trim();
}

const pages: Record<string, string> = {
	site: 'company',
	'site.answer_rate': 'targets',
	'site.hot_celsius': 'alarms',
	'mail.alarms': 'alarms',
	phones: 'people',
	agents: 'people',
	spans: 'lines',
	trunks: 'lines',
	groups: 'lines',
	blacklist: 'lists',
	vips: 'lists',
	off: 'functions',
	sms: 'mail',
};
const inDetail = ['phones', 'agents', 'queues', 'menus', 'hours', 'lines', 'spans', 'trunks', 'groups', 'webhooks'];

/** whereIs is the page of the settings that has a field: of its place in a list, or of the name of what is there. */
export function whereIs(path: string): string {
	const [, list = '', place = ''] = /^(\w+)(?:\[([^\]]*)\])?/.exec(path) ?? [];
	const page = '/settings/' + (pages[path] ?? pages[list] ?? list);
	if (!place || !inDetail.includes(list)) return page;
	const elements = draft.config?.[list as keyof Config] as unknown as Named[];
	const element = /^\d+$/.test(place) && elements[Number(place)] ? elements[Number(place)] : undefined;
	const key = element ? (element.id ?? element.extension ?? '') : place;
	const prefix = { agents: 'agent-', trunks: 'trunk/', groups: 'group/' }[list] ?? '';
	return page + '/' + encodeURIComponent(prefix + key);
}

/** value is a value of the configuration as people read it. */
export function value(path: string, v: unknown): string {
	if (v === undefined || v === null || v === '') return t('value.none');
	if (typeof v === 'boolean') return t(v ? 'value.yes' : 'value.no');
	if (Array.isArray(v)) return v.length ? listed(v.map((e) => value(path, e))) : t('value.none');
	if (typeof v === 'object') {
		const own = v as Record<string, unknown>;
		if (field(path) === 'hours.week') return weekText([v as DaySpan]);
		const words = ['name', 'question', 'note', 'id', 'extension', 'number', 'agent', 'keys', 'from', 'to', 'prompt'].filter((w) => own[w] !== undefined && own[w] !== '');
		const said = words.map((w) => value(path + '.' + w, own[w]));
		if (own.workday) said.push(fieldName(path + '.workday'));
		return [...new Set(said)].join(' '); // one day is named once
	}
	const text = String(v);
	const option = maybe('opt', path.slice(path.lastIndexOf('.') + 1) + '.' + text);
	if (option) return option;
	return /^(menu|queue|phone|agent|outside|voicemail|room|prompt):|^(busy|hangup|return|extension)$/.test(text) ? target(text) : text;
}

/** place is a path in words: the list, the name of the element, the field. A list within is told by its keys in a difference, and
 * counted from 1 where something is wrong. */
export function place(path: string, counted = false): { of: string; what: string } {
	const [, list = '', key, rest = ''] = /^(\w+)(?:\[([^\]]*)\])?\.?(.*)$/.exec(path) ?? [];
	const of = named('cfg', list) + (key === undefined ? '' : ' · ' + nameOf(list, key));
	return { of, what: rest ? fieldName(list + '.' + rest) + inner(rest, counted) : '' };
}

const inner = (rest: string, counted: boolean) => (rest.match(/\[([^\]]*)\]/g) ?? []).map((p) => ' ' + (counted ? Number(p.slice(1, -1)) + 1 : p.slice(1, -1))).join('');

/** changed takes the detail of a changed configuration's audit line apart: the reason, and behind it the paths of what was changed,
 * with their words. Only what the page has a word for is taken for a path. */
export function changed(detail: string): { why: string; places: Array<{ path: string; said: string }> } {
	const words = detail.split(' ');
	const places: Array<{ path: string; said: string }> = [];
	for (let path = words.at(-1); path && maybe('cfg', /^\w+/.exec(path)?.[0] ?? ''); path = words.at(-1)) {
		const { of, what } = place(path);
		places.unshift({ path, said: [of, what].filter(Boolean).join(' · ') });
		words.pop();
	}
	return { why: words.join(' '), places };
}
