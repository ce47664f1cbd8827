// A customer system is told of a call by a webhook that an administrator makes on the page, in headless Chromium against the real
// box. No webhook goes to the box itself (webhook/guard.go), so the system has to stand on another computer: this file runs once
// more in a network of its own, where it is that computer, and the box is in a second one at the far end of a cable.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { panel } from './center.mjs';
import { Box, good, skip, steps, withBox } from './start.mjs';

const [near, far] = ['192.168.1.20', '192.168.1.10']; // the system, the box
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });

/** A System takes what it is sent, or answers that it is broken. */
class System {
	came = [];
	broken = false;

	async open(folder) {
		const [key, cert] = ['key', 'cert'].map((name) => join(folder, name + '.pem'));
		run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=crm', '-addext', `subjectAltName=IP:${near}`, '-keyout', key, '-out', cert);
		this.fingerprint = new X509Certificate(readFileSync(cert)).fingerprint256;
		this.server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, answer) => this.take(request, answer));
		this.server.listen(8443, near);
		await once(this.server, 'listening');
	}

	async take(request, answer) {
		const body = (await request.setEncoding('utf8').toArray()).join('');
		this.came.push({ headers: request.headers, body, event: JSON.parse(body) });
		answer.writeHead(this.broken ? 500 : 204).end();
	}
}

/** believes verifies a message by the lines of shell that docs/API.md gives to those who write such a system. */
function believes({ headers, body }, secret) {
	const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/API.md'), 'utf8');
	const [, lines] = guide.match(/```sh\n(# The body on standard input.*?)```/s);
	const header = (name) => headers['webhook-' + name];
	const env = { ...process.env, SECRET: secret, WEBHOOK_ID: header('id'), WEBHOOK_TIMESTAMP: header('timestamp'), WEBHOOK_SIGNATURE: header('signature') };
	return spawnSync('sh', ['-c', lines], { input: body, env }).status === 0;
}

/** A FarBox is on a network of its own, at the other end of a cable from this one. */
class FarBox extends Box {
	constructor() {
		super(far);
		const plug = `ip link set lo up; ip link add lan type veth peer name lan netns ${process.pid}; ip addr add ${far}/24 dev lan; ip link set lan up`;
		this.within = ['unshare', '--net', 'sh', '-ec', plug + '; exec "$@"', 'sh'];
	}

	async start() {
		run('ip', 'link', 'set', 'lo', 'up');
		await super.start();
		run('ip', 'addr', 'add', near + '/24', 'dev', 'lan');
		run('ip', 'link', 'set', 'lan', 'up');
		return this;
	}
}

function tells() {
	const step = steps();
	const system = new System();
	let box, page, secret, caller;

	const begin = (...made) => (([box, page] = made), system.open(box.data));
	withBox(begin, true, () => new FarBox());
	after(() => system.server?.close());

	const bar = () => page.getByRole('region', { name: '未生效的修改' });
	const trial = () => page.getByRole('button', { name: '发送试验事件' }).click();
	const delivery = (...words) => words.reduce((list, hasText) => list.filter({ hasText }), panel(page, '最近的推送').getByRole('listitem'));
	async function apply() {
		await bar().getByRole('button', { name: '查看并生效' }).click();
		await page.getByRole('dialog').getByRole('button', { name: '立即生效' }).click();
		await page.getByText('已生效', { exact: true }).waitFor();
	}

	step('a system whose certificate nobody vouches for is trusted by its fingerprint, and takes a trial', async () => {
		await page.goto(box.url + '/settings/webhooks');
		await page.getByRole('button', { name: '添加推送' }).click();
		await page.getByLabel('名称', { exact: true }).fill('客户系统');
		await page.getByLabel('地址').fill(`https://${near}:8443/calls`);
		secret = await page.getByLabel('密钥').inputValue();
		await apply();
		await trial();
		await delivery('请在此填写它的指纹').waitFor();
		assert.equal(system.came.length, 0, 'who shows another certificate is told nothing');
		await page.getByLabel('证书指纹').fill(system.fingerprint);
		await apply();
		await trial();
		await delivery('试发', '已送达').waitFor();
		assert.equal(system.came.at(-1).event.type, 'test');
		assert.ok(believes(system.came.at(-1), secret));
	});

	step('while the system is broken, the page says what it answers and when it is tried again', async () => {
		system.broken = true;
		caller = box.ring('fxo/1', '02162345678');
		while (!(await (await page.request.get(box.url + '/api/live')).json()).calls.length);
		await caller.hangup();
		await delivery('通话结束', '对方回答 500', '重试').first().waitFor();
		await good(page, 'webhook-1-refused');
	});

	step('once it works again it has the call, by the same message and with a signature that the guide verifies', async () => {
		system.broken = false;
		await delivery('通话结束', '已送达').waitFor();
		await good(page, 'webhook-2-taken');
		const ended = system.came.filter((m) => m.event.type === 'call.ended');
		assert.ok(ended.length > 1 && ended.every((m) => m.headers['webhook-id'] === ended[0].headers['webhook-id'] && m.body === ended[0].body));
		const { event, headers, body } = ended.at(-1);
		assert.equal(event.data.record.caller.number, '02162345678');
		assert.ok(believes({ headers, body }, secret));
		assert.ok(!believes({ headers, body: body.replace('02162345678', '02162345679') }, secret));
	});
}

/** twice runs this file once more, in a network of its own; for others than root, users are their own there too. */
function twice() {
	const unshare = (args, options) => spawnSync('unshare', [...(process.getuid() === 0 ? [] : ['--user', '--map-root-user']), '--net', ...args], options);
	const tried = unshare(['ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'far'], { encoding: 'utf8' });
	const alone = tried.status !== 0 && 'this computer lets nobody lay a cable: ' + (tried.stderr ?? tried.error);
	test('a customer system is told of calls by a webhook', { skip: skip || alone, timeout: 600_000 }, () => {
		const { NODE_TEST_CONTEXT: _, ...env } = process.env;
		const { status } = unshare([process.execPath, import.meta.filename], { stdio: 'inherit', env: { ...env, CALLBOX_CABLE: '1' } });
		assert.equal(status, 0);
	});
}

if (process.env.CALLBOX_CABLE) tells();
else twice();
