// Every page can be read by everybody and fits the screen of a phone in the dark, in headless Chromium against the real box. With
// PAGES, a folder for a picture of each, on a desk and in the light as well. ONLY is a pattern of the names.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { findings, skip, withBox } from './start.mjs';

const folder = process.env.PAGES;
const only = new RegExp(process.env.ONLY ?? '.');

const pages = {
	setup: '/setup', account: '/account', rooms: '/settings/rooms', websites: '/settings/websites',
	people: '/settings/people', person: '/settings/people/802', queues: '/settings/queues', queue: '/settings/queues/sales',
	routes: '/settings/routes', menus: '/settings/menus', menu: '/settings/menus/main', flow: '/settings/flow', hours: '/settings/hours', week: '/settings/hours/office',
	prompts: '/settings/prompts', mailboxes: '/settings/mailboxes', lists: '/settings/lists', outbound: '/settings/outbound', lines: '/settings/lines',
	line: '/settings/lines/fxo%2F1', span: '/settings/lines/e1%2F1', company: '/settings/company', recording: '/settings/recording',
	mail: '/settings/mail', users: '/settings/users', webhooks: '/settings/webhooks', webhook: '/settings/webhooks/crm', history: '/settings/history', backup: '/settings/backup', update: '/settings/update', certificate: '/settings/certificate', health: '/settings/health',
}; // prettier-ignore

/** Pages of calls: page.mjs has their pictures, with calls. */
const ofCalls = { live: '/', calls: '/calls', reports: '/reports', voicemails: '/voicemails', spans: '/spans', try: '/try', wall: '/wall' };

const screens = {
	'': { locale: 'zh-CN' },
	'-small': { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
};

let box, storageState;
withBox(async (made, admin) => {
	box = made;
	box.configure((c) => {
		c.webhooks.push({
			id: 'crm', name: '客户系统', url: 'https://crm.example.cn/callbox', events: ['call.offered', 'call.ended', 'call.noted'],
			secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', disabled: false,
		}); // prettier-ignore
		c.mail = {
			server: 'smtp.example.cn', security: 'tls', user: 'box@example.cn', password: 'paper-kite', from: 'box@example.cn', alarms: ['it@example.cn'],
			reports: [{ id: 'day', name: '日报', report: 'queues', every: 'day', at: '07:00', to: ['boss@example.cn'], disabled: false }],
		}; // prettier-ignore
		c.websites.push({ id: 'shop', name: '商城', origins: ['https://shop.example.cn'], to: 'queue:service', max_calls: 5, language: '', disabled: false });
		c.vips.push({ number: '13816402257', note: '海棠小区物业', to: '', priority: 5 });
		c.blacklist.push({ number: '02150001234', note: '推销', until: '2027-01-31T23:59:00+08:00' });
	});
	await admin.request.post(box.url + '/api/webhooks/crm/test');
	storageState = await admin.context().storageState();
});

/** shoot leaves a picture as WebP, which Playwright does not make by itself. */
async function shoot(page, name) {
	await wait(500);
	const devtools = await page.context().newCDPSession(page);
	const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 75 });
	await devtools.detach();
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name + '.webp'), Buffer.from(data, 'base64'));
}

for (const [suffix, options] of Object.entries(screens)) {
	if (!folder && suffix !== '-small') continue; // the other stories look at their pages in the light
	test(`every page can be read and fits: ${options.locale}, ${options.colorScheme ?? 'light'}`, { skip, timeout: 900_000 }, async () => {
		const page = await box.open({ storageState, ...options });
		const faults = [];
		await page.goto(box.url);
		await page.locator('main dl').first().waitFor();
		for (const [name, path] of Object.entries({ ...pages, ...ofCalls })) {
			if (!only.test(name + suffix)) continue;
			await page.evaluate((path) => (history.pushState(null, '', path), dispatchEvent(new PopStateEvent('popstate'))), path);
			await page.locator('main [role=status]', { hasText: /^(正在连接设备|Connecting to the box)/ }).waitFor({ state: 'detached' });
			if (folder && pages[name]) await shoot(page, name + suffix);
			const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			if (over > 0) faults.push(`${path} is ${over} too wide`);
			faults.push(...(await findings(page)).map((f) => `${path} ${f}`));
		}
		await page.context().close();
		assert.deepEqual(faults, []);
	});
}
