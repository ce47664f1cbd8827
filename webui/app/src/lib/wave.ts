/** A Sound is a WAV file as numbers: 16-bit samples of each channel. */
export interface Sound {
	rate: number;
	channels: Int16Array[];
	seconds: number;
}

/** alaw is the table of ITU-T G.711 table 1a: an octet to a 16-bit sample. */
const alaw = Int16Array.from({ length: 256 }, (_, octet) => {
	const v = octet ^ 0x55;
	const exponent = (v >> 4) & 7;
	const mantissa = ((v & 15) << 4) + 8;
	const level = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
	return v & 0x80 ? level : -level;
});

const [PCM, ALAW] = [1, 6];

/** read takes a WAV file apart: A-law as the box records, or 16-bit PCM. */
export function read(file: ArrayBuffer): Sound {
	const view = new DataView(file);
	const tag = (at: number) => String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
	if (file.byteLength < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('not a WAV file');
	let form = 0;
	let count = 1;
	let rate = 8000;
	for (let at = 12; at + 8 <= file.byteLength;) {
		const size = Math.min(view.getUint32(at + 4, true), file.byteLength - at - 8);
		if (tag(at) === 'fmt ') {
			form = view.getUint16(at + 8, true);
			count = view.getUint16(at + 10, true);
			rate = view.getUint32(at + 12, true);
		} else if (tag(at) === 'data') {
			return samples(view, at + 8, size, form, count, rate);
		}
		at += 8 + size + (size & 1);
	}
	throw new Error('a WAV file without sound');
}

function samples(view: DataView, from: number, size: number, form: number, count: number, rate: number): Sound {
	if (form !== ALAW && form !== PCM) throw new Error(`WAV form ${form} is not known`);
	const width = form === ALAW ? 1 : 2;
	const frames = Math.floor(size / width / count);
	const channels = Array.from({ length: count }, () => new Int16Array(frames));
	for (let i = 0, at = from; i < frames; i++) {
		for (const channel of channels) {
			channel[i] = form === ALAW ? alaw[view.getUint8(at)]! : view.getInt16(at, true);
			at += width;
		}
	}
	return { rate, channels, seconds: frames / rate };
}

/** peaks is the loudest sample of each of so many equal pieces, 0 to 1. */
export function peaks(channel: Int16Array, pieces: number): number[] {
	const size = channel.length / pieces;
	return Array.from({ length: pieces }, (_, p) => {
		let loudest = 0;
		for (let i = Math.floor(p * size); i < (p + 1) * size && i < channel.length; i++) {
			loudest = Math.max(loudest, Math.abs(channel[i]!));
		}
		return loudest / 32768;
	});
}

/** What of a recording is heard: both, each in its ear; both in both ears; or one party alone. */
export type Ears = 'stereo' | 'both' | 'left' | 'right';

/** pcm makes a WAV file that every browser plays. */
export function pcm(sound: Sound, ears: Ears): Blob {
	const [left, right] = [sound.channels[0]!, sound.channels[1] ?? sound.channels[0]!];
	const frames = left.length;
	const view = new DataView(new ArrayBuffer(44 + frames * 4));
	const text = (at: number, s: string) => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
	text(0, 'RIFF');
	view.setUint32(4, 36 + frames * 4, true);
	text(8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, PCM, true);
	view.setUint16(22, 2, true);
	view.setUint32(24, sound.rate, true);
	view.setUint32(28, sound.rate * 4, true);
	view.setUint16(32, 4, true);
	view.setUint16(34, 16, true);
	text(36, 'data');
	view.setUint32(40, frames * 4, true);
	for (let i = 0; i < frames; i++) {
		const [l, r] = heard(left[i]!, right[i]!, ears);
		view.setInt16(44 + i * 4, l, true);
		view.setInt16(46 + i * 4, r, true);
	}
	return new Blob([view], { type: 'audio/wav' });
}

function heard(l: number, r: number, ears: Ears): [number, number] {
	if (ears === 'stereo') return [l, r];
	const one = ears === 'left' ? l : ears === 'right' ? r : Math.max(-32768, Math.min(32767, l + r));
	return [one, one];
}
