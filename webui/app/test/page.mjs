// Drives the page in headless Chromium against the box in memory (webui/demo_test.go) and looks at what a person would.
// With --pictures it also leaves pictures of the pages of calls in docs/pages, in each look; ONLY is a pattern of their names.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { looks, picture } from './picture.mjs';

const pictures = process.argv.includes('--pictures');
const only = new RegExp(process.env.ONLY ?? '.');
const folder = '../../docs/pages';
const address = `127.0.0.1:${20000 + Math.floor(Math.random() * 9000)}`;
const url = `http://${address}`;

const box = spawn('go', ['test', '.', '-run', 'TestDemo', '-count', '1', '-timeout', '1h', '-demo', address], { cwd: '..', detached: true, stdio: 'ignore' });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const faults = [];

function check(holds, what) {
	console.log(holds ? 'ok  ' : 'FAIL', what);
	if (!holds) faults.push(what);
}

async function open(options) {
	const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1360, height: 900 }, ...options });
	const page = await context.newPage();
	page.on('console', (m) => m.type() === 'error' && !/40[13]|ERR_|net::/.test(m.text()) && faults.push('console: ' + m.text()));
	page.on('pageerror', (e) => faults.push('script: ' + e.message));
	page.on('request', (r) => new URL(r.url()).host === address || r.url().startsWith('blob:') || faults.push('another host: ' + r.url()));
	return page;
}

/** other is a page in another look, where one is signed in as whom a page is, or nobody without one. */
async function other(look, page) {
	const { cookies } = page ? await page.context().storageState() : { cookies: [] };
	return open({ storageState: { cookies, origins: [] }, ...look });
}

/** shoot goes to a page of the box in each look, and leaves a picture once it is ready. What it shows fits a telephone, pictures or not. */
async function shoot(page, path, name, ready, whole = false) {
	for (const [suffix, look] of Object.entries(looks)) {
		if (pictures ? !only.test(name + suffix) : suffix !== '-small') continue;
		const o = await other(look, page);
		await o.goto(url + path);
		await ready(o);
		const over = await o.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		check(over <= 0, `${name + suffix} fits its screen (${over})`);
		if (pictures) await picture(o, folder, name + suffix, whole);
		await o.context().close();
	}
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** readable holds a page to the accessibility rules (WCAG 2.1 A and AA): no serious finding. */
async function readable(page, name) {
	// Colours on their way from light to dark are no finding.
	await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished)));
	await page.evaluate(axe);
	const found = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
	const serious = found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
	for (const v of serious)
		console.log(
			'    ',
			v.id,
			v.nodes
				.map((n) => n.target.join(' '))
				.slice(0, 4)
				.join(' | '),
			v.nodes[0].failureSummary.split('\n')[1],
		);
	check(!serious.length, `${name} can be read by everybody`);
}

async function started() {
	for (let i = 0; i < 480; i++) {
		if (
			await fetch(url + '/api/status').then(
				(r) => r.ok,
				() => false,
			)
		)
			return;
		await wait(250);
	}
	throw new Error('the box in memory did not start');
}

async function claim(page) {
	await page.goto(url);
	await page.getByLabel('认领码').fill('0000-0000');
	await page.getByLabel('密码', { exact: true }).fill('correct horse battery');
	await page.getByRole('button', { name: '认领并登录' }).click();
	await page.getByRole('alert').waitFor();
	check((await page.getByRole('alert').innerText()).includes('面板'), 'a wrong claim code says where to look');
	await page.getByLabel('认领码').fill('4821-7730');
	await shoot(undefined, '/', 'claim', (o) => o.getByLabel(/^(认领码|Claim code)/).fill('4821-7730'));
	await readable(page, 'claim');
	await page.getByRole('button', { name: '认领并登录' }).click();
	await page.getByRole('button', { name: '稍后再说' }).click();
	await page.getByRole('heading', { name: '队列' }).waitFor();
	check(true, 'claimed, and signed in');
}

async function live(page) {
	const row = page.locator('section', { hasText: '进行中' }).getByRole('listitem').first();
	const timer = () => row.locator('.time').innerText();
	const before = await timer();
	await wait(2200);
	check((await timer()) !== before, 'timers run without a reload');
	check((await page.getByRole('img', { name: /^排队分布：.+、/ }).count()) === 1, 'a pie shows who waits where');
	await readable(page, 'live');
	for (const [tile, part] of [['进行中的通话', 'calls'], ['等待接听', 'queues'], ['空闲座席', 'agents'], ['占用线路', 'lines']]) {
		await page.locator('dl').getByRole('link', { name: tile }).press('Enter');
		check(await page.waitForFunction((id) => document.activeElement?.id === id, part).then(() => true), `the figure "${tile}" leads to what it counts`);
	}
	await page.evaluate(() => scrollTo(0, 0));
	await page.getByRole('button', { name: 'English' }).click();
	await page.getByRole('heading', { name: 'Queues' }).waitFor();
	check((await page.locator('html').getAttribute('lang')) === 'en', 'the page speaks English');
	await page.getByRole('button', { name: 'Dark theme' }).click();
	await readable(page, 'live in the dark');
	await page.getByRole('button', { name: 'Light theme' }).click();
	await page.getByRole('button', { name: '中文' }).click();
}

