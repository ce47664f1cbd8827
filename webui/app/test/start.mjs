// Starts the real box on the simulated board for a test: bin/boxd on a loopback address and in a data directory of its own.
// BOXD names another program, PICTURES a folder for a picture of each step.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

export const boxd = process.env.BOXD ?? resolve(import.meta.dirname, '../../../bin/boxd');
const boxctl = join(dirname(boxd), 'boxctl');
const chrome = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** skip says what is missing to run a test with the real box, or false. */
export const skip =
	[boxd, boxctl].filter((f) => !existsSync(f)).map((f) => `${f} is not built: run make build`)[0] ??
	(existsSync(chrome) ? false : `${chrome} is missing: run make tools`);

export const password = 'four green paper kites';
const octet = () => 1 + Math.floor(Math.random() * 254);
const quiet = ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--mute-audio'];
const media = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

/** A Box is a running boxd with a browser beside it. */
export class Box {
	named = 'http://box.localhost:8080'; // the same by a name, which browsers take for a secure place
	data = mkdtempSync(join(tmpdir(), 'callbox-'));
	strangers = []; // what a page must never do: script errors, requests to other hosts
	within = []; // a program and its arguments that run another one

	constructor(host = `127.${octet()}.${octet()}.${octet()}`) {
		this.host = host;
		this.url = `http://${host}:8080`;
	}

	async start() {
		const options = ['--board', 'sim', '--data', this.data, '--http', `${this.host}:8080`, '--sip', `${this.host}:5060`];
		const [program, ...args] = [...this.within, boxd, ...options];
		this.process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
		const said = [];
		for await (const line of createInterface(this.process.stderr)) {
			said.push(line);
			if (!line.includes('box runs')) continue;
			this.process.stderr.resume();
			this.browser ??= await chromium.launch({ executablePath: chrome, args: [...quiet, ...media, `--host-resolver-rules=MAP box.localhost ${this.host}`] });
			return this;
		}
		throw new Error('boxd did not start:\n' + said.join('\n'));
	}

	async end() {
		if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
		const ended = once(this.process, 'exit');
		this.process.kill('SIGTERM');
		await ended;
	}

	async restart() {
		await this.end();
		await this.start();
	}

	async stop() {
		await this.browser?.close();
		await this.end();
		rmSync(this.data, { recursive: true, force: true });
	}

	ctl(...args) {
		return execFileSync(boxctl, [...args, '--data', this.data], { encoding: 'utf8', timeout: 60_000, stdio: 'pipe' }).trim();
	}

	/** open makes a page in a context of its own. */
	async open(options, browser = this.browser) {
		const context = await browser.newContext({ locale: 'zh-CN', colorScheme: 'light', viewport: { width: 1360, height: 900 }, ...options });
		context.setDefaultTimeout(60_000);
		const page = await context.newPage();
		page.on('pageerror', (e) => this.strangers.push('script: ' + e.message));
		page.on('request', (r) => [this.url, this.named].includes(new URL(r.url()).origin) || /^(blob|data):/.test(r.url()) || this.strangers.push(r.url()));
		return page;
	}

	/** claim makes the administrator by the API and signs the page in. */
	async claim(page) {
		await page.request.post(this.url + '/api/claim', { data: { code: this.ctl('claim'), user: 'admin', password } });
	}

	/** configure changes the configuration. */
	configure(change) {
		const config = JSON.parse(this.ctl('config', 'get', '--json'));
		change(config);
		const file = join(this.data, 'changed.json');
		writeFileSync(file, JSON.stringify(config));
		this.ctl('config', 'put', file);
	}

	/** ring has a caller ring a line from outside. Hangup ends the call and returns when it is over. */
	ring(line, from, ...more) {
		const args = ['sim', 'ring', line, '--from', from, '--for', '300s', ...more, '--data', this.data];
		const caller = spawn(boxctl, args, { stdio: 'ignore' });
		const over = once(caller, 'exit');
		return { over, hangup: () => (caller.kill('SIGINT'), over) };
	}
}

/** A Laptop is a browser of its own. Asleep, its processes stand still: its connections stay open, and nobody answers on them. */
export class Laptop {
	async open() {
		this.server = await chromium.launchServer({ executablePath: chrome, args: [...quiet, ...media] });
		this.browser = await chromium.connect(this.server.wsEndpoint());
		return this;
	}

	sleep() {
		process.kill(-this.server.process().pid, 'SIGSTOP'); // Playwright starts each browser as the leader of a group
	}

	wake() {
		process.kill(-this.server.process().pid, 'SIGCONT');
	}

	close() {
		return this.server.kill();
	}
}

/** withBox runs a box around the tests of a file, on which each stands on those before; begin is given the box and the
 * administrator's page. In the end no page had a script error, and none asked another host for anything. */
export function withBox(begin, claimed = true, make = () => new Box()) {
	let box;
	before(async () => {
		if (skip) return;
		box = await make().start();
		const page = await box.open();
		if (claimed) await box.claim(page);
		await begin(box, page);
	});
	after(async () => {
		await box?.stop();
		assert.deepEqual(box?.strangers ?? [], []);
	});
}

/** steps gives a test() whose tests are left out once one of them failed: the later ones stand on it. */
export function steps() {
	let stuck = false;
	return (name, walk) =>
		test(name, { skip, timeout: 300_000 }, async (t) => {
			if (stuck) return t.skip('an earlier step failed');
			stuck = true;
			await walk();
			stuck = false;
		});
}

export async function shoot(page, name) {
	if (!process.env.PICTURES) return;
	mkdirSync(process.env.PICTURES, { recursive: true });
	await page.screenshot({ path: join(process.env.PICTURES, name + '.png'), fullPage: true });
}

/** good holds a page to WCAG 2.1 AA and to the width of its screen. */
export async function good(page, name) {
	await shoot(page, name);
	assert.deepEqual(await findings(page), [], name);
	const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	assert.ok(over <= 0, `${name} is ${over} too wide`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** findings are the serious findings of axe-core on a page (WCAG 2.1 A and AA). */
export async function findings(page) {
	// Colours on their way from light to dark are no finding.
	await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished)));
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
	const { violations } = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
	return violations
		.filter((v) => v.impact === 'serious' || v.impact === 'critical')
		.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(' | ')} ${v.nodes[0].failureSummary.split('\n')[1]}`); // prettier-ignore
}

const rate = 8000;

/** sound is a WAV file of a tone, in base64. */
export function sound(hertz, seconds) {
	const samples = Int16Array.from({ length: rate * seconds }, (_, i) => 8000 * Math.sin((2 * Math.PI * hertz * i) / rate));
	const head = Buffer.alloc(44);
	head.write('RIFF', 0);
	head.writeUInt32LE(36 + samples.byteLength, 4);
	head.write('WAVEfmt ', 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(1, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * 2, 28);
	head.writeUInt16LE(2, 32);
	head.writeUInt16LE(16, 34);
	head.write('data', 36);
	head.writeUInt32LE(samples.byteLength, 40);
	return Buffer.concat([head, Buffer.from(samples.buffer)]).toString('base64');
}

/** loudness is the share of loud samples in a channel of a recording (A-law, stereo). */
export function loudness(wav, channel) {
	let loud = 0;
	for (let i = 44 + channel; i < wav.length; i += 2) loud += ((wav[i] ^ 0x55) & 0x70) > 0x40;
	return loud / ((wav.length - 44) / 2);
}
