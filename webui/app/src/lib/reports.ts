import type { Report, ReportRow } from './api';
import { called, team } from './box.svelte';
import { isoDay, length } from './format';
import { language, named, t, type Word } from './words.svelte';

export const kinds = ['hourly', 'slots', 'daily', 'weekly', 'monthly', 'queues', 'agents', 'lines', 'menus'] as const;
export type Kind = (typeof kinds)[number];

/** A Choice is what a report is asked for: days, and one queue, agent or line. */
export interface Choice {
	from: string;
	to: string;
	queue: string;
	agent: string;
	line: string;
}

/** A Period is days from so many before today to so many. */
export const periods = {
	today: { word: 'calls.today', from: 0, to: 0 },
	yesterday: { word: 'calls.yesterday', from: 1, to: 1 },
	week: { word: 'calls.week', from: 6, to: 0 },
	month: { word: 'calls.month', from: 29, to: 0 },
	year: { word: 'report.year', from: 364, to: 0 },
} as const;
export type Period = keyof typeof periods;

export const days = (p: Period) => ({ from: isoDay(periods[p].from), to: isoDay(periods[p].to) });

/** A Figure is a column: how it reads, and by which of the report's queries its calls open; undefined where it counts none. */
export interface Figure {
	word: Word;
	of: (r: ReportRow) => number;
	text: (n: number) => string;
	opens?: string;
	whole?: (r: ReportRow) => number; // what a rate or an average is of: of nothing there is none
	worse?: boolean; // more is worse
	target?: (r: Report) => number; // what it is held to (A11.13); 0: nothing
}

export const count = (n: number) => n.toLocaleString(language() === 'zh' ? 'zh-CN' : 'en-GB');
export const percent = (n: number) => n.toFixed(1) + ' %';
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, n) => all + n, 0);
export const tenth = (n: number) => n.toFixed(1);

/** unit is what a report tells of calls: how they fared in a queue, with an agent or in a menu, or all in all. */
export function unit(kind: Kind, c: Choice): 'visits' | 'talks' | 'inputs' | 'calls' {
	if (kind === 'menus') return 'inputs';
	if (kind === 'queues' || (c.queue && kind !== 'agents' && kind !== 'lines')) return 'visits';
	if (kind === 'agents' || (c.agent && kind !== 'lines')) return 'talks';
	return 'calls';
}

