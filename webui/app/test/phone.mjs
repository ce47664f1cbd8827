// A browser as an agent's phone, against the real box: a caller rings in, the agent answers on the page, both are heard both ways
// and in the recording, and the call outlives a reload of the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Box, findings, loudness, password, skip, sound } from './start.mjs';

const patience = 60_000;
const box = new Box();
let page;

const post = async (path, data) => {
	const answer = await page.request.post(`${box.url}/api/${path}`, { data, timeout: 2 * patience });
	assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
	return answer;
};

/** until waits for what a question of the page comes to. */
async function until(what, ask) {
	for (const end = Date.now() + patience; Date.now() < end; await page.waitForTimeout(200)) if (await ask()) return;
	assert.fail(`waited for: ${what}`);
}

/** hears is how loud the page hears a tone, in decibels. */
const hears = (hertz) =>
	page.evaluate((hertz) => {
		const track = window.connections?.at(-1)?.getReceivers()[0]?.track;
		if (!track) return -200;
		if (window.heard?.track !== track) {
			const context = new AudioContext();
			const analyser = context.createAnalyser();
			context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
			void context.resume();
			window.heard = { track, context, analyser };
		}
		const { context, analyser } = window.heard;
		const bins = new Float32Array(analyser.frequencyBinCount);
		analyser.getFloatFrequencyData(bins);
		const at = Math.round((hertz * analyser.fftSize) / context.sampleRate);
		return Math.max(...bins.slice(at - 2, at + 3));
	}, hertz);

before(async () => {
	if (skip) return;
	await box.start();
	page = await box.open();
	await page.addInitScript(() => {
		window.connections = [];
		window.RTCPeerConnection = class extends window.RTCPeerConnection {
			constructor(...args) {
				super(...args);
				window.connections.push(this);
			}
		};
		window.sockets = [];
		window.WebSocket = class extends window.WebSocket {
			constructor(...args) {
				super(...args);
				if (this.url.endsWith('/api/phone')) window.sockets.push(this);
			}
		};
	});
	await box.claim(page);
	await post('users', { name: 'lin', role: 'agent', agent: '1001', password });
	await page.request.delete(`${box.url}/api/session`);
	await post('session', { user: 'lin', password });
});

after(() => skip || box.stop());

test('a browser is the phone of an agent', { skip, timeout: 8 * patience }, async () => {
	const button = (name) => page.getByRole('button', { name, exact: true });
	await page.goto(box.url + '/desk');
	const use = page.getByRole('switch', { name: '用本浏览器作为我的话机' });
	await use.waitFor();
	assert.ok(await use.isDisabled(), 'nobody signed in is nobody’s phone (A5.21)');
	await button('签入').click();
	await use.click();
	await page.getByText('来电在此振铃').waitFor();
	assert.deepEqual(await findings(page), []);

	const guest = await box.open(); // rings for as long as the call lasts
	await guest.request.post(`${box.url}/api/session`, { data: { user: 'admin', password } });
	const call = guest.request.post(`${box.url}/api/sim/ring`, {
		data: { line: 'fxo/1', from: '02162345678', keys: '1@4s', for_seconds: 150, say: sound(1000, 140) },
		timeout: 3 * patience,
	});
	await button('接听').click({ timeout: patience });
	await page.getByText('通话中。').waitFor();
	await until('the page hears the caller', async () => (await hears(1000)) > -50);

	const names = () => page.evaluate(() => window.connections.map((c) => /a=ice-ufrag:(\S+)/.exec(c.remoteDescription?.sdp)?.[1]));
	const [before] = await names();
	await page.evaluate(() => window.sockets.at(-1).close()); // as a change of networks does
	await until('speech has another way (RFC 8445 9)', async () => (await names())[0] !== before);
	await until('the page hears the caller by it', async () => (await hears(1000)) > -50);
	assert.equal((await names()).length, 1, 'it is the same call');

	await page.reload(); // the call is kept
	await page.getByText('通话中。').waitFor({ timeout: patience });
	await until('the page hears the caller again', async () => (await hears(1000)) > -50);

	await button('挂断').click();
	const heard = await (await call).json();
	assert.equal(heard.outcome, 'answered');
	await page.getByText('来电在此振铃').waitFor({ timeout: patience });

	const phones = { phones: [{ extension: '802', answer_after_ms: 200, never_answer: false, talk_ms: 0 }] };
	assert.ok((await guest.request.post(`${box.url}/api/sim/phones`, { data: phones })).ok());
	await page.getByLabel('拨打号码').fill('802'); // whoever dials on the page has its phone answer by itself
	await button('拨号').click();
	await page.getByText('通话中。').waitFor();
	await page.locator('section.call .who').getByText('801').waitFor(); // for as long as half a second it is the call before
	await button('挂断').first().click();
	await page.getByText('来电在此振铃').waitFor({ timeout: patience });
	await button('签出').click();
	await page.getByText('请先在一部内部分机签入').waitFor();

	const record = await (await guest.request.get(`${box.url}/api/calls/${heard.call}`)).json();
	assert.equal(record.recordings.length, 1, 'one call is one recording');
	const wav = await (await guest.request.get(`${box.url}/api/recordings/${record.recordings[0]}/audio`)).body();
	assert.ok(loudness(wav, 0) > 0.5, `the caller is in the recording: ${loudness(wav, 0)}`);
	assert.ok(loudness(wav, 1) > 0.01, `the agent is in the recording: ${loudness(wav, 1)}`); // the browser's false microphone beeps once a second
	assert.deepEqual(box.strangers, [], 'no script error, and nothing from another host');
});
