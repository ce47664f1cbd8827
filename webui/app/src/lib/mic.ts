/** A Take is a recording that goes on. */
export interface Take {
	stop: () => Promise<Blob>; // ends it and gives a WAV file
	cancel: () => void;
}

const rate = 16000; // Hz: more than a telephone carries

/** record listens to this computer's microphone. It throws when the browser or the person says no. */
export async function record(): Promise<Take> {
	const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true } });
	const recorder = new MediaRecorder(stream);
	const pieces: Blob[] = [];
	recorder.ondataavailable = (e) => pieces.push(e.data);
	recorder.start();
	const end = () => stream.getTracks().forEach((track) => track.stop());
	return {
		cancel: end,
		stop: () =>
			new Promise((done, failed) => {
				recorder.onstop = () => {
					end();
					new Blob(pieces).arrayBuffer().then(wav).then(done, failed);
				};
				recorder.stop();
			}),
	};
}

/** wav makes any sound that the browser reads a WAV file of one channel: 16-bit PCM. */
export async function wav(file: ArrayBuffer): Promise<Blob> {
	const samples = (await new OfflineAudioContext(1, 1, rate).decodeAudioData(file)).getChannelData(0);
	const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
	const text = (at: number, s: string) => [...s].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
	text(0, 'RIFF');
	view.setUint32(4, 36 + samples.length * 2, true);
	text(8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true);
	view.setUint16(22, 1, true);
	view.setUint32(24, rate, true);
	view.setUint32(28, rate * 2, true);
	view.setUint16(32, 2, true);
	view.setUint16(34, 16, true);
	text(36, 'data');
	view.setUint32(40, samples.length * 2, true);
	samples.forEach((s, i) => view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, s)) * 32767, true));
	return new Blob([view], { type: 'audio/wav' });
}
