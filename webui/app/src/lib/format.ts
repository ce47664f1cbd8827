import type { Caller } from './api';
import { box } from './box.svelte';
import { language, t } from './words.svelte';

const locale = () => (language() === 'zh' ? 'zh-CN' : 'en-GB');

/** Every time on the page is in the time zone of the box, wherever the reader is. */
const zone = () => box.status?.time_zone || 'UTC';

// One takes a slow computer milliseconds to make, and each row of the live page asks each second.
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = JSON.stringify([locale, zone(), options]);
	const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone() });
	formats.set(key, made);
	return made;
}

const format = (iso: string, options: Intl.DateTimeFormatOptions) => formatIn(locale(), options).format(new Date(iso));

export const clock = (iso: string) => format(iso, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
export const day = (iso: string) => format(iso, { month: 'short', day: 'numeric', weekday: 'short' });
export const moment = (iso: string) => format(iso, { dateStyle: 'long', timeStyle: 'medium' });

/** isoDay is a day as the API takes it, so many days before today in the box's zone. */
export const isoDay = (before = 0) => formatIn('en-CA', {}).format(new Date(box.now - before * 86_400_000));

/** isoDayOf is the day of a moment in the box's zone. */
export const isoDayOf = (iso: string) => formatIn('en-CA', {}).format(new Date(iso));

/** length is 0:07, 12:34 or 1:02:03. */
export function length(ms: number): string {
	const s = Math.max(0, Math.round(ms / 1000));
	const two = (n: number) => String(n).padStart(2, '0');
	const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
	return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** lasting is the same for what may last long: whole days from two on. */
export function lasting(iso: string, now: number): string {
	const days = Math.floor((now - Date.parse(iso)) / 86_400_000);
	return days < 2 ? since(iso, now) : t('days', { n: days });
}

/** since is how long ago by the box's clock. */
export const since = (iso: string, now: number) => length(now - Date.parse(iso));

export function caller(c: Caller): string {
	if (c.withheld || (!c.number && !c.name)) return t('caller.unknown');
	return c.name ? `${isolated(c.name)} ${c.number}`.trim() : c.number;
}

/** isolated keeps a name that is written from right to left from pulling the number beside it to its other side (UAX 9, 2.7). */
const isolated = (name: string) => (/[\u0590-\u08ff\ufb1d-\ufefc]/.test(name) ? `\u2068${name}\u2069` : name);

/** boxTime is the moment that "2026-11-25T09:00" is in the time zone of the box (RFC 3339). */
export function boxTime(local: string): string {
	const guess = Date.parse(local + 'Z');
	const name = formatIn('en', { timeZoneName: 'longOffset' }).formatToParts(guess).find((p) => p.type === 'timeZoneName')!.value;
	return local + ':00' + (name.replace('GMT', '') || 'Z');
}
