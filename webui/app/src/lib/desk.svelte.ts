import type { DeskView } from './api';
import { ask, asRefusal, type Refusal } from './client';

const every = 15_000; // ms: a call that nobody took is a record some moments after it left the queue

/** DeskData is what a desk shows beside the live picture. It is read anew at each change of what its agent is doing, once it has a path. */
export class DeskData<View = DeskView> {
	view = $state.raw<View>();
	refusal = $state<Refusal>();

	constructor(path: () => string, doing: () => string) {
		$effect(() => {
			void doing();
			if (!path()) return;
			const look = () => ask<View>('GET', path()).then((v) => (this.view = v), (e) => void (this.refusal = asRefusal(e))); // prettier-ignore
			void look();
			const timer = setInterval(look, every);
			return () => clearInterval(timer);
		});
	}
}
