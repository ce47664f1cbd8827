import type { PromptSounds, PromptsAnswer } from './api';
import { ask } from './client';
import { maybe, say } from './words.svelte';

/** The sounds of the box, as they were last asked for. */
export const sounds = $state<{ list: PromptSounds[] }>({ list: [] });

export async function listSounds(): Promise<void> {
	sounds.list = (await ask<PromptsAnswer>('GET', 'prompts')).prompts;
}

/** promptName is what people call a prompt: its name, or what it says. */
export function promptName(id: string, own: Array<{ id: string; name: string }>): string {
	const text = sounds.list.find((p) => p.id === id)?.text;
	return own.find((p) => p.id === id)?.name || maybe('prompt', id) || (text && say(text)) || id;
}