/** figures are the columns of a report, in order (A11.2-A11.13). */
export function figures(kind: Kind, c: Choice): Figure[] {
	const of = unit(kind, c);
	if (of === 'inputs') return [{ word: 'report.inputs', of: (r) => r.offered, text: count, opens: 'offered' }];
	const inbound: Figure[] = [
		{ word: 'report.answered', of: (r) => r.answered, text: count, opens: 'answered' },
		{ word: 'report.averagetalk', of: (r) => r.average_talk_ms, text: length, whole: (r) => r.answered },
		{ word: 'report.talk', of: (r) => r.talk_ms, text: length },
	];
	const outbound: Figure[] = [
		{ word: 'report.outgoing', of: (r) => r.outgoing, text: count, opens: 'outgoing' },
		{ word: 'report.connected', of: (r) => r.connected, text: count, opens: 'connected' },
		{ word: 'report.outaverage', of: (r) => r.average_out_talk_ms, text: length, whole: (r) => r.connected },
		{ word: 'report.outtalk', of: (r) => r.out_talk_ms, text: length },
	];
	const ballot: Figure[] = [
		{ word: 'report.asked', of: (r) => r.asked, text: count, opens: 'asked' },
		{ word: 'report.voted', of: (r) => r.voted, text: count, opens: 'voted' },
		...(['1', '2', '3', '4'] as const).map((v): Figure => ({ word: `report.vote.${v}`, of: (r) => r.votes[v] ?? 0, text: count, opens: 'votes/' + v, worse: v > '2' })),
		{ word: 'report.satisfaction', of: (r) => r.satisfaction, text: percent, whole: (r) => r.voted, target: (r) => r.targets.satisfaction },
	];
	const complaints: Figure[] = [
		{ word: 'report.complaints', of: (r) => r.complaints, text: count, opens: 'complaints', worse: true },
		{ word: 'report.founded', of: (r) => r.founded, text: count, opens: 'founded', worse: true },
		{ word: 'report.foundedrate', of: (r) => r.founded_rate, text: tenth, whole: (r) => r.calls, worse: true, target: (r) => r.targets.founded_complaints },
	];
	const resolved: Figure = { word: 'report.resolved', of: (r) => r.resolved, text: percent, whole: (r) => r.answered };
	const unconnected: Figure[] = [
		{ word: 'report.unconnected', of: (r) => r.outgoing - r.connected, text: count, opens: 'unconnected', worse: true },
		{ word: 'report.outrate', of: (r) => (r.outgoing ? (100 * r.connected) / r.outgoing : 0), text: percent, whole: (r) => r.outgoing },
	];
	const handling: Figure = { word: 'report.handling', of: (r) => r.handling_ms, text: length, whole: (r) => r.handling_ms, worse: true, target: (r) => 1000 * r.targets.handling_seconds };
	const work: Figure[] = [
		{ word: 'report.signins', of: (r) => r.sign_ins, text: count },
		{ word: 'report.online', of: (r) => r.online_ms, text: length },
		{ word: 'report.busytimes', of: (r) => r.busy_times, text: count },
		{ word: 'report.busy', of: (r) => r.busy_ms, text: length },
		{ word: 'report.breaktimes', of: (r) => r.break_times, text: count },
		{ word: 'report.break', of: (r) => r.break_ms, text: length },
		{ word: 'report.wrapup', of: (r) => r.wrap_up_ms, text: length },
		handling,
		{ word: 'report.perhour', of: (r) => r.calls_per_hour, text: tenth, whole: (r) => r.online_ms },
		{ word: 'report.occupancy', of: (r) => r.occupancy, text: percent, whole: (r) => r.online_ms },
	];
	if (of === 'talks') return [...inbound, resolved, ...ballot, ...complaints, ...outbound, ...work];
	const [answered, ...talk] = inbound as [Figure, ...Figure[]];
	const came: Figure = { word: of === 'visits' ? 'report.visits' : 'report.offered', of: (r) => r.offered, text: count, opens: 'offered' };
	const wanted: Figure = { word: 'report.forperson', of: (r) => r.for_person, text: count, opens: 'for_person' };
	const offered: Figure[] = [
		...(of === 'visits' ? [came] : [came, wanted]),
		answered,
		{ word: 'report.missed', of: (r) => sum(r.missed), text: count, opens: 'missed', worse: true },
		{ word: 'report.rate', of: (r) => r.answer_rate, text: percent, whole: (r) => r.for_person, target: (r) => r.rule },
		resolved,
	];
	const reached: Figure = { word: 'report.reached', of: (r) => r.reached, text: percent, whole: (r) => r.offered - (r.outcomes.refused ?? 0), target: (r) => r.targets.connection };
	const [outgoing, connected, ...outtalk] = outbound as [Figure, Figure, ...Figure[]];
	const outside = [outgoing, connected, ...unconnected, ...outtalk];
	const waits: Figure[] = [
		{ word: 'report.level', of: (r) => r.service_level, text: percent, whole: (r) => r.visits, target: (r) => r.targets.service_level },
		{ word: 'report.averagewait', of: (r) => r.average_wait_ms, text: length, whole: (r) => r.visits, worse: true },
		{ word: 'report.longestwait', of: (r) => r.longest_wait_ms, text: length, whole: (r) => r.visits, worse: true },
	];
	if (of === 'visits') return [...offered, ...ballot, ...complaints, ...waits, ...talk];
	const lines: Figure[] = [
		{ word: 'report.linespeak', of: (r) => r.lines_peak, text: count },
		{ word: 'report.allbusytimes', of: (r) => r.all_busy_times, text: count, worse: true },
		{ word: 'report.allbusy', of: (r) => r.all_busy_ms, text: length, worse: true },
	];
	const full = team().length ? [] : lines; // the calls of others have them, too
	if (kind === 'lines') return [...offered, reached, ...complaints, ...talk, ...outside, ...full];
	return [...offered, reached, ...ballot, ...complaints, ...waits, ...talk, ...(c.line ? [] : [handling]), ...outside, ...full]; // no wrap-up is of a line
}

