import type { IconName } from '../parts/Icon.svelte';

const kinds: Record<string, { icon: IconName; tone: string }> = {
	route: { icon: 'route', tone: 'ring' },
	website: { icon: 'globe', tone: 'ring' },
	menu: { icon: 'menu', tone: 'jade' },
	queue: { icon: 'list', tone: 'talk' },
	phone: { icon: 'phone', tone: 'ready' },
	agent: { icon: 'people', tone: 'ready' },
	voicemail: { icon: 'voicemail', tone: 'wrap' },
	room: { icon: 'people', tone: 'wrap' },
	prompt: { icon: 'music', tone: 'wrap' },
	outside: { icon: 'out', tone: 'rest' },
	extension: { icon: 'phone', tone: 'rest' },
	return: { icon: 'undo', tone: 'rest' },
	busy: { icon: 'hangup', tone: 'rest' },
	hangup: { icon: 'hangup', tone: 'rest' },
};

/** iconOf is the sign of a kind of place, and coloured the two colours of it. */
export const iconOf = (kind: string): IconName => kinds[kind]?.icon ?? 'dots';
export const coloured = (kind: string): string => {
	const tone = kinds[kind]?.tone ?? 'rest';
	return `--tint: var(--${tone}); --wash: var(--${tone}-wash)`;
};
