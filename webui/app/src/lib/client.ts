import type { Error as Refused, Text } from './api';

/** A Refusal is what the box answered instead: a sentence in both languages, and the problems by field. */
export class Refusal extends Error {
	constructor(
		readonly code: string,
		readonly text: Text,
		readonly problems: Array<{ path: string; message: Text }> = [],
	) {
		super(text.en);
	}

	/** problem is what is wrong with one field. */
	problem(path: string): Text | undefined {
		return this.problems.find((p) => p.path === path)?.message;
	}
}

const unreachable = new Refusal('unavailable', {
	zh: '无法连接到设备，请检查网络后重试。',
	en: 'The box cannot be reached. Check the network and try again.',
});

export const asRefusal = (error: unknown): Refusal => (error instanceof Refusal ? error : unreachable);

/** ask sends one request to the box. It throws a Refusal, and nothing else. */
export async function ask<T = void>(method: string, path: string, body?: unknown): Promise<T> {
	let answer: Response;
	try {
		answer = await fetch('/api/' + path, {
			method,
			headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
	} catch {
		throw unreachable;
	}
	if (!answer.ok) throw await refusal(answer);
	return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** send puts a file. It throws a Refusal, and nothing else. */
export async function send(method: string, path: string, file: Blob, type: string, headers: Record<string, string> = {}): Promise<void> {
	let answer: Response;
	try {
		answer = await fetch('/api/' + path, { method, headers: { ...headers, 'Content-Type': type }, body: file });
	} catch {
		throw unreachable;
	}
	if (!answer.ok) throw await refusal(answer);
}

/** keep has the browser keep an answer as a file, under the name that the box gives it. It throws a Refusal, and nothing else. */
export async function keep(path: string, headers: Record<string, string>): Promise<void> {
	let answer: Response, file: Blob;
	try {
		answer = await fetch('/api/' + path, { headers });
		if (!answer.ok) throw await refusal(answer);
		file = await answer.blob();
	} catch (error) {
		throw asRefusal(error); // an answer that broke off is none
	}
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = /filename="([^"]*)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? '';
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser has begun to write it by then
}

/** sealing is the header by which a backup is encrypted and opened. */
export const sealing = (passphrase: string): Record<string, string> => (passphrase ? { Passphrase: encodeURIComponent(passphrase) } : {});

export async function refusal(answer: Response): Promise<Refusal> {
	try {
		const e = (await answer.json()) as Refused;
		return new Refusal(e.code, e.message, e.problems ?? []);
	} catch {
		return unreachable;
	}
}

/** query makes a query string of the fields that are set. */
export function query(fields: Record<string, string | number | undefined>): string {
	const q = new URLSearchParams();
	for (const [name, value] of Object.entries(fields)) {
		if (value !== undefined && value !== '') q.set(name, String(value));
	}
	const text = q.toString();
	return text && '?' + text;
}
