import type { LadderMessage, LadderStep } from '../lib/api';
import { called } from '../lib/box.svelte';
import { t } from '../lib/words.svelte';

/** A Step is one of the ladder's with its place in it, and the time since the one that is shown before it, in ms. */
export type Step = LadderStep & { i: number; gap: number };

export const seconds = (ms: number) => (ms / 1000).toFixed(3);
export const party = (line: string) => called('lines', line);
export const way = (m: LadderMessage) => (m.sent ? [t('ladder.box'), party(m.line)] : [party(m.line), t('ladder.box')]).join(' → ');

/** bad says that a message refuses, gives up or ends. */
export const bad = (m: LadderMessage) => /^(DISCONNECT|BYE|CANCEL|STATUS$|[456]\d\d )/.test(m.name);
