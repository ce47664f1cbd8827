// A worker: its timer runs on when the page is in the background, and stops with it. It tells the box that an agent's page is
// there, and brings the messages that staff wrote.
import type { BeatAnswer } from './api';

const each = 2000; // ms

let after = 0;
let asking = false;

async function beat() {
	if (asking) return;
	asking = true;
	try {
		const answer = await fetch('/api/desk/beat', {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ after }),
			signal: AbortSignal.timeout(3 * each),
		});
		if (!answer.ok) throw new Error(answer.statusText);
		const { messages, gone_since } = (await answer.json()) as BeatAnswer;
		after = messages.at(-1)?.seq ?? after;
		postMessage({ heard: true, messages, gone: gone_since });
	} catch {
		postMessage({ heard: false, messages: [] });
	}
	asking = false;
}

setInterval(beat, each);
void beat();
