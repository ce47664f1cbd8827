import { drawn, type Drawn, type Exit } from './graph';

/** An Item is a line of the outline: a way in, or an exit of a place together with where it leads. */
export interface Item {
	key: string; // the path of its exit, or its place where nothing leads to it
	level: number; // 1 is a way in
	above: string; // the item that it is part of
	exit?: Exit;
	place?: Drawn; // where a call is then; none where it ends
	link?: 'back' | 'seen'; // the place is opened at another item: at one that this one is part of, or beside it
	opens: boolean; // others are part of it
	nth: number; // of so many at its level
	of: number;
}

/** outline is the drawing as lines, each followed by those that are part of it. A place is opened once, where calls come to it soonest, and is
 * a link everywhere else, so that calls which go in a circle end in a word. */
export function outline(list: Drawn[]): Item[] {
	const places = new Map(list.map((p) => [p.id, p]));
	const opens = new Map<string, string>(); // each place, and the exit at which it is opened: the places come in the order of the drawing
	for (const p of list) {
		if (!opens.has(p.id)) opens.set(p.id, '');
		for (const e of p.exits) if (drawn(e.to) && !opens.has(e.to)) opens.set(e.to, e.path);
	}
	const items: Item[] = [];
	const add = (place: Drawn | undefined, above: Item[], exit?: Exit) => {
		const link = place && exit && opens.get(place.id) !== exit.path ? (above.some((i) => i.place === place) ? 'back' : 'seen') : undefined;
		const exits = place && !link ? place.exits.filter((e) => e.to || place.kind !== 'queue') : []; // callers wait, where a queue says nothing
		const item: Item = { key: exit?.path ?? place!.id, level: above.length + 1, above: above.at(-1)?.key ?? '', exit, place, link, opens: exits.length > 0, nth: 0, of: 0 }; // prettier-ignore
		items.push(item);
		for (const e of exits) add(drawn(e.to) ? places.get(e.to) : undefined, [...above, item], e);
	};
	for (const p of list) if (!opens.get(p.id)) add(p, []);
	const beside = new Map<string, Item[]>();
	for (const i of items) beside.set(i.above, [...(beside.get(i.above) ?? []), i]);
	for (const of of beside.values()) of.forEach((i, n) => Object.assign(i, { nth: n + 1, of: of.length }));
	return items;
}

/** shown leaves out what is part of a folded item. */
export function shown(items: Item[], folded: Set<string>): Item[] {
	let below = Infinity;
	return items.filter((i) => {
		if (i.level > below) return false;
		below = folded.has(i.key) ? i.level : Infinity;
		return true;
	});
}
