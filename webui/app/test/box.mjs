// A new user's walk through the page, in headless Chromium against the real box: bin/boxd on the simulated board, on a
// loopback address of its own. BOXD names another program; PICTURES a folder for a picture of each step.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const here = import.meta.dirname;
const boxd = process.env.BOXD ?? resolve(here, '../../../bin/boxd');
const boxctl = join(dirname(boxd), 'boxctl');
const chrome = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip =
	[boxd, boxctl].filter((f) => !existsSync(f)).map((f) => `${f} is not built: run make build`)[0] ??
	(existsSync(chrome) ? false : `${chrome} is missing: run make tools`);

const quiet = ['--no-sandbox', '--no-first-run', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--mute-audio'];
const patience = 60_000; // ms for what takes the box a second: the machine may be busy
const octet = () => 1 + Math.floor(Math.random() * 254);
const host = `127.${octet()}.${octet()}.${octet()}`;
const url = `http://${host}:8080`;
const password = 'four green paper kites';
const strangers = []; // what the page must never do: errors, requests to other hosts

let data, box, browser, page;

/** start runs the box and waits until it says so. */
async function start() {
	const options = ['--board', 'sim', '--data', data, '--http', `${host}:8080`, '--sip', `${host}:5060`];
	box = spawn(boxd, options, { stdio: ['ignore', 'ignore', 'pipe'] });
	const said = [];
	for await (const line of createInterface(box.stderr)) {
		said.push(line);
		if (!line.includes('box runs')) continue;
		box.stderr.resume();
		return;
	}
	throw new Error('boxd did not start:\n' + said.join('\n'));
}

async function stop() {
	if (!box || box.exitCode !== null || box.signalCode !== null) return;
	const ended = once(box, 'exit');
	box.kill('SIGTERM');
	await ended;
}

const ctl = (...args) => execFileSync(boxctl, [...args, '--data', data], { encoding: 'utf8', timeout: patience, stdio: 'pipe' }).trim();
const get = async (path) => (await page.request.get(url + path)).json();

/** open makes a page that tells of script errors and of requests to anywhere but the box. */
async function open(options) {
	const context = await browser.newContext({ locale: 'zh-CN', colorScheme: 'light', viewport: { width: 1360, height: 900 }, ...options });
	context.setDefaultTimeout(patience);
	const made = await context.newPage();
	made.on('pageerror', (e) => strangers.push('script: ' + e.message));
	made.on('request', (r) => new URL(r.url()).host === `${host}:8080` || r.url().startsWith('blob:') || strangers.push(r.url()));
	return made;
}

async function shoot(at, name) {
	if (!process.env.PICTURES) return;
	mkdirSync(process.env.PICTURES, { recursive: true });
	await at.screenshot({ path: join(process.env.PICTURES, name + '.png'), fullPage: true });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** readable holds a page to WCAG 2.1 A and AA: no serious finding. */
async function readable(at, name) {
	await at.evaluate(axe);
	const { violations } = await at.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
	const serious = violations.filter((v) => ['serious', 'critical'].includes(v.impact));
	assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes[0].target.join(' ')}`), [], `${name} can be read by everybody`);
}

const panel = (name, at = page) => at.locator('section', { has: at.getByRole('heading', { name, exact: true }) });

before(async () => {
	if (skip) return;
	data = mkdtempSync(join(tmpdir(), 'callbox-page-'));
	await start();
	browser = await chromium.launch({ executablePath: chrome, args: quiet });
	page = await open();
});

after(async () => {
	await browser?.close();
	await stop();
	if (data) rmSync(data, { recursive: true, force: true });
});

test('a new user and the real box', { skip, timeout: 8 * patience }, async (t) => {
	let stuck = false; // a step failed: the later ones stand on it
	const step = (name, walk) =>
		t.test(name, { skip: stuck && 'an earlier step failed' }, async () => {
			stuck = true;
			await walk();
			stuck = false;
		});
	let call; // the record of the first call
	await step('the box is claimed by the code of its panel, and a refusal says what to do', claims);
	await step('the live page shows every line at rest', rests);
	await step('phones are started, a caller rings, and the live page follows the call without a reload', follows);
	await step('the call is found again', async () => (call = await finds()));
	await step('its story tells why it was routed, and in which order things happened', () => tells(call));
	await step('the player plays both channels for as long as the recording is', () => plays(call));
	await step('the recording can be downloaded', () => downloads(call));
	await step('every page in both languages, on a desk and in a pocket', () => everywhere(call));
	await step('a reload keeps the session', reloads);
	await step('the page finds the box again after a restart', returns);
	await step('signing out ends the session', leaves);
	assert.deepEqual(strangers, [], 'no script error, and nothing from another host');
});

async function claims() {
	const code = ctl('claim');
	const refusal = (words) => page.getByRole('alert').filter({ hasText: words }).first();
	const ask = () => page.getByRole('button', { name: '认领并登录' }).click();
	await page.goto(url);
	await page.getByLabel('认领码').fill(code === '00000000' ? '11111111' : '00000000');
	await page.getByLabel('密码', { exact: true }).fill(password);
	await ask();
	await refusal('面板').waitFor(); // a wrong code: it says where to look
	await shoot(page, '01-wrong-code');
	await page.getByLabel('认领码').fill(code);
	await page.getByLabel('密码', { exact: true }).fill('12345');
	await ask();
	await refusal('10 个字符').waitFor(); // a weak password: it says what is enough
	assert.equal(await refusal('认领码').count(), 0, 'the code is not blamed any more');
	await shoot(page, '02-weak-password');
	await readable(page, 'claim');
	await page.getByLabel('密码', { exact: true }).fill(password);
	await ask();
	await page.getByRole('button', { name: '稍后再说' }).click(); // the first set-up: test/setup.mjs goes through it
	await page.getByRole('heading', { name: '队列', exact: true }).waitFor();
	assert.throws(() => ctl('claim'), /has an owner/, 'the code is gone');
}

async function rests() {
	const lines = panel('线路').locator('ul').first().getByRole('listitem');
	await lines.nth(9).waitFor();
	assert.equal(await lines.count(), 10, 'eight analogue lines and two E1');
	for (const text of await lines.allInnerTexts()) assert.match(text, /空闲/);
	await shoot(page, '03-live-idle');
}

async function follows() {
	await page.getByRole('link', { name: '试打' }).click();
	await page.getByLabel('分机', { exact: true }).fill('801 802');
	await page.getByLabel('振铃几秒后接听').fill('3');
	await page.getByRole('button', { name: '启动话机' }).click();
	const phones = panel('座席话机').getByRole('listitem');
	for (const extension of ['801', '802']) await phones.filter({ hasText: extension }).getByText('空闲', { exact: true }).waitFor();
	await page.getByLabel('线路', { exact: true }).selectOption('fxo/1');
	await page.getByLabel('主叫号码').fill('02162345678');
	await page.getByLabel('按键', { exact: true }).fill('1@4s');
	await page.getByLabel('多少秒后挂机').fill('22');
	await shoot(page, '04-try');

	const live = await open({ storageState: await page.context().storageState() });
	await live.goto(url);
	await live.evaluate(() => (window.here = true));
	const row = panel('进行中', live).getByRole('listitem').filter({ hasText: '02162345678' });
	const sales = panel('队列', live).getByRole('listitem').filter({ has: live.getByRole('heading', { name: '销售' }) });
	const agents = panel('座席', live).getByRole('listitem');

	await page.getByRole('button', { name: '开始呼叫' }).click();
	await row.getByText('菜单', { exact: true }).waitFor();
	await shoot(live, '05-live-menu');
	await row.getByText('排队', { exact: true }).waitFor();
	await sales.getByText('02162345678').waitFor();
	await agents.getByText('振铃', { exact: true }).waitFor();
	await shoot(live, '06-live-ringing');
	await row.getByText('通话', { exact: true }).waitFor();
	await agents.getByText('通话', { exact: true }).waitFor();
	await shoot(live, '07-live-talking');
	await row.waitFor({ state: 'detached' });
	assert.equal(await live.evaluate(() => window.here), true, 'the page was not loaded anew');
	await live.close();

	await page.getByText('主叫听到的').waitFor();
	await shoot(page, '08-tried');
	await readable(page, 'try');
}

async function finds() {
	await page.getByRole('link', { name: '通话' }).first().click();
	await page.getByLabel('号码', { exact: true }).fill('62345678');
	await page.getByRole('button', { name: '查询' }).click();
	const row = page.locator('tbody tr').filter({ hasText: '02162345678' });
	await row.getByText('已接听').waitFor();
	await shoot(page, '09-calls');
	await page.getByLabel('号码', { exact: true }).fill('999999999');
	await page.getByRole('button', { name: '查询' }).click();
	await page.getByText('没有符合条件的通话').waitFor();
	await page.getByLabel('号码', { exact: true }).fill('');
	await page.getByRole('button', { name: '查询' }).click();
	await row.getByRole('link').click();
	await page.getByRole('heading', { name: '通话经过' }).waitFor();
	return get('/api/calls/' + page.url().split('/').at(-1));
}

async function tells(call) {
	assert.equal(call.outcome, 'answered');
	const story = await page.locator('ol li p').allInnerTexts();
	const order = ['振铃', '总菜单', '按', '销售', '接听', '结束'].map((word) => story.findIndex((line) => line.includes(word)));
	assert.ok(!order.includes(-1), 'the story leaves nothing out: ' + story.join(' | '));
	assert.ok(story.some((line) => line.includes(call.why.zh)), 'the story tells why: ' + call.why.zh);
	const seconds = (await page.locator('ol .after').allInnerTexts()).map((s) => parseFloat(s));
	assert.deepEqual(seconds, seconds.toSorted((a, b) => a - b), 'in order');
	const short = seconds.length;
	await page.getByLabel('显示全部细节').check();
	assert.ok((await page.locator('ol li').count()) > short, 'every detail is more');
	await shoot(page, '10-call');
	await readable(page, 'the story of a call');
}

async function plays(call) {
	const recording = await get('/api/recordings/' + call.recordings[0]);
	await page.getByRole('button', { name: '播放', exact: true }).click();
	await page.waitForFunction(() => document.querySelector('audio').currentTime > 0.5);
	const { duration, error } = await page.evaluate(() => {
		const { duration, error } = document.querySelector('audio');
		return { duration, error: error?.message };
	});
	assert.equal(error, undefined);
	assert.ok(Math.abs(duration - recording.length_ms / 1000) < 0.2, `${duration} s are played of ${recording.length_ms} ms`);
	const heights = await page.locator('.waves svg .rest').evaluateAll((paths) => paths.map((p) => p.getBBox().height));
	assert.equal(heights.length, 2, 'a strip for each party');
	for (const height of heights) assert.ok(height > 0.1, 'a voice is drawn, not a flat line');
	await page.getByLabel('听谁').selectOption('left');
	await page.waitForFunction(() => document.querySelector('audio').currentTime > 1.5); // it goes on where it was
	await page.getByRole('button', { name: '暂停', exact: true }).click();
	await shoot(page, '11-player');
}

async function downloads(call) {
	const coming = page.waitForEvent('download');
	await page.getByRole('link', { name: '下载' }).click();
	const file = readFileSync(await (await coming).path());
	assert.equal(file.toString('latin1', 0, 4), 'RIFF');
	assert.deepEqual([file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt32LE(24)], [6, 2, 8000], 'A-law, two channels, 8000 Hz');
	const { length_ms } = await get('/api/recordings/' + call.recordings[0]);
	assert.ok(Math.abs(file.length - length_ms * 16) < 3200, `${file.length} octets for ${length_ms} ms`);
}

async function everywhere(call) {
	const sizes = { desk: { width: 1360, height: 900 }, pocket: { width: 360, height: 740 } };
	for (const [size, viewport] of Object.entries(sizes)) {
		const small = await open({ viewport, storageState: await page.context().storageState() });
		for (const [language, other, name] of [['zh-CN', 'English', '实时'], ['en', '中文', 'Live']]) {
			for (const path of ['/', '/calls', `/calls/${call.id}`, '/voicemails', '/try']) {
				await small.goto(url + path);
				await small.getByRole('link', { name }).first().waitFor();
				await small.locator('main .card, main h1').last().waitFor();
				assert.equal(await small.locator('html').getAttribute('lang'), language);
				const over = await small.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				assert.ok(over <= 0, `${path} fits the ${size} (${over} too wide)`);
				if ((size === 'pocket') === (language === 'en')) await readable(small, `${path} on the ${size} in ${language}`);
				await shoot(small, `20-${size}-${language}${path.replaceAll('/', '-')}`);
			}
			await small.getByRole('button', { name: other }).click();
		}
		await small.context().close();
	}
}

async function reloads() {
	await page.goto(url);
	await panel('线路').waitFor();
	await page.reload();
	await panel('线路').waitFor();
}

async function returns() {
	await page.evaluate(() => (window.here = true));
	await stop();
	await page.getByText('连接中断').waitFor();
	await shoot(page, '30-lost');
	await start();
	await page.getByText('连接中断').waitFor({ state: 'detached' });
	await page.getByText('实时数据已连接').waitFor({ state: 'attached' });
	assert.equal(await page.evaluate(() => window.here), true, 'the page was not loaded anew');
	const ring = spawn(boxctl, ['sim', 'ring', 'fxo/2', '--from', '02155556666', '--for', '3s', '--data', data], { stdio: 'ignore' });
	await panel('进行中').getByText('02155556666').waitFor();
	await once(ring, 'exit');
}

async function leaves() {
	const signedIn = await page.context().storageState();
	await page.getByRole('button', { name: '退出登录' }).click();
	await page.getByRole('button', { name: '登录' }).waitFor();
	const thief = await open({ storageState: signedIn });
	await thief.goto(url);
	await thief.getByRole('button', { name: '登录' }).waitFor();
	assert.equal((await thief.request.get(url + '/api/calls')).status(), 401, 'the old cookie opens nothing');
	await thief.context().close();
	await page.getByLabel('用户名').fill('admin');
	await page.getByLabel('密码').fill('not the password');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').waitFor();
	await shoot(page, '31-refused');
	await readable(page, 'sign in');
	await page.getByLabel('密码').fill(password);
	await page.keyboard.press('Enter');
	await panel('线路').waitFor();
}
