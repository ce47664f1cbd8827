import type { LiveCall, LiveParty } from './api';
import { box, called } from './box.svelte';
import { talks } from './talks';

export const modes = ['listen', 'whisper', 'barge', 'take_over'] as const;

const kept = 'monitor.phone';
const chosen = $state({ phone: localStorage.getItem(kept) ?? '' });

/** seat is the phone where this person's own agent sits, "phone:801", or nothing. */
const seat = () => box.live?.agents.find((a) => a.id === box.status?.person?.agent)?.phone;

/** phone is where this person listens: the own seat, or what was chosen on this computer. */
export const phone = () => seat() ?? (phones().some(([id]) => id === chosen.phone) ? chosen.phone : '');

/** mustChoose says that the person sits nowhere, so that the page cannot know which phone to ring. */
export const mustChoose = () => !seat();

/** phones are those that could ring, and what people call them. */
export const phones = (): Array<[string, string]> =>
	(box.live?.lines ?? [])
		.filter((l) => l.id.startsWith('phone/') && !['offline', 'blocked', 'fault'].includes(l.state))
		.map((l) => [l.id.replace('/', ':'), [l.id.slice(6), called('lines', l.id)].filter((n, i, all) => all.indexOf(n) === i).join(' ')]);

export function choose(id: string): void {
	chosen.phone = id;
	localStorage.setItem(kept, id);
}

/** own is this person's part in a call as one who monitors it. */
export const own = (c: LiveCall): LiveParty | undefined => c.parties?.find((p) => p.mode && p.by === box.status?.person?.name);

/** canMonitor says that this person can listen to a call. Who has an ordinary part in it does not. */
export const canMonitor = (c: LiveCall): boolean => talks(c) && !c.parties?.some((p) => !p.mode && p.line === phone().replace(':', '/'));
