import type { Config } from './api';

/** outside are the lines to the outside, by what people call them. */
export const outside = (c: Config): Array<[string, string]> => [
	...c.lines.map((l): [string, string] => [l.id, l.name || l.id]),
	...c.spans.map((s): [string, string] => [s.id, s.name || s.id]),
	...c.trunks.map((t): [string, string] => ['trunk/' + t.id, t.name || t.id]),
];

/** arrivals are the lines by which calls come in. */
export const arrivals = (c: Config): Array<[string, string]> => [...outside(c), ...c.websites.map((w): [string, string] => ['web/' + w.id, w.name || w.id])];
