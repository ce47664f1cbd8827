import type { DaySpan, SpecialDay } from './api';
import { language } from './words.svelte';

/** weekday is Monday (1) to Sunday (7) as people write it. */
export function weekday(n: number): string {
	const day = new Date(Date.UTC(2024, 0, n)); // 1 January 2024 was a Monday
	return new Intl.DateTimeFormat(language() === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short', timeZone: 'UTC' }).format(day);
}

/** weekText is opening hours in a line: "Mon–Fri 09:00–18:00". */
export function weekText(week: DaySpan[]): string {
	return week
		.map((s) => {
			const days = [...s.days].sort((a, b) => a - b);
			const row = days.length > 2 && days.at(-1)! - days[0]! === days.length - 1;
			const names = row ? weekday(days[0]!) + '–' + weekday(days.at(-1)!) : days.map(weekday).join(' ');
			return `${names} ${s.from}–${s.to}`;
		})
		.join('; ');
}

/** A Calendar is the special days of one year as a file has them. */
export interface Calendar {
	name: string;
	source: string;
	days: SpecialDay[];
}

/**
 * special reads special days from a text: this page's own JSON, iCalendar (RFC 5545), the State Council's yearly notice, or lines of
 * "first day, last day, name, workday" with the last field 1, 班 or yes where the day is worked. It says how many entries it does not understand, and throws
 * when it understands none.
 */
export function special(text: string): { days: SpecialDay[]; unread: number } {
	const found = text.trimStart().startsWith('{')
		? (JSON.parse(text) as Calendar).days
		: text.includes('BEGIN:VCALENDAR')
			? events(text)
			: /[：:].*\d月\d+日.*放假/.test(text)
				? notice(text)
				: lines(text);
	const good = found.filter((d) => day.test(d.from) && day.test(d.to) && d.from <= d.to).map(({ name, from, to, workday }) => ({ name: String(name).slice(0, 64), from, to, workday: !!workday })); // prettier-ignore
	if (!good.length) throw new Error('no days');
	return { days: good, unread: found.length - good.length };
}

const day = /^\d{4}-\d{2}-\d{2}$/;
const worked = /^(1|y(es)?|true|是|班|上班|调休|补班|work(day)?)$/i;

/** read is what is written in a file: in UTF-8, or in the GB 18030 in which Excel in China saves CSV. */
export async function read(file: File): Promise<string> {
	const octets = await file.arrayBuffer();
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(octets);
	} catch {
		return new TextDecoder('gb18030').decode(octets);
	}
}

/** dayOf is a day as spreadsheets write it: 2026/1/1, 2026.1.1, 2026年1月1日. */
function dayOf(text: string): string {
	const [, year, month, date] = /^(\d{4})[-/.年](\d\d?)[-/.月](\d\d?)日?$/.exec(text) ?? [];
	return year ? [year, month!.padStart(2, '0'), date!.padStart(2, '0')].join('-') : '';
}

function lines(text: string): SpecialDay[] {
	const rows = text.split(/\r?\n/).filter((line) => /[^\s,，"]/.test(line));
	if (!/\d/.test(rows[0] ?? '')) rows.shift(); // the names of the columns
	return rows.map((line) => {
		const [from = '', to = '', name = '', work = ''] = line.split(/\t|,|，/).map((c) => c.trim().replace(/^"(.*)"$/, '$1'));
		return { name, from: dayOf(from), to: dayOf(to || from), workday: worked.test(work) };
	});
}

/**
 * notice reads what the State Council publishes each November or December: "一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"
 * A day without a year is of the year that the notice names first.
 */
function notice(text: string): SpecialDay[] {
	const [, year = ''] = /(\d{4})\s*年/.exec(text) ?? [];
	const date = (y: string | undefined, month: string, d: string) => [y || year, month.padStart(2, '0'), d.padStart(2, '0')].join('-');
	const found: SpecialDay[] = [];
	for (const part of text.replace(/\s|[（(][^）)]*[）)]/g, '').split(/[一二三四五六七八九十]+、/)) {
		const [, name = '', said = ''] = /^([^：:。]{2,16})[：:](.*)/.exec(part) ?? [];
		for (const sentence of said.split('。')) {
			const off = /(?:(\d{4})年)?(\d+)月(\d+)日(?:至(?:(\d{4})年)?(?:(\d+)月)?(\d+)日)?[^月]*放假/.exec(sentence);
			if (off) {
				const [, y, month = '', d = '', lastYear, lastMonth, last] = off;
				found.push({ name, from: date(y, month, d), to: date(lastYear ?? y, lastMonth ?? month, last ?? d), workday: false });
			} else if (sentence.endsWith('上班')) {
				for (const [, y, month = '', d = ''] of sentence.matchAll(/(?:(\d{4})年)?(\d+)月(\d+)日/g)) {
					found.push({ name: name + '调休上班', from: date(y, month, d), to: date(y, month, d), workday: true });
				}
			}
		}
	}
	return found;
}

/** unknown are the years about which nothing, or no moved workday, is known: this one, and the next from October on. */
export function unknown(list: SpecialDay[], today: string): { none: number[]; part: number[] } {
	const year = Number(today.slice(0, 4));
	const years = today.slice(5, 7) < '10' ? [year] : [year, year + 1];
	const of = (y: number) => list.filter((d) => d.to.startsWith(String(y)));
	return { none: years.filter((y) => !of(y).length), part: years.filter((y) => of(y).length && !of(y).some((d) => d.workday)) };
}

/** events reads whole-day events; DTEND is the day after the last (RFC 5545 3.6.1). A summary with 班 is a day of work. */
function events(text: string): SpecialDay[] {
	const unfolded = text.replace(/\r?\n[ \t]/g, '');
	return unfolded
		.split('BEGIN:VEVENT')
		.slice(1)
		.map((event) => {
			const get = (name: string) => new RegExp(`^${name}[^:\\r\\n]*:(.*)$`, 'm').exec(event)?.[1]?.trim() ?? '';
			const date = (s: string) => s.replace(/^(\d{4})(\d{2})(\d{2}).*$/, '$1-$2-$3');
			const from = date(get('DTSTART'));
			const end = date(get('DTEND'));
			const before = day.test(end) ? new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10) : from;
			return { name: get('SUMMARY').replace(/\\,/g, ','), from, to: before < from ? from : before, workday: /班/.test(get('SUMMARY')) };
		});
}

/** merge puts days into a list in the order of time; those of a year that the file covers take the place of the old. */
export function merge(old: SpecialDay[], fresh: SpecialDay[]): SpecialDay[] {
	const years = new Set(fresh.map((d) => d.to.slice(0, 4))); // a New Year's holiday may begin in December
	return [...old.filter((d) => !years.has(d.to.slice(0, 4))), ...fresh].sort((a, b) => a.from.localeCompare(b.from));
}
