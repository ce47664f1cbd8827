import type { Config } from './api';
import { draft } from './draft.svelte';

// Undo and redo of the draft, whoever changes it: a change is a step once the hand has rested.
const rest = 400; // ms
const most = 100; // steps

export class Undo {
	past = $state.raw<string[]>([]);
	future = $state.raw<string[]>([]);
	#now = JSON.stringify(draft.config);
	#kept = draft.kept;

	/** watch keeps the steps as long as the component that calls it lives. */
	watch(): void {
		$effect(() => {
			const text = JSON.stringify(draft.config);
			if (draft.kept !== this.#kept) {
				// applied or discarded: what was before is the history's now
				Object.assign(this, { past: [], future: [] });
				this.#kept = draft.kept;
				this.#now = text;
			} else if (text !== this.#now) {
				const timer = setTimeout(() => this.#note(), rest);
				return () => clearTimeout(timer);
			}
		});
	}

	#note(): void {
		const text = JSON.stringify(draft.config);
		if (text === this.#now) return;
		this.past = [...this.past, this.#now].slice(-most);
		this.future = [];
		this.#now = text;
	}

	undo(): void {
		this.#note();
		const before = this.past.at(-1);
		if (!before) return;
		this.past = this.past.slice(0, -1);
		this.future = [...this.future, this.#now];
		this.#show(before);
	}

	redo(): void {
		const after = this.future.at(-1);
		if (!after) return;
		this.future = this.future.slice(0, -1);
		this.past = [...this.past, this.#now];
		this.#show(after);
	}

	#show(text: string): void {
		this.#now = text;
		draft.config = JSON.parse(text) as Config;
	}
}
