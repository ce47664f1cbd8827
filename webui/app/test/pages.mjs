// Every page can be read by everybody and fits the screen, on a telephone in the dark and on a desk in the light, in headless Chromium
// against the real box. With PAGES, a folder, there is a picture of each in it instead, in all looks. ONLY is a pattern of the names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looks, picture } from './picture.mjs';
import { findings, skip, withBox } from './start.mjs';

const folder = process.env.PAGES;
const only = new RegExp(process.env.ONLY ?? '.');

const pages = {
	setup: '/setup', account: '/account', look: '/desk/1001', rooms: '/settings/rooms', websites: '/settings/websites',
	faq: '/settings/faq', people: '/settings/people', person: '/settings/people/802', queues: '/settings/queues', queue: '/settings/queues/sales',
	routes: '/settings/routes', menus: '/settings/menus', menu: '/settings/menus/main', flow: '/settings/flow', hours: '/settings/hours', week: '/settings/hours/office',
	prompts: '/settings/prompts', mailboxes: '/settings/mailboxes', lists: '/settings/lists', outbound: '/settings/outbound', lines: '/settings/lines',
	line: '/settings/lines/fxo%2F1', span: '/settings/lines/e1%2F1', company: '/settings/company', functions: '/settings/functions', targets: '/settings/targets', alarms: '/settings/alarms', recording: '/settings/recording',
	mail: '/settings/mail', users: '/settings/users', webhooks: '/settings/webhooks', webhook: '/settings/webhooks/crm', history: '/settings/history', backup: '/settings/backup', update: '/settings/update', network: '/settings/network', certificate: '/settings/certificate', health: '/settings/health', log: '/settings/log',
}; // prettier-ignore

/** Pages of calls: page.mjs has their pictures, with calls. */
const ofCalls = { live: '/', calls: '/calls', reports: '/reports', voicemails: '/voicemails', spans: '/spans', try: '/try', wall: '/wall' };

/** What pages say when they are asked, and of troubles, which only some boxes have. */
const troubles = {
	async health(page) {
		const checks = [
			{ what: 'analogue_sip', passed: true, text: { zh: '双方都听得清楚', en: 'both sides heard each other' } },
			{ what: 'recording', passed: false, text: { zh: '2 个通话中只有 1 个录音完整', en: 'only 1 of 2 calls were recorded as they were heard' } },
		];
		await page.route('**/api/selftest', (route) => route.fulfill({ json: { checks } }));
		await page.getByRole('button', { name: /^(立即自检|Test now)/ }).click();
		await page.getByText(/^(2 个通话|only 1 of 2)/).waitFor();
	},
	async history(page) {
		await page.getByRole('button', { name: /^(校验日志|Check that)/ }).click();
		await page.getByText(/^(完整：|Whole:)/).waitFor();
	},
	async backup(page) {
		await page.locator('input[type=file]').setInputFiles({ name: 'x.backup', mimeType: 'application/octet-stream', buffer: Buffer.from('no backup') });
		await page.getByRole('button', { name: /^(确认恢复|Restore it)/ }).click();
		await page.getByRole('alert').waitFor();
	},
};

/** Every page is looked at in two of the looks, and pictured in all. */
const screens = Object.entries(looks).filter(([suffix]) => folder || ['', '-small'].includes(suffix));

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
		c.faq.push({ question: '保修期多长？', answer: '整机一年，压缩机三年。' }, { question: '几点送货？', answer: '工作日 9 点到 18 点。' });
		c.vips.push({ number: '13816402257', note: '海棠小区物业', to: '', priority: 5 });
		c.blacklist.push({ number: '02150001234', note: '推销', until: '2027-01-31T23:59:00+08:00' });
	});
	await admin.request.post(box.url + '/api/webhooks/crm/test');
	storageState = await admin.context().storageState();
});

/** look goes through all pages on a screen, and gives what is wrong. */
async function look([suffix, options]) {
	const page = await box.open({ storageState, ...options });
	const faults = [];
	await page.goto(box.url);
	await page.locator('main dl').first().waitFor();
	for (const [name, path] of Object.entries(folder ? pages : { ...pages, ...ofCalls })) {
		if (!only.test(name + suffix)) continue;
		await page.evaluate((path) => (history.pushState(null, '', path), dispatchEvent(new PopStateEvent('popstate'))), path);
		await page.getByText(/^(正在连接设备|Connecting to the box)/).first().waitFor({ state: 'detached' });
		if (folder) {
			await picture(page, folder, name + suffix);
			continue;
		}
		await troubles[name]?.(page);
		const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		if (over > 0) faults.push(`${path} is ${over} too wide`);
		faults.push(...(await findings(page)).map((f) => `${path} ${f}`));
	}
	await page.context().close();
	return faults.map((f) => `${options.locale} ${f}`);
}

test(folder ? 'every page is pictured' : 'every page can be read and fits', { skip, timeout: 900_000 }, async () => {
	const faults = await Promise.all(screens.map(look)); // at once
	assert.deepEqual(faults.flat(), []);
});