/** votes are the columns of what callers answered (A11.5). */
export const votes = new Set<Word>(['report.asked', 'report.voted', 'report.vote.1', 'report.vote.2', 'report.vote.3', 'report.vote.4', 'report.satisfaction']);

/** An Ending is how calls ended, as a column. */
export interface Ending {
	name: string;
	text: string;
}

/** endings are the outcomes that occur, as columns behind the others. */
export function endings(kind: Kind, c: Choice, report: Report): Ending[] {
	const of = unit(kind, c);
	if (of === 'talks') return [];
	return Object.keys(report.total.outcomes)
		.filter((name) => name !== 'answered')
		.sort()
		.map((name): Ending => {
			if (of === 'visits') return { name, text: named('unqueued', name) };
			if (of === 'inputs') return { name, text: input(name) };
			return { name, text: named('outcome', name) };
		});
}

/** input is what led on from a menu, in words. */
export const input = (name: string) => (/^[\d*#]+$/.test(name) ? t('report.key', { key: name }) : named('menuend', name));

/** empty says that a row has no such figure. */
export const empty = (c: Figure, r: ReportRow) => !(c.whole ?? c.of)(r);

/** aim is what a figure is held to; undefined where there is no target, or nothing that could meet it. */
export function aim(c: Figure, report: Report, row: ReportRow): { target: number; met: boolean } | undefined {
	const target = c.target?.(report);
	if (!target || empty(c, row)) return undefined;
	return { target, met: c.worse ? c.of(row) <= target : c.of(row) >= target };
}

/** A Tile is a figure that is read first, and how it was in the stretch of time before; now is undefined where there is none. */
export interface Tile {
	word: Word;
	text: (n: number) => string;
	now: number | undefined;
	before: number;
	worse?: boolean; // more is worse
	aim?: { target: number; met: boolean };
	to?: string; // its calls
}

const first: Word[] = ['report.offered', 'report.visits', 'report.inputs', 'report.forperson', 'report.answered', 'report.missed', 'report.rate', 'report.level', 'report.averagewait', 'report.averagetalk', 'report.outgoing', 'report.connected', 'report.handling', 'report.satisfaction', 'report.foundedrate']; // prettier-ignore

/** tiles are the figures of all rows together that are read first. */
export const tiles = (report: Report, columns: Figure[]): Tile[] =>
	columns
		.filter((c) => first.includes(c.word))
		.map((c) => ({
			word: c.word,
			text: c.text,
			now: c.whole && empty(c, report.total) ? undefined : c.of(report.total),
			before: c.of(report.before),
			worse: c.worse,
			aim: aim(c, report, report.total),
			to: c.opens && !empty(c, report.total) ? behind(report, report.total, c.opens) : undefined,
		}));

/** behind is the address of the calls behind a count of a row; undefined where it counts none. */
export function behind(report: Report, row: ReportRow, opens: string): string | undefined {
	const of = report.opens[opens];
	return of === undefined ? undefined : '/calls?' + [row.opens, of].filter(Boolean).join('&');
}

/** title is what a row stands for. */
export function title(kind: Kind, row: ReportRow): string {
	const zone = (day: string, options: Intl.DateTimeFormatOptions) =>
		new Intl.DateTimeFormat(language() === 'zh' ? 'zh-CN' : 'en-GB', { ...options, timeZone: 'UTC' }).format(new Date(day + 'T00:00:00Z'));
	switch (kind) {
		case 'hourly':
			return `${zone(row.key.slice(0, 10), { month: 'numeric', day: 'numeric' })} ${row.key.slice(11, 16)}`;
		case 'slots':
			return row.key + ':00';
		case 'daily':
			return zone(row.key, { month: 'short', day: 'numeric', weekday: 'short' });
		case 'weekly':
			return t('report.week', { week: Number(row.key.slice(6)), year: row.key.slice(0, 4) });
		case 'monthly':
			return zone(row.key + '-01', { month: 'long', year: 'numeric' });
		case 'queues':
			return called('queues', row.key);
		case 'agents':
			return `${called('agents', row.key)} ${row.key}`;
		case 'lines':
			return called('lines', row.key);
		case 'menus':
			return called('menus', row.key);
	}
}
