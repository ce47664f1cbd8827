import type { Language, Word } from './words';

export type State = 'microphone' | 'connecting' | 'calling' | 'box' | 'queue' | 'talking';
export type Reason = Record<Language, string>;

/** What the box says (telephony/website/message.go). */
interface Message {
	answer?: string;
	state?: State | 'ended';
	position?: number; // in the queue, from 1
	reason?: Reason; // of the end
}

/** Where a call goes, and for whom. */
export interface Destination {
	box: URL;
	site: string;
	visitor: string;
}

/** A Line is one call to the box: the microphone, speech by WebRTC, and a WebSocket for what becomes of it. */
export class Line {
	private microphone?: MediaStream;
	private peer?: RTCPeerConnection;
	private socket?: WebSocket;
	private over = false;

	/** tells is given each state; ends is given once why it is over: a sentence of the box, a word, or nothing if it was hung up here. */
	constructor(
		private readonly to: Destination,
		private readonly tells: (state: State, position?: number) => void,
		private readonly ends: (why?: Word | Reason) => void,
	) {}

	async call(): Promise<void> {
		if (!isSecureContext) return this.end('insecure');
		try {
			this.tells('microphone');
			this.microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
			if (this.over) return this.release();
			this.tells('connecting');
			this.connect(await this.offer(this.microphone));
		} catch (error) {
			this.end(wordOf(error));
		}
	}

	/** offer offers speech. The box answers at its one address: there is nothing to gather, and no server to ask (RFC 8445 2.5). */
	private async offer(microphone: MediaStream): Promise<string> {
		const peer = (this.peer = new RTCPeerConnection());
		const speaker = new Audio();
		peer.ontrack = (e) => {
			speaker.srcObject = new MediaStream([e.track]);
			void speaker.play().catch(() => {}); // the press of the button allowed it
		};
		peer.onconnectionstatechange = () => peer.connectionState === 'failed' && this.end('lost');
		for (const track of microphone.getAudioTracks()) peer.addTrack(track, microphone);
		await peer.setLocalDescription();
		return peer.localDescription!.sdp;
	}

	private connect(offer: string): void {
		const { box, site, visitor } = this.to;
		const at = new URL(`/api/websites/${encodeURIComponent(site)}/call`, box);
		at.protocol = at.protocol.replace('http', 'ws');
		const socket = (this.socket = new WebSocket(at, 'callbox'));
		let opened = false;
		socket.onopen = () => {
			opened = true;
			socket.send(JSON.stringify({ offer, visitor, page: location.origin + location.pathname }));
		};
		socket.onmessage = (e) => void this.take(JSON.parse(e.data as string) as Message).catch(() => this.end('unsupported'));
		socket.onclose = () => this.end(opened ? 'lost' : 'unreachable');
	}

	private async take(m: Message): Promise<void> {
		if (m.state === 'ended') return this.end(m.reason);
		if (m.answer) await this.accept(m.answer);
		if (m.state && !this.over) this.tells(m.state, m.position);
	}

	/** accept takes the answer. A box behind a router does not know by which address it was reached: that of this script is tried too. */
	private async accept(sdp: string): Promise<void> {
		await this.peer!.setRemoteDescription({ type: 'answer', sdp });
		const [, address, port] = /^a=candidate:1 1 UDP \d+ (\S+) (\d+) typ host/m.exec(sdp) ?? [];
		const host = this.to.box.hostname.replace(/[[\]]/g, '');
		if (!address || address === host) return;
		await this.peer!.addIceCandidate({ sdpMLineIndex: 0, candidate: `candidate:2 1 UDP 1 ${host} ${port} typ host` }).catch(() => {});
	}

	mute(on: boolean): void {
		this.microphone?.getAudioTracks().forEach((track) => (track.enabled = !on));
	}

	/** press sends a key as an event (RFC 4733). */
	press(key: string): void {
		this.peer?.getSenders()[0]?.dtmf?.insertDTMF(key, 160, 60);
	}

	hangUp(): void {
		if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"bye":true}');
		this.end();
	}

	private end(why?: Word | Reason): void {
		if (this.over) return;
		this.over = true;
		this.release();
		this.ends(why);
	}

	private release(): void {
		this.socket?.close();
		this.peer?.close();
		this.microphone?.getTracks().forEach((track) => track.stop());
	}
}

/** wordOf says what to do about a microphone that there is not (Media Capture and Streams 10.2.1). */
function wordOf(error: unknown): Word {
	const name = error instanceof DOMException ? error.name : '';
	if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
	if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
	if (name === 'NotReadableError' || name === 'AbortError') return 'taken';
	return 'unsupported';
}
