import type { Config } from './api';

/** outside are the lines to the outside, by what people call them. */
export const outside = (c: Config): Array<[string, string]> => [
	...c.lines.map((l): [string, string] => [l.id, l.name || l.id]),
	...c.spans.map((s): [string, string] => [s.id, s.name || s.id]),
	...c.trunks.map((t): [string, string] => ['trunk/' + t.id, t.name || t.id]),
];
