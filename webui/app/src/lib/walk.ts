import type { Config, Menu } from './api';

/** A Step of a dry run: the caller is in a menu, or has come to a place. */
export interface Step {
	menu?: Menu;
	keys: string; // pressed to come here
	to: string; // the target that they led to; empty at the start
	loops?: boolean; // this menu was met before
}

/** pattern is the dial plan's form of a number as a regular expression: X 0-9, Z 1-9, N 2-9, [1-5,7], and "." at the end. */
function fits(keys: string, pressed: string): boolean {
	const text = keys.replace(/[*+]/g, '\\$&').replace(/X/g, '\\d').replace(/Z/g, '[1-9]').replace(/N/g, '[2-9]').replace(/\.$/, '.*').replace(/(\[[^\]]*),/g, '$1'); // prettier-ignore
	try {
		return new RegExp('^' + text + '$').test(pressed);
	} catch {
		return false;
	}
}

/** press is where keys lead in a menu: what its entries say, an extension, or the way of failure. */
export function press(c: Config, m: Menu, keys: string): string {
	const found = [...m.keys, ...m.shortcuts].find((k) => fits(k.keys, keys));
	if (found) return found.to;
	if (m.extensions) {
		const phone = c.phones.find((p) => p.extension === keys);
		if (phone) return 'phone:' + keys;
		const queue = c.queues.find((q) => q.number && q.number === keys);
		if (queue) return 'queue:' + queue.id;
	}
	return '';
}

/** walk takes a caller one step on. */
export function walk(c: Config, steps: Step[], keys: string): Step[] {
	const at = steps.at(-1)!;
	let to = keys === '' ? at.menu!.on_fail || 'hangup' : press(c, at.menu!, keys);
	if (to === 'return') to = steps.length > 1 ? 'menu:' + steps.at(-2)!.menu!.id : 'menu:' + at.menu!.id;
	const menu = to.startsWith('menu:') ? c.menus.find((m) => m.id === to.slice(5)) : to === '' ? at.menu : undefined;
	return [...steps, { menu, keys, to, loops: !!menu && steps.some((s) => s.menu === menu) }];
}
