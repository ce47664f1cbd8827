import type { Config, Route } from './api';
import { arrivals } from './lines';
import { listed, named, t } from './words.svelte';

/** from is where a route's calls may come from: the lines, and the groups of them. */
export const from = (c: Config): Array<[string, string]> => [...arrivals(c), ...c.groups.map((g): [string, string] => [g.id, t('route.group', { id: g.id })])];

const during = (hours: string, periods: string[]) =>
	periods.length ? t('route.hours', { hours, periods: listed(periods.map((v) => named('opt', 'periods.' + v))) }) : t('route.always');

/** which is the calls that a route takes, in words. */
export function which(c: Config, r: Route): string {
	const names = new Map(from(c));
	return [
		listed(r.lines.map((l) => names.get(l) ?? l)) || t('route.anyline'),
		r.called && t('route.called', { n: r.called }),
		r.caller && t('route.caller', { n: r.caller }),
		r.hours && during(c.hours.find((h) => h.id === r.hours)?.name ?? r.hours, r.periods),
	].filter(Boolean).join(' · '); // prettier-ignore
}
