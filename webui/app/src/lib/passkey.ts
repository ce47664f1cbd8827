import { box } from './box.svelte';
import { ask, Refusal } from './client';

// Between the box, which writes octets as base64url, and the browser's WebAuthn, which wants buffers. Browsers have the same as
// parseCreationOptionsFromJSON and toJSON, but Safari only since 18.4.

type Described = { type: 'public-key'; id: string; transports?: AuthenticatorTransport[] };
type Options<T> = { publicKey: T };
type MakeOptions = Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> & {
	challenge: string;
	user: { id: string; name: string; displayName: string };
	excludeCredentials?: Described[];
};
type SignOptions = Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> & { challenge: string };

/** supported says that this browser has passkeys, wherever the page was opened. */
export const supported = typeof PublicKeyCredential !== 'undefined';

/** offered says that it has them, and uses them at this address. */
export const offered = () => supported && !box.status?.no_passkeys;

/** gaveUp is what somebody gets who closes the browser's window, or whom the browser refuses; it does not say which. */
export const gaveUp = new Refusal('conflict', {
	zh: '浏览器没有完成通行密钥操作。可以重试，或使用密码。',
	en: 'The browser did not finish with the passkey. Try again, or use the password.',
});

const there = new Refusal('conflict', {
	zh: '这台设备上已有本账户的通行密钥。',
	en: 'This device has a passkey of this account already.',
});

function octets(text: string): ArrayBuffer {
	const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	return Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer;
}

function text(octets: ArrayBuffer): string {
	const raw = String.fromCharCode(...new Uint8Array(octets));
	return btoa(raw).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** make has the browser make a passkey. It throws a Refusal. */
export async function make(path: string, body?: unknown): Promise<unknown> {
	const { publicKey: o } = await ask<Options<MakeOptions>>('POST', path, body);
	const made = await done(() =>
		navigator.credentials.create({
			publicKey: {
				...o,
				challenge: octets(o.challenge),
				user: { ...o.user, id: octets(o.user.id) },
				excludeCredentials: o.excludeCredentials?.map((c) => ({ ...c, id: octets(c.id) })),
			},
		}),
	);
	const answer = made.response as AuthenticatorAttestationResponse;
	return written(made, { attestationObject: text(answer.attestationObject), transports: answer.getTransports?.() ?? [] });
}

/** sign has its owner show one. It throws a Refusal. */
export async function sign(): Promise<unknown> {
	const { publicKey: o } = await ask<Options<SignOptions>>('POST', 'session/passkey/options');
	const shown = await done(() => navigator.credentials.get({ publicKey: { ...o, challenge: octets(o.challenge) } }));
	const answer = shown.response as AuthenticatorAssertionResponse;
	return written(shown, {
		authenticatorData: text(answer.authenticatorData),
		signature: text(answer.signature),
		userHandle: answer.userHandle ? text(answer.userHandle) : undefined,
	});
}

async function done(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
	try {
		const c = await ask();
		if (c) return c as PublicKeyCredential;
	} catch (error) {
		if (error instanceof DOMException && error.name === 'InvalidStateError') throw there;
	}
	throw gaveUp;
}

const written = (c: PublicKeyCredential, response: object) => ({
	id: c.id,
	rawId: text(c.rawId),
	type: c.type,
	clientExtensionResults: {},
	response: { clientDataJSON: text(c.response.clientDataJSON), ...response },
});

/** device is what this computer or telephone may be called, for the name of a passkey that is made on it. */
export function device(): string {
	const agent = navigator.userAgent;
	for (const name of ['iPhone', 'iPad', 'Android', 'Windows', 'Macintosh', 'Linux']) if (agent.includes(name)) return name.replace('Macintosh', 'Mac');
	return '';
}
