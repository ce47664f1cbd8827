import { target } from './fields';
import { named, t } from './words.svelte';

const role = (name = '') => named('role', name);
const job = (n = '') => n && t('people.job', { n });

// The box writes what people did in names of its own, a word each; a token's name may have several.
const words: Record<string, (w: string[]) => string[]> = {
	'user.put': ([r, agent]) => [role(r), job(agent)],
	'token.made': (w) => [w.slice(0, -1).join(' '), role(w.at(-1))],
	'agent.set': ([state = '', phone]) => [named('agentstate', state), phone ? target(phone) : ''],
	'agent.refused': ([state = '']) => [named('agentstate', state)],
	'call.monitored': ([mode = '', phone]) => [named('monitormode', mode), phone ? target(phone) : ''],
};

/** detailed is the detail of an audit line in the page's language. */
export const detailed = (action: string, detail: string): string =>
	words[action]?.(detail.split(' ')).filter(Boolean).join(' · ') ?? detail;
