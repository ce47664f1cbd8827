import type { Changes, Config, Difference, Text } from './api';
import { box } from './box.svelte';
import { ask, asRefusal, type Refusal } from './client';

/** The configuration as it is being changed. One draft for all the pages of the settings: walking among them loses nothing. */
export const draft = $state<{
	kept?: Config; // in force when it was read
	config?: Config;
	changes: Difference[];
	effects: Text[]; // what the changes would do to calls and people who are there now
	refusal?: Refusal; // what the box finds wrong with it
	checked: boolean; // the box has seen what is here now
	stored: boolean; // the box keeps the draft, so that the page can be left
}>({ changes: [], effects: [], checked: true, stored: false });

const settle = 350; // ms without a key until the box is asked

/** config is the draft. The pages of the settings show only when there is one. */
export const config = () => draft.config!;

export const dirty = () => !!draft.config && JSON.stringify(draft.config) !== JSON.stringify(draft.kept);

/** read gets the configuration in force, unless there is a draft that would be lost. */
export async function read(): Promise<void> {
	if (dirty()) return;
	await discard();
}

/** discard forgets the changes. */
export async function discard(): Promise<void> {
	try {
		begin(await ask<Config>('GET', 'config'));
	} catch (error) {
		draft.refusal = asRefusal(error);
	}
}

function begin(c: Config): void {
	draft.kept = c;
	draft.config = structuredClone(c);
	Object.assign(draft, { changes: [], effects: [], refusal: undefined, checked: true });
}

/** apply makes the draft the configuration in force. It throws a Refusal. */
export async function apply(why: string): Promise<void> {
	await ask('PUT', 'config' + (why ? '?why=' + encodeURIComponent(why) : ''), draft.config);
	await discard();
	if (box.status) box.status.off = draft.config?.off;
}

let asked = 0;

/** check asks the box what is wrong with the draft, and what it would do now. */
export async function check(): Promise<void> {
	const mine = ++asked;
	try {
		const answer = await ask<Changes>('POST', 'config/diff', draft.config);
		if (mine !== asked) return;
		Object.assign(draft, { changes: answer.changes, effects: answer.effects, refusal: undefined, checked: true });
	} catch (error) {
		if (mine === asked) Object.assign(draft, { refusal: asRefusal(error), checked: true });
	}
}

$effect.root(() => {
	$effect(() => {
		if (!dirty()) {
			asked++;
			Object.assign(draft, { changes: [], effects: [], refusal: undefined, checked: true });
			return;
		}
		draft.checked = false;
		const timer = setTimeout(check, settle);
		return () => clearTimeout(timer);
	});
});

addEventListener('beforeunload', (e) => dirty() && !draft.stored && e.preventDefault());

/** problem is what is wrong with one field. */
export const problem = (path: string): Text | undefined => draft.refusal?.problem(path);

/** faulty says that something at or below a path is wrong. */
export const faulty = (path: string): boolean =>
	!!draft.refusal?.problems.some((p) => p.path === path || p.path.startsWith(path + '.') || p.path.startsWith(path + '['));
