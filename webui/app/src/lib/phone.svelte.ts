import type { UA } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { Word } from './words.svelte';

export type PhoneState = 'off' | 'starting' | 'lost' | 'idle' | 'ringing' | 'talking';

/** This browser as the agent's phone: the sound is here, everything else that is known of the call is the box's. */
export const phone = $state<{ state: PhoneState; refusal?: Word; muted: boolean; level: number; microphones: MediaDeviceInfo[]; microphone: string }>({
	state: 'off',
	muted: false,
	level: 0,
	microphones: [],
	microphone: '',
});

// What a reload of the page finds: that it was a phone, and the call that it was in.
const wasOn = 'phone';
const wasIn = 'phone.call';

let ua: UA | undefined;
let session: RTCSession | undefined;
let stream: MediaStream | undefined;
let context: AudioContext | undefined;
let timer: ReturnType<typeof setInterval> | undefined;
const speaker = new Audio();
speaker.autoplay = true;

/** was tells that this page was the phone before it was loaded anew. */
export const was = (): boolean => sessionStorage.getItem(wasOn) !== null;

/** start makes this browser the phone of an extension. */
export async function start(extension: string): Promise<void> {
	if (phone.state !== 'off') return;
	phone.state = 'starting';
	phone.refusal = undefined;
	try {
		await listen();
		const JsSIP = (await import('jssip')).default;
		const socket = new JsSIP.WebSocketInterface(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/phone`);
		ua = new JsSIP.UA({ sockets: [socket], uri: `sip:${extension}@${location.hostname}`, register_expires: 120, session_timers: false, connection_recovery_max_interval: 5 });
	} catch (error) {
		stop();
		phone.refusal = sentenceOf(error);
		return;
	}
	sessionStorage.setItem(wasOn, extension);
	ua.on('registered', () => (session ? restart(session) : (settle('idle'), resume())));
	ua.on('unregistered', () => session || settle('lost'));
	ua.on('registrationFailed', () => session || settle('lost'));
	ua.on('disconnected', () => (phone.state === 'ringing' ? session?.terminate() : session || settle('lost'))); // the box rings elsewhere by now
	ua.on('newRTCSession', (e: { originator: string; session: RTCSession }) => take(e.session, e.originator === 'remote'));
	ua.start();
}

/** stop gives the phone up. */
export function stop(): void {
	sessionStorage.removeItem(wasOn);
	sessionStorage.removeItem(wasIn);
	const old = ua;
	ua = undefined; // what it still says is not listened to
	old?.stop();
	clearInterval(timer);
	void context?.close();
	stream?.getTracks().forEach((track) => track.stop());
	session = stream = context = timer = undefined;
	Object.assign(phone, { state: 'off', muted: false, level: 0 });
}

export function answer(): void {
	session?.answer(media());
}

export function hangUp(): void {
	session?.terminate();
}

export function mute(on: boolean): void {
	phone.muted = on;
	stream?.getAudioTracks().forEach((track) => (track.enabled = !on));
}

/** choose takes another microphone, in a call too. */
export async function choose(id: string): Promise<void> {
	phone.microphone = id;
	try {
		await listen();
	} catch (error) {
		phone.refusal = sentenceOf(error);
		return;
	}
	const sender = session?.connection?.getSenders().find((s) => s.track?.kind === 'audio');
	await sender?.replaceTrack(stream!.getAudioTracks()[0]!);
}

const settle = (state: PhoneState) => void (ua && (phone.state = state));

/** sentenceOf says what to do about a microphone that there is not (Media Capture and Streams 10.2.1). */
function sentenceOf(error: unknown): Word {
	if (!navigator.mediaDevices) return 'phone.insecure';
	const name = error instanceof DOMException ? error.name : '';
	if (name === 'NotAllowedError' || name === 'SecurityError') return 'phone.denied';
	if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'phone.none';
	if (name === 'NotReadableError' || name === 'AbortError') return 'phone.taken';
	return 'phone.failed';
}

/** listen opens the microphone and shows how loud it is. */
async function listen(): Promise<void> {
	const device = phone.microphone ? { deviceId: { exact: phone.microphone } } : {};
	const fresh = await navigator.mediaDevices.getUserMedia({ audio: { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
	stream?.getTracks().forEach((track) => track.stop());
	stream = fresh;
	mute(phone.muted);
	phone.microphones = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === 'audioinput');
	phone.microphone = fresh.getAudioTracks()[0]?.getSettings().deviceId ?? '';
	clearInterval(timer);
	context ??= new AudioContext();
	const hears = context.createAnalyser();
	context.createMediaStreamSource(fresh).connect(hears);
	const samples = new Float32Array(hears.fftSize);
	let rung = 0;
	timer = setInterval(() => {
		hears.getFloatTimeDomainData(samples);
		phone.level = phone.muted ? 0 : Math.min(1, 4 * Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length));
		if (phone.state !== 'ringing') rung = 0;
		else if (rung++ % 50 === 0) ring();
	}, 100);
}

/** ring is one second of the ringing tone of the telephone network, 425 Hz. */
function ring(): void {
	if (!context) return;
	void context.resume();
	const tone = context.createOscillator();
	const gain = context.createGain();
	tone.frequency.value = 425;
	gain.gain.value = 0.2;
	tone.connect(gain).connect(context.destination);
	tone.start();
	tone.stop(context.currentTime + 1);
	tone.onended = () => gain.disconnect();
	const made = session;
	const quiet = setInterval(() => phone.state === 'ringing' && session === made ? 0 : (tone.stop(), clearInterval(quiet)), 50);
	setTimeout(() => clearInterval(quiet), 1000);
}

// The box sends and hears at its one address, so that this side needs no servers of ICE, and nothing has to be gathered.
const media = () => ({ mediaStream: stream, mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } });

/** take follows a call of the phone, the only one: a second one is busy. */
function take(call: RTCSession, incoming: boolean): void {
	if (session) {
		call.terminate({ status_code: 486 });
		return;
	}
	session = call;
	const over = () => {
		if (session !== call) return;
		session = undefined;
		sessionStorage.removeItem(wasIn);
		mute(false);
		settle(ua?.isRegistered() ? 'idle' : 'lost');
	};
	const hear = (connection: RTCPeerConnection) => connection.addEventListener('track', (e) => (speaker.srcObject = new MediaStream([e.track])));
	call.on('peerconnection', (e: { peerconnection: RTCPeerConnection }) => hear(e.peerconnection));
	if (call.connection) hear(call.connection);
	call.on('icecandidate', (e: { ready: () => void }) => e.ready());
	call.on('accepted', () => settle('talking'));
	call.on('confirmed', () => remember(call));
	call.on('ended', over);
	call.on('failed', over);
	settle(incoming ? 'ringing' : 'talking');
	const headers = (call as unknown as { _request: { getHeader(name: string): string | undefined } })._request;
	if (incoming && headers.getHeader('Call-Info')?.includes('answer-after=0')) answer();
}

/** restart finds another way for the speech (RFC 8445 9): the connection to the box is a new one, as after a change of networks. */
function restart(call: RTCSession): void {
	if (call.isEstablished() && call.isReadyToReOffer()) call.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
}

/** remember keeps the call's dialog, for the page that comes after a reload. */
function remember(call: RTCSession): void {
	const dialog = (call as unknown as { _dialog?: { id: { call_id: string; local_tag: string; remote_tag: string } } })._dialog;
	if (!dialog) return;
	const { call_id, local_tag, remote_tag } = dialog.id;
	sessionStorage.setItem(wasIn, `${call_id};to-tag=${remote_tag};from-tag=${local_tag}`);
}

/** resume takes the call over that the page was in before the reload (RFC 3891): the box keeps it for half a minute. */
function resume(): void {
	const replaces = sessionStorage.getItem(wasIn);
	sessionStorage.removeItem(wasIn);
	if (!replaces || !ua) return;
	ua.call(`sip:${sessionStorage.getItem(wasOn)}@${location.hostname}`, { ...media(), extraHeaders: [`Replaces: ${replaces}`] });
}