async function calls(page) {
	await page.getByRole('link', { name: '通话', exact: true }).click();
	await page.getByRole('row').nth(5).waitFor();
	await readable(page, 'calls');
	await page.getByLabel('结果').selectOption('answered');
	await page.waitForFunction(() => [...document.querySelectorAll('tbody .pill')].every((p) => p.textContent === '已接听'));
	check((await page.getByRole('row').count()) > 5, 'calls are found by their outcome');
	check((await page.getByText('质检得分').count()) > 0, 'the points of a call stand in its row');
	await page.getByLabel('营业时间').selectOption('*');
	await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === document.querySelectorAll('tbody [title^=夜间]').length);
	check((await page.getByRole('row').count()) > 5, 'calls outside of opening hours are found, and say that they are');
	check((await page.getByRole('link', { name: 'CSV' }).getAttribute('href')).includes('closed=*'), 'and so is their export');
	await page.getByLabel('营业时间').selectOption('');
	await page.waitForFunction(() => document.querySelectorAll('tbody tr').length > document.querySelectorAll('tbody [title^=夜间]').length);
	await page.locator('tbody tr').first().click();
	await page.getByRole('button', { name: '播放', exact: true }).click();
	await page.waitForFunction(() => document.querySelector('audio').currentTime > 0.4);
	check(true, 'the recording plays');
	check((await page.locator('.waves svg').count()) === 2, 'both channels are drawn');
	await page.getByRole('slider').press('ArrowRight');
	check((await page.evaluate(() => document.querySelector('audio').currentTime)) > 5, 'the keyboard seeks');
	await readable(page, 'the story of a call');
	check((await page.locator('ol li').count()) > 8, 'the story is told');
	await ladder(page);
	const plays = await page.evaluate(
		(src) =>
			new Promise((done) => {
				const audio = new Audio(src);
				audio.oncanplaythrough = () => done(true);
				audio.onerror = () => done(false);
			}),
		await page
			.locator('a[download]')
			.first()
			.evaluate((a) => a.href.replace('?download=true', '')),
	);
	check(plays, 'Chromium plays A-law WAV as the box records it');
}

async function ladder(page) {
	const part = page.locator('section', { has: page.getByRole('heading', { name: '信令' }) });
	const setup = part.getByRole('button', { name: 'SETUP' });
	await setup.click();
	check((await part.locator('pre').innerText()).includes('承载能力：语音'), 'Q.931 is told element by element');
	await part.scrollIntoViewIfNeeded();
	await page.mouse.wheel(0, 500);
	await readable(page, 'the ladder');
	await part.getByRole('button', { name: ': BYE' }).press('Enter');
	check((await part.locator('pre').innerText()).startsWith('BYE sip:801'), 'SIP is shown as it is');
	await part.getByRole('button', { name: '表格' }).click();
	check((await part.getByRole('row').count()) > 30, 'the ladder has a table form');
	check((await part.getByRole('row').nth(1).innerText()).includes('SETUP'), 'in the order of time');
	await readable(page, 'the ladder as a table');
	const file = await page.request.get(await part.getByRole('link', { name: 'Wireshark' }).evaluate((a) => a.href));
	check(file.headers()['content-disposition']?.includes('.pcapng'), 'and a file for Wireshark');
}

async function spans(page) {
	await page.getByRole('link', { name: '中继' }).click();
	const span = page.locator('main section').first();
	await span.getByText('无告警').waitFor();
	check((await span.getByRole('button', { name: /^话路 \d+/ }).count()) === 30, 'a span has 30 channels');
	await span.getByRole('button', { name: '话路 1,' }).focus();
	for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'End', 'Home', 'Enter']) await page.keyboard.press(key);
	await span.getByText('13816402257').or(span.getByText('02162345678')).waitFor();
	check(true, 'the arrow keys walk among the channels, and Enter chooses one');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await span.getByText('进行中的通话不受影响').waitFor();
	await readable(page, 'spans');
	await page.keyboard.press('Enter'); // the question has the focus
	await span.getByText('这一通话结束后不再使用').waitFor();
	check(true, 'a channel is blocked by keyboard, and its call goes on');
	await span.getByRole('button', { name: '恢复使用' }).click();
	await span.getByRole('button', { name: '停用话路' }).waitFor();
	check(true, 'and is given back');
	await page.getByRole('button', { name: 'English' }).click();
	await page.getByRole('button', { name: 'Dark theme' }).click();
	await readable(page, 'spans in the dark');
	await page.getByRole('button', { name: 'Light theme' }).click();
	await page.getByRole('button', { name: '中文' }).click();
}

