// A company's own web site, against the real box (A1.11): a page of another origin has the button, its visitor waits in the queue like
// any caller, an agent answers, both are heard both ways, and the record says where the call came from. Other pages are refused.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before } from 'node:test';
import { Box, findings, loudness, shoot, skip, sound, steps } from './start.mjs';

const patience = 60_000;
const box = new Box();
let office, shop, page;

/** site serves the page of a company, whose rules for its pages are strict ones. */
async function site(host) {
	const policy = `default-src 'none'; script-src ${box.url}; connect-src ${box.url.replace('http', 'ws')}; base-uri 'none'`;
	const server = createServer((_, answer) => {
		answer.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy });
		answer.end(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"><title>Shop</title>
			<script async src="${box.url}/call.js"></script>
			<main><h1>阳光家电</h1><p>有问题？</p><callbox-call site="shop" visitor="王先生">联系我们</callbox-call></main></html>`);
	}).listen(0, host);
	await once(server, 'listening');
	server.unref();
	return { url: `http://${host}:${server.address().port}`, close: () => server.close() };
}

/** visit opens a page of a company in a browser of its own. */
async function visit(url, options) {
	const context = await box.browser.newContext({ locale: 'zh-CN', viewport: { width: 1000, height: 700 }, ...options });
	context.setDefaultTimeout(patience);
	const made = await context.newPage();
	made.on('pageerror', (e) => box.strangers.push('script: ' + e.message));
	made.on('console', (m) => /Content Security Policy/.test(m.text()) && !/favicon/.test(m.text()) && box.strangers.push(m.text()));
	await made.addInitScript(() => {
		window.RTCPeerConnection = class extends window.RTCPeerConnection {
			constructor(...args) {
				super(...args);
				(window.connections ??= []).push(this);
			}
		};
	});
	await made.goto(url);
	return made;
}

const get = async (path) => (await office.request.get(`${box.url}/api/${path}`)).json();
const post = async (path, data) => {
	const answer = await office.request.post(`${box.url}/api/${path}`, { data, timeout: 2 * patience });
	assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
};

async function until(what, ask) {
	for (const end = Date.now() + patience; Date.now() < end; await page.waitForTimeout(200)) if (await ask()) return;
	assert.fail(`waited for: ${what}`);
}

/** hears is how loud a page hears a tone of 1000 Hz, in decibels. */
const hears = (at) =>
	at.evaluate(async () => {
		const track = window.connections.at(-1).getReceivers()[0].track;
		if (window.heard?.track !== track) {
			const context = new AudioContext();
			const analyser = context.createAnalyser();
			context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
			await context.resume();
			window.heard = { track, context, analyser };
		}
		const { context, analyser } = window.heard;
		const bins = new Float32Array(analyser.frequencyBinCount);
		analyser.getFloatFrequencyData(bins);
		const at = Math.round((1000 * analyser.fftSize) / context.sampleRate);
		return Math.max(...bins.slice(at - 2, at + 3));
	});

const press = (name) => page.getByRole('button', { name, exact: true });
const step = steps();

before(async () => {
	if (skip) return;
	await box.start();
	office = await box.open();
	await box.claim(office);
	shop = await site(box.host);
	box.configure((c) => {
		c.websites = [{ id: 'shop', name: '官网', origins: [shop.url], to: 'queue:sales', max_calls: 1, language: '', disabled: false }];
		for (const q of c.queues) Object.assign(q, { wrap_up_seconds: 0, say_position: false, announce_agent: false, greeting: '', notice_prompt: '' });
	});
});

after(async () => {
	shop?.close();
	if (!skip) await box.stop();
	assert.deepEqual(box.strangers, [], 'no script error, nothing against the rules of the page');
});

step('a visitor waits in the queue, and says who and where', async () => {
	page = await visit(shop.url);
	assert.deepEqual(await findings(page), []);
	await shoot(page, 'site-1-page');
	await press('联系我们').click();
	await page.getByText('正在排队，您排在第 1 位').waitFor();
	await shoot(page, 'site-2-queue');
	assert.deepEqual(await findings(page), []);
	const { calls, queues } = await get('live');
	assert.equal(calls.length, 1);
	assert.equal(calls[0].line, 'web/shop');
	assert.deepEqual(calls[0].caller, { number: '', name: '官网' });
	assert.deepEqual(calls[0].data, { visitor: '王先生', page: shop.url + '/' });
	assert.equal(queues.find((q) => q.id === 'sales').waiting.length, 1);
});

step('one more than there may be is told so', async () => {
	const second = await visit(shop.url);
	await second.getByRole('button', { name: '联系我们' }).click();
	await second.getByText('线路繁忙，请稍后再拨。').waitFor();
	await second.context().close();
});

step('an agent answers, and both are heard', async () => {
	await post('sim/phones', { phones: [{ extension: '801', answer_after_ms: 500, never_answer: false, talk_ms: 0, say: sound(1000, 60) }] });
	await page.getByText('通话中').waitFor();
	await until('the visitor hears the agent', async () => (await hears(page)) > -50);
	await press('键盘').click();
	await press('5').click();
	await press('静音').click();
	assert.equal(await press('静音').getAttribute('aria-pressed'), 'true');
	await shoot(page, 'site-3-talking');
	assert.deepEqual(await findings(page), []);
	await press('静音').click();
	await page.waitForTimeout(2500); // the browser's false microphone beeps once a second
	await press('挂断').click();
	await page.getByText('通话已结束。').waitFor();
	await shoot(page, 'site-4-ended');
	await press('关闭').click();
	assert.ok(await press('联系我们').isEnabled());
});

step('its record says where it came from, and the recording has both', async () => {
	let record;
	await until('the record', async () => (record = (await get('calls')).calls.find((c) => c.outcome === 'answered')));
	assert.equal(record.line, 'web/shop');
	assert.equal(record.caller.name, '官网');
	assert.equal(record.rule, 'website/shop');
	assert.equal((await get('names')).lines['web/shop'], '官网');
	await office.goto(`${box.url}/calls/${record.id}`);
	await office.getByRole('heading', { name: '通话经过' }).waitFor();
	for (const told of ['官网 的访客打入', '王先生']) await office.getByText(told).first().waitFor();
	await shoot(office, 'site-7-story');
	assert.deepEqual(await findings(office), []);
	await until('the recording', async () => (record = await get('calls/' + record.id)).recordings.length);
	const wav = await (await office.request.get(`${box.url}/api/recordings/${record.recordings[0]}/audio`)).body();
	assert.ok(loudness(wav, 0) > 0.01, `the visitor is in the recording: ${loudness(wav, 0)}`);
	assert.ok(loudness(wav, 1) > 0.3, `the agent is in the recording: ${loudness(wav, 1)}`);
});

step('a page of another origin is refused with a sentence, in its own language', async () => {
	const other = await site(box.host);
	const stranger = await visit(other.url, { colorScheme: 'dark', viewport: { width: 390, height: 700 } });
	await stranger.evaluate(() => (document.documentElement.lang = 'en'));
	await stranger.getByRole('button', { name: '联系我们' }).click();
	await stranger.getByText("This page's address").waitFor();
	await shoot(stranger, 'site-5-refused');
	await stranger.context().close();
	other.close();
});

step('a button that is switched off says so', async () => {
	box.configure((c) => (c.websites[0].disabled = true));
	await press('联系我们').click();
	await page.getByText('网上呼叫暂未开放').waitFor();
	const { lines } = await get('live');
	assert.equal(lines.find((l) => l.id === 'web/shop').state, 'blocked');
});

step('the settings show the two lines to paste', async () => {
	await office.goto(box.url + '/settings/websites');
	await office.getByText('官网 ·').click();
	assert.match(await office.getByRole('textbox', { name: '贴到网页上的两行代码' }).inputValue(), /call\.js"><\/script>\n<callbox-call site="shop">/);
	await office.getByLabel('网页地址').fill('https://shop.example.cn/');
	await office.getByLabel('网页地址').blur();
	await office.getByText('请只填协议和域名').first().waitFor();
	await shoot(office, 'site-6-settings');
	assert.deepEqual(await findings(office), []);
});
