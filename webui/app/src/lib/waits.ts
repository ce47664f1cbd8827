import type { LiveAgent, LiveQueue, LiveWaiter } from './api';

/** full is how many times the service level of a queue a wait is, when it is red and its bar is full. */
const full = 3;

export type Urgency = '' | 'ring' | 'alarm'; // tones of lib/tones.ts

/** level is how a wait stands: amber from the queue's service level on (A11.13), red from three times that. */
export function level(ms: number, q: LiveQueue): Urgency {
	const times = ms / 1000 / q.answer_seconds;
	return times >= full ? 'alarm' : times >= 1 ? 'ring' : '';
}

/** share is how much of the longest wait that is borne has gone by, 0 to 1. */
export const share = (ms: number, q: LiveQueue): number => Math.min(1, Math.max(0, ms / 1000 / q.answer_seconds / full));

export const waited = (w: LiveWaiter, now: number): number => now - Date.parse(w.since);

/** longest is the wait of whom a queue keeps longest, in ms. */
export const longest = (q: LiveQueue, now: number): number => Math.max(0, ...q.waiting.map((w) => waited(w, now)));

/** worst is how queues stand, all in all. */
export function worst(queues: LiveQueue[], now: number): Urgency {
	const levels = queues.map((q) => level(longest(q, now), q));
	return levels.includes('alarm') ? 'alarm' : levels.includes('ring') ? 'ring' : '';
}

/** stays are the minutes in a state from which an agent is amber, and red. */
const stays: Record<string, [number, number]> = { ringing: [0.5, 1], wrap_up: [3, 10], busy: [15, 30], break: [15, 30] };

/** stands is how long an agent has been in a state, as a level: one who talks, by the target of handling a call (A11.13); 0: there is none. */
export function stands(a: LiveAgent, now: number, handling: number): Urgency {
	const talks = (handling || Infinity) / 60;
	const [amber, red] = (a.state === 'talking' ? [talks, full * talks] : stays[a.state]) ?? [Infinity, Infinity];
	const minutes = (now - Date.parse(a.since)) / 60_000;
	return minutes >= red ? 'alarm' : minutes >= amber ? 'ring' : '';
}
