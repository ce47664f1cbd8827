// A backup leaves the box encrypted and comes back by the page, in headless Chromium against the real box on the simulated board (A16.5).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Box, good, password, skip, withBox } from './start.mjs';

let box, page;
withBox((...made) => ([box, page] = made));

const config = async () => (await page.request.get(box.url + '/api/config')).json();
const open = () => page.goto(box.url + '/settings/backup');
const restore = () => page.getByRole('button', { name: '确认恢复' }).click();
const told = (text) => page.getByRole('alert').filter({ hasText: text }).waitFor();

/** choose chooses a file, and gives the passphrase that the page then asks for. */
async function choose(buffer, passphrase) {
	await page.getByLabel('备份文件').setInputFiles({ name: 'callbox.backup', mimeType: 'application/octet-stream', buffer });
	if (passphrase) await page.locator('#restore-passphrase').fill(passphrase);
}

/** back signs in on the box that has started again, with the backup's account. */
async function back() {
	await page.getByLabel('用户名').fill('admin');
	await page.getByLabel('密码', { exact: true }).fill(password);
	await page.getByRole('button', { name: '登录', exact: true }).click();
	await page.getByRole('heading', { name: '恢复' }).waitFor();
}

test('a backup is encrypted with a passphrase, and restored from the page with it alone', { skip, timeout: 120_000 }, async () => {
	const passphrase = '四只 paper kites & 100%';
	const name = (await config()).site.name;
	await open();
	const given = page.getByLabel('备份口令');
	await given.fill('kites');
	await page.getByRole('button', { name: '下载加密备份' }).click();
	await told('备份口令至少需要 10 个字符');
	assert.equal(await given.getAttribute('aria-invalid'), 'true');
	await given.fill(passphrase);
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: '下载加密备份' }).click();
	const file = join(box.data, 'kept.backup');
	await (await download).saveAs(file);
	assert.match((await download).suggestedFilename(), /^callbox-\d{8}-\d{4}\.backup$/);
	await page.getByText('加密备份已下载').waitFor();
	await good(page, 'backup-made');
	const whole = readFileSync(file);
	assert.equal(whole.subarray(0, 14).toString(), 'callbox sealed');

	box.configure((c) => (c.site.name = '恢复之前'));
	await open();
	await choose(Buffer.from('no backup'));
	await restore();
	await told('不是备份文件');
	await choose(whole, passphrase + '.');
	await page.getByText('这份备份已加密').waitFor();
	await restore();
	await told('口令打不开这份备份');
	await good(page, 'backup-wrong');
	for (const bad of [whole.subarray(0, -1), Buffer.concat([whole, whole.subarray(32)])]) {
		await choose(bad, passphrase);
		await restore();
		await told('没有任何改动');
	}
	assert.equal((await config()).site.name, '恢复之前', 'what is refused changes nothing');
	await choose(whole, passphrase);
	await restore();
	await back();
	assert.equal((await config()).site.name, name);
	await page.goto(box.url + '/settings/history');
	await page.getByRole('cell', { name: /恢复了备份/ }).first().waitFor();
	assert.ok(!(await page.content()).includes('paper kites'));
});

test('the backup of another box is taken when that is meant', { skip, timeout: 120_000 }, async () => {
	const other = await new Box().start();
	try {
		await other.claim(await other.open());
		other.configure((c) => (c.site.name = '另一家公司'));
		const file = join(box.data, 'other.backup');
		other.ctl('backup', file, '--passphrase', 'three blue garden chairs');
		await open();
		await choose(readFileSync(file), 'three blue garden chairs');
		await restore();
		await told('备份来自另一台设备（指纹 ');
		await page.getByLabel('确实要用另一台设备的备份').check();
		await page.getByRole('button', { name: 'English' }).click();
		await page.getByText('Another box\'s backup is meant').waitFor();
		await good(page, 'backup-other-en');
		await page.getByRole('button', { name: '中文' }).click();
		await restore();
		await back();
		assert.equal((await config()).site.name, '另一家公司');
	} finally {
		await other.stop();
	}
});
