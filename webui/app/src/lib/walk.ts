import type { Config, Menu } from './api';
import { place } from './graph';

/** A Step of a dry run: the caller is in a menu, or has come to another place. */
export interface Step {
	to: string; // the target where the caller is
	menu?: Menu;
	by: string; // keys pressed, or the word of the exit, that led here
	exit: string; // the path of the field that said so; empty at the start and where nothing said so
	invalid?: boolean; // the keys lead nowhere: the menu plays again
}

/** fits says that keys are of a number's form: X 0-9, Z 1-9, N 2-9, [1-5,7], and "." at the end. */
function fits(keys: string, pressed: string): boolean {
	const text = keys.replace(/[*+]/g, '\\$&').replace(/X/g, '\\d').replace(/Z/g, '[1-9]').replace(/N/g, '[2-9]').replace(/\.$/, '.*').replace(/(\[[^\]]*),/g, '$1'); // prettier-ignore
	try {
		return new RegExp('^' + text + '$').test(pressed);
	} catch {
		return false;
	}
}

/** dialled is where an extension's number leads, or nothing. */
function dialled(c: Config, keys: string): string {
	if (c.phones.some((p) => p.extension === keys)) return 'phone:' + keys;
	const queue = c.queues.find((q) => q.number && q.number === keys);
	if (queue) return 'queue:' + queue.id;
	const room = c.rooms.find((r) => r.number === keys);
	return room ? 'room:' + room.id : '';
}

/** press is where keys lead in a menu, and the field that says so: its entries, an extension, or the way of failure. */
function press(c: Config, m: Menu, keys: string): { to: string; exit: string } {
	const at = `menus[${c.menus.findIndex((x) => x.id === m.id)}]`;
	if (keys === '') return { to: m.on_fail || 'hangup', exit: at + '.on_fail' };
	for (const list of ['keys', 'shortcuts'] as const) {
		const i = m[list].findIndex((k) => fits(k.keys, keys));
		if (i < 0) continue;
		const { to } = m[list][i]!;
		return { to: to === 'extension' ? dialled(c, keys) : to, exit: `${at}.${list}[${i}].to` };
	}
	return { to: m.extensions ? dialled(c, keys) : '', exit: '' };
}

/** begin is the first step of a call that goes to a target. */
export const begin = (c: Config, to: string): Step => ({ to, by: '', exit: '', ...inside(c, to) });

const inside = (c: Config, to: string) => ({ menu: c.menus.find((m) => 'menu:' + m.id === to) });

/** walk takes a caller one step on: by keys in a menu, by the path of an exit elsewhere. */
export function walk(c: Config, steps: Step[], by: string): Step[] {
	const at = steps.at(-1)!;
	if (!at.menu) {
		const e = place(c, at.to).exits.find((e) => e.path === by);
		return e ? [...steps, { ...begin(c, e.to), by: e.word, exit: e.path }] : steps;
	}
	let { to, exit } = press(c, at.menu, by);
	const tried = [...steps].reverse().findIndex((s) => !s.invalid) + 1; // in a row, with this one
	if (to === '' && tried < at.menu.tries) return [...steps, { ...at, by, exit: '', invalid: true }];
	if (to === '') ({ to, exit } = press(c, at.menu, ''));
	if (to === 'return') to = steps.filter((s) => s.menu && s.menu !== at.menu).at(-1)?.to ?? at.to;
	return [...steps, { ...begin(c, to), by, exit }];
}
