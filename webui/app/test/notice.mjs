// What reaches people who do not look: a call on the desktop of an agent whose page is behind another window, and the company's notice on
// pages that are open already.
import assert from 'node:assert/strict';
import { Center, button } from './center.mjs';
import { good, password, steps, withBox } from './start.mjs';

const step = steps();
let box, center;

withBox(async (made, admin) => {
	box = made;
	center = await new Center(box, admin).open();
	await center.post('agents/1001/state', { state: 'ready' });
});

step('a call shows on the desktop while the page is not looked at, and goes when nobody rings any more', async () => {
	const desk = await box.open({ permissions: ['notifications'] });
	await desk.addInitScript(() => {
		window.shown = [];
		window.away = false; // a browser without a screen has no other window to put before this one
		Object.defineProperty(Document.prototype, 'hidden', { get: () => window.away });
		window.Notification = class extends Notification {
			constructor(title, options) {
				super(title, options);
				window.shown.push({ title, body: options.body, open: true });
				this.nth = window.shown.length - 1;
			}
			close() {
				super.close();
				window.shown[this.nth].open = false;
			}
		};
	});
	await center.post('session', { user: 'lihua', password }, desk);
	await desk.goto(box.url + '/desk');
	await desk.getByText('空闲', { exact: true }).first().waitFor();
	assert.equal(await desk.evaluate(() => Notification.permission), 'granted');
	const shown = (open) => desk.waitForFunction((open) => window.shown.some((n) => n.open === open), open, { polling: 200 });

	const first = box.ring('e1/1', '02162345678');
	await desk.locator('.who').getByText('02162345678').waitFor();
	assert.deepEqual(await desk.evaluate(() => window.shown), [], 'who looks at the page needs no notice');
	await first.hangup();
	await desk.getByText('空闲', { exact: true }).first().waitFor();

	await desk.evaluate(() => (window.away = true));
	const second = box.ring('e1/1', '02162345678');
	await shown(true);
	const [notice] = await desk.evaluate(() => window.shown);
	assert.deepEqual([notice.title, notice.body], ['02162345678 来电', '销售']);
	await second.hangup();
	await shown(false);
	await desk.context().close();
});

step('the notice for all is on the live page and on the desk without a reload, and goes again', async () => {
	const boss = await center.page('boss', '/');
	const desk = await center.page('lihua', '/desk');
	await boss.getByRole('heading', { name: '座席', exact: true }).waitFor();
	const { admin } = center;
	await admin.goto(box.url + '/settings/company');
	const field = admin.getByLabel('座席公告', { exact: true });
	const apply = async () => {
		await button(admin, '查看并生效').click();
		await button(admin.getByRole('dialog'), '立即生效').click();
		await admin.getByText('已生效', { exact: true }).waitFor();
	};
	await field.fill('今晚十点停机维护一小时。');
	await apply();
	for (const page of [boss, desk]) await page.getByText('今晚十点停机维护一小时。').waitFor();
	await good(boss, 'live-notice');
	await field.fill('');
	await apply();
	for (const page of [boss, desk]) await page.getByText('今晚十点停机维护一小时。').waitFor({ state: 'detached' });
});
