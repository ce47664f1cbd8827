import type { Message } from './api';
import { box } from './box.svelte';
import { ask } from './client';

/** What staff wrote to whom is signed in, and whether the box hears from this page. */
export const staff = $state<{
	messages: Message[];
	heard: boolean;
	gone?: { from: string; till: number }; // the last time that the box did not, by its clock
	unread: number;
}>({ messages: [], heard: true, unread: 0 });

const kept = 100;
let worker: Worker | undefined;

/** attend tells the box that the page is there, while somebody is signed in. */
export function attend(): void {
	if (!box.status?.person || worker) return;
	worker = new Worker(new URL('./beat.ts', import.meta.url), { type: 'module' });
	worker.onmessage = (e: MessageEvent<{ heard: boolean; messages: Message[]; gone?: string }>) => {
		staff.heard = e.data.heard;
		if (e.data.gone) staff.gone = { from: e.data.gone, till: Date.now() + box.skew };
		const [first] = e.data.messages;
		if (!first) return;
		const anew = first.seq <= (staff.messages.at(-1)?.seq ?? 0); // the box has started, and counts from one
		staff.messages = [...(anew ? [] : staff.messages), ...e.data.messages].slice(-kept);
		staff.unread += e.data.messages.filter((m) => m.from !== box.status?.person?.name).length;
	};
}

/** rest ends it: the page signs out, and nobody waits for it. */
export async function rest(): Promise<void> {
	worker?.terminate();
	worker = undefined;
	Object.assign(staff, { messages: [], gone: undefined });
	await ask('POST', 'desk/beat', { leave: true }).catch(() => undefined);
}
