import type { LiveAgent } from './api';
import { named } from './words.svelte';

/** does is what an agent is doing, in words: the state, and why or how (A5.1). */
export const does = (a: LiveAgent): string =>
	[named('agentstate', a.state), a.reason && named('reason', a.reason), a.doing && named('agentdoing', a.doing)].filter(Boolean).join(' · ');