async function reports(page) {
	await page.getByRole('link', { name: '报表' }).click();
	await page.getByRole('button', { name: '小时' }).click();
	const total = page.locator('tr.total');
	await total.waitFor();
	await page.locator('.uplot canvas').waitFor();
	await readable(page, 'a report');
	const answered = page.locator('tbody a[href*="answered=yes"]').first();
	const n = Number(await answered.innerText());
	await answered.click();
	await page.getByRole('row').nth(n).waitFor();
	check((await page.locator('tbody tr').count()) === n, `the ${n} calls behind a figure open`);
	check((await page.locator('.chip').count()) === 2, 'and the page says which they are');
	await page.goBack();
	await page.getByRole('button', { name: '座席', exact: true }).click();
	await page.locator('section tbody tr').nth(1).waitFor();
	await readable(page, 'the report of agents');
	const file = await page.request.get(await page.locator('a[download]').first().evaluate((a) => a.href));
	check(file.headers()['content-disposition']?.includes('agents-'), 'a report leaves as a file');
	await page.getByText('指标口径说明').click();
	check(await page.getByText('处理通话数 ÷ 在线小时数').isVisible(), 'each figure is defined');
	check(await page.getByText('（非常满意＋满意）÷ 已评价 × 100。 目标：95.0 %').isVisible(), 'with its target');
	check(await page.locator('.tile').filter({ hasText: '满意率' }).getByText('未达标').isVisible(), 'and a figure says whether it meets it');
}

async function long(page) {
	await page.route('**/api/recordings/*', async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ json: { ...(await answer.json()), length_ms: 3_600_000 } });
	});
	await page.goto(url + '/calls/3-1000');
	await page.getByRole('button', { name: '播放', exact: true }).click();
	await page.waitForFunction(() => document.querySelector('audio').currentTime > 0.4);
	check((await page.locator('.waves svg').count()) === 0, 'a very long recording plays as it comes');
	await page.unroute('**/api/recordings/*');
}

async function tryCall(page) {
	await page.getByRole('link', { name: '试打' }).click();
	await page.getByRole('button', { name: '开始呼叫' }).click();
	await page.getByText('李华（1001）接听').waitFor();
	await page.locator('.waves').waitFor();
	await readable(page, 'try');
	check(true, 'a tried call tells what came of it');
}

async function line(page) {
	await page.goto(url + '/settings/lines/' + encodeURIComponent('fxo/1'));
	await page.getByRole('button', { name: '开始体检' }).click();
	await page.getByText('50 Hz 交流声').waitFor();
	check(await page.getByText('可用', { exact: true }).isVisible(), 'a line is tested, and says in words how it is');
	await page.getByText('建议采用').waitFor();
	await readable(page, 'a line that was tested and has learned a tone');
	await page.getByRole('button', { name: '采用', exact: true }).click();
	await page.getByText('已采用').waitFor();
	check((await page.getByRole('button', { name: '采用', exact: true }).count()) === 0, 'a tone is adopted once');
	await page.getByRole('button', { name: '不再采用' }).click();
	await page.getByText('建议采用').waitFor();
}

const card = (o) => o.locator('main .card').first().waitFor();
const press = (o, name) => o.getByRole('button', { name }).first().click();

async function heard(o) {
	await press(o, /^(播放|Play)$/);
	await o.locator('.waves svg').first().waitFor();
}

/** each leaves pictures of the pages of calls, as who is signed in on a page sees them. */
async function each(page) {
	await shoot(page, '/', 'live', card);
	await shoot(page, '/calls', 'calls', (o) => o.getByRole('row').nth(5).waitFor());
	await shoot(page, '/calls/3-1000', 'call', heard);
	await shoot(page, '/calls/3-1000', 'ladder', async (o) => {
		await press(o, /SETUP/);
		await o.getByRole('heading', { name: /^(信令|Signalling)$/ }).evaluate((h) => h.scrollIntoView());
		await o.mouse.wheel(0, -80);
	});
	await shoot(page, '/spans', 'spans', (o) => press(o, /^(话路|Channel) 1,/));
	await shoot(page, '/reports', 'reports', (o) => o.locator('.uplot canvas').first().waitFor());
	await shoot(page, '/reports?by=agents', 'reports-agents', (o) => o.locator('section tbody tr').nth(1).waitFor());
	await shoot(page, '/voicemails', 'voicemails', async (o) => {
		await o.locator('li .row').first().click();
		await o.locator('.waves').waitFor();
	});
	await shoot(page, '/try', 'try', async (o) => {
		await press(o, /^(开始呼叫|Place the call)/);
		await o.locator('.waves').waitFor();
	});
	await shoot(page, '/wall', 'wall', (o) => o.locator('section').nth(2).waitFor());
}

