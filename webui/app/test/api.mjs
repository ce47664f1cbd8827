// The examples of docs/API.md work as they are printed, against the real box on the simulated board.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { Center } from './center.mjs';
import { password, skip, withBox } from './start.mjs';

let box;
withBox(async (made, admin) => {
	box = made;
	box.configure((c) => {
		const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
		c.sms = { url: 'https://sms.example.cn/', secret };
		c.mail = { ...c.mail, server: 'smtp.example.cn', from: 'box@example.cn' };
		c.webhooks.push({ id: 'crm', name: 'CRM', url: 'https://crm.example.cn/', events: ['call.ended'], secret, disabled: false });
	});
	await new Center(box, admin).phones({ extension: '801' });
});

test('each command of the guide does what it says', { skip }, () => {
	const guide = readFileSync(resolve(import.meta.dirname, '../../../docs/API.md'), 'utf8');
	const [, printed] = guide.match(/```sh\n(# Sign in once.*?)```/s);
	const typed = printed.replace('http://box:8080', box.url).replace('"..."', JSON.stringify(password));
	// A stream is read for a moment (28: the time was up); whatever else is refused or fails ends the shell.
	const shell = 'curl() { command curl -sS --fail-with-body --max-time 3 "$@" || test $? -eq 28; }\n' + typed;
	const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', shell], { cwd: box.data, encoding: 'utf8' });
	assert.equal(status, 0, stdout + stderr);
	for (const said of [/"name":"admin"/, /"calls":\[\]/, /^event: live/m, /"call":"\d+-\d+"/, /"changes":\[\]/, /"try":1/, /"state":"queued"/]) assert.match(stdout, said);
	assert.ok(JSON.parse(readFileSync(resolve(box.data, 'config.json'), 'utf8')).phones.length);
});
