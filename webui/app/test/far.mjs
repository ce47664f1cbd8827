// A far end of SIP (RFC 3261) that calls the box under a name of its own choosing, over UDP on the loopback.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const host = '127.0.0.1';
const offer = `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n`;

/** A Far is a trunk's other end. */
export class Far {
	constructor(box) {
		this.box = box;
		this.socket = createSocket('udp4');
	}

	async open() {
		this.socket.bind(0, host);
		await once(this.socket, 'listening');
		this.address = `${host}:${this.socket.address().port}`;
		return this;
	}

	close() {
		this.socket.close();
	}

	/** call rings the box. Hangup ends the call, which the box has answered, and returns when it has confirmed that. */
	call(name, number, called) {
		const quoted = name.replace(/["\\]/g, '\\$&');
		const id = randomBytes(8).toString('hex');
		let to = `<sip:${called}@${this.box.host}>`;
		const send = (method, cseq, body = '') => {
			const head = [
				`${method} sip:${called}@${this.box.host}:5060 SIP/2.0`,
				`Via: SIP/2.0/UDP ${this.address};branch=z9hG4bK${id}${method}`,
				'Max-Forwards: 70',
				`From: "${quoted}" <sip:${number}@${host}>;tag=${id}`,
				`To: ${to}`,
				`Call-ID: ${id}`,
				`CSeq: ${cseq} ${method}`,
				`Contact: <sip:${number}@${this.address}>`,
				...(body ? ['Content-Type: application/sdp'] : []),
				`Content-Length: ${Buffer.byteLength(body)}`,
			];
			this.socket.send(head.join('\r\n') + '\r\n\r\n' + body, 5060, this.box.host);
		};
		let answered, confirmed;
		const answer = new Promise((done) => (answered = done));
		const end = new Promise((done) => (confirmed = done));
		this.socket.on('message', (packet) => {
			const text = packet.toString();
			if (!text.startsWith('SIP/2.0 2') || !text.includes(id)) return;
			if (/^CSeq: *\d+ BYE/im.test(text)) return confirmed();
			to = /^To: *(.*?)\r$/im.exec(text)[1];
			send('ACK', 1); // again for each time that the answer comes again (13.2.2.4)
			answered();
		});
		send('INVITE', 1, offer);
		return { hangup: async () => (await answer, send('BYE', 2), end) };
	}
}
