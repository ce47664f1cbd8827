import { called } from '../lib/box.svelte';
import { isoDay, moment } from '../lib/format';
import { input } from '../lib/reports';
import { named, t } from '../lib/words.svelte';

const some = '*'; // a queue, agent, line or menu, whichever
const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);

/** ends of a stretch of time go together. */
export const ends = ['from', 'to'];

/** A Filter chooses calls: by fields, and by narrow conditions without one, which are exact moments and what only reports ask for. */
export class Filter {
	fields = $state({ number: '', from: isoDay(6), to: isoDay(), direction: '', outcome: '', queue: '', agent: '', closed: '' });
	narrow = $state<Record<string, string>>({});

	/** What the address asks for, as a figure of a report does, goes before the usual week. */
	constructor(search: string) {
		for (const [name, value] of new URLSearchParams(search)) {
			const exact = ends.includes(name) ? !isDay(value) : value === some && name !== 'closed';
			if (name in this.fields && !exact) this.fields[name as keyof Filter['fields']] = value;
			else if ([...ends, 'queue', 'agent', 'line', 'menu', 'input', 'reason', 'answered', 'for_person', 'hour', 'vote', 'scored', 'complaint'].includes(name)) this.narrow[name] = value;
		}
	}

	get chosen(): Record<string, string> {
		return { ...this.fields, ...this.narrow };
	}

	/** widen drops narrow conditions, as another of the same field does. */
	widen(...names: string[]): void {
		this.narrow = Object.fromEntries(Object.entries(this.narrow).filter(([name]) => !names.includes(name)));
	}

	/** last chooses today and so many days before it; 1 is yesterday alone. */
	last(days: number): void {
		this.fields.from = isoDay(days);
		this.fields.to = isoDay(days === 1 ? 1 : 0);
		this.widen(...ends);
	}

	/** The narrow conditions in words. */
	get conditions(): Array<{ name: string; text: string }> {
		return Object.entries(this.narrow)
			.filter(([name]) => name !== 'to' || !this.narrow.from)
			.map(([name, value]) => ({ name, text: this.#said(name, value) }));
	}

	#said(name: string, value: string): string {
		switch (name) {
			case 'from':
				return `${moment(value)} – ${this.narrow.to ? moment(this.narrow.to) : ''}`;
			case 'line':
			case 'menu':
			case 'queue':
			case 'agent':
				return value === some ? named('anyof', name) : called(`${name}s`, value);
			case 'input':
				return input(value);
			case 'vote':
				return value === 'asked' ? t('report.asked') : value === some ? t('report.voted') : t('calls.vote', { vote: named('vote', value) });
			case 'hour':
				return `${value}:00–${value}:59`;
			case 'for_person':
				return t(value === 'yes' ? 'report.forperson' : 'calls.nobody');
			case 'reason':
				return t('calls.left', { reason: named('unqueued', value) });
			case 'scored':
				return value === some ? t('calls.scored') : t('calls.scored.of', { name: called('agents', value) });
			case 'complaint':
				return value === some ? t('report.complaints') : named('complaintstate', value);
			case 'answered':
				return t(value === 'yes' ? 'report.answered' : 'report.missed');
		}
		return value;
	}
}