async function desk(page) {
	await page.getByLabel('用户名').fill('lihua');
	await page.getByLabel('密码').fill('correct horse battery');
	await page.keyboard.press('Enter');
	await page.getByRole('link', { name: '实时' }).last().click();
	const own = page.locator('section.desk');
	await own.getByText('通话', { exact: true }).waitFor();
	await own.getByLabel('示忙原因').selectOption('meeting');
	await own.getByRole('button', { name: '示忙' }).click();
	await own.getByText('示忙 · 会议').waitFor();
	check(true, 'an agent changes the own state');
	await own.getByRole('button', { name: '示闲' }).click();
	await own.getByText('空闲', { exact: true }).waitFor();
	check(true, 'and is ready again');
	await readable(page, 'the desk');
}

/** An agent's day: the caller is known before a word, is noted, and who was missed is called back. */
async function day(page) {
	await page.getByRole('link', { name: '工作台', exact: true }).click();
	await page.getByText('洗衣机漏水').waitFor();
	check(await page.getByText('今晚 18:00 系统测试').isVisible(), 'the notice is read, and the earlier notes of the caller');
	await readable(page, "an agent's desk");
	const small = await other(looks['-small'], page);
	await small.goto(url + '/desk');
	await small.getByText('仓库值班').waitFor();
	await readable(small, 'the desk in a pocket');
	await small.context().close();
	await shoot(page, '/desk', 'desk', (o) => o.getByText('仓库值班').waitFor(), true);
	await page.keyboard.press('Alt+n');
	await page.keyboard.type('已改约周五');
	await page.getByRole('button', { name: '报修' }).click();
	await page.getByText('已保存').waitFor();
	check(true, 'a call is noted by keyboard and a code');
	await page.getByRole('button', { name: /^回拨/ }).first().click();
	await page.getByText('您的话机即将振铃').waitFor();
	check(true, 'a missed caller is called back by one press');
	await page.keyboard.press('Alt+h');
	await page.getByText('请协助我处理通话').waitFor();
	check(true, 'the supervisors are called for help');
	await page.reload();
	await page.getByText('已改约周五').waitFor();
	check(true, 'a reload keeps the call and its notes');
	await page.context().setOffline(true);
	await page.getByText('设备暂时收不到本页面的心跳').waitFor({ timeout: 15_000 });
	await page.context().setOffline(false);
	await page.getByText('设备暂时收不到本页面的心跳').waitFor({ state: 'detached' });
	check(true, 'a network that is cut is told to the agent, and found again');
}

/** The wallboard stands on a television: no menu, all figures large. */
async function wall(page) {
	await page.goto(url + '/wall');
	await page.locator('section').nth(2).waitFor();
	await readable(page, 'the wallboard');
	check((await page.locator('section.alarm').count()) > 0, 'a queue that waits too long is red');
	await page.getByRole('link', { name: '主要原因' }).click();
	await page.locator('tbody tr').first().waitFor();
	check(new URL(page.url()).pathname === '/calls', 'the cause of a low answer rate opens its calls');
	await page.getByRole('link', { name: '实时' }).last().click();
}

async function lost(page) {
	process.kill(-box.pid, 'SIGKILL');
	await page.getByText('连接中断').waitFor({ timeout: 40_000 });
	check(true, 'a lost box is told');
}

try {
	await started();
	const page = await open({ colorScheme: 'light' });
	await claim(page);
	await live(page);
	await calls(page);
	await reports(page);
	await long(page);
	await spans(page);
	await line(page);
	await tryCall(page);
	await page.getByRole('link', { name: '留言' }).click();
	await page.locator('li .row').first().click();
	await page.locator('.waves').waitFor();
	check(true, 'messages can be heard');
	await each(page);
	await page.getByRole('button', { name: '退出登录' }).click();
	await page.getByRole('button', { name: '登录' }).waitFor();
	check(true, 'signed out');
	await readable(page, 'sign in');
	await shoot(undefined, '/', 'signin', (o) => o.getByLabel(/^(密码|Password)$/).waitFor());
	await desk(page);
	await day(page);
	await wall(page);
	await lost(page);
} finally {
	await browser.close();
	if (box.exitCode === null && box.signalCode === null) process.kill(-box.pid, 'SIGKILL');
}

for (const fault of faults) console.error('fault:', fault);
process.exitCode = faults.length ? 1 : 0;
