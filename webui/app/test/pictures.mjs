// Leaves a picture of every page in both languages and themes, and of the pages that matter on a phone, in the folder that
// is named: `node test/pictures.mjs ../../docs/pages`. ONLY is a pattern of the names to take.
import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Box, findings } from './start.mjs';

const folder = process.argv[2] ?? '../../docs/pages';
const only = new RegExp(process.env.ONLY ?? '.');
mkdirSync(folder, { recursive: true });

const pages = {
	setup: '/setup', account: '/account', rooms: '/settings/rooms', websites: '/settings/websites',
	people: '/settings/people', person: '/settings/people/802', queues: '/settings/queues', queue: '/settings/queues/sales',
	routes: '/settings/routes', menus: '/settings/menus', menu: '/settings/menus/main', flow: '/settings/flow', hours: '/settings/hours', week: '/settings/hours/office',
	prompts: '/settings/prompts', mailboxes: '/settings/mailboxes', lists: '/settings/lists', outbound: '/settings/outbound', lines: '/settings/lines',
	line: '/settings/lines/fxo%2F1', span: '/settings/lines/e1%2F1', company: '/settings/company', recording: '/settings/recording',
	mail: '/settings/mail', users: '/settings/users', webhooks: '/settings/webhooks', webhook: '/settings/webhooks/crm', history: '/settings/history', backup: '/settings/backup', update: '/settings/update', certificate: '/settings/certificate', health: '/settings/health',
}; // prettier-ignore

const box = await new Box().start();
let bad = 0;
try {
	const first = await box.open();
	await box.claim(first);
	box.configure((c) => c.webhooks.push({
		id: 'crm', name: '客户系统', url: 'https://crm.example.cn/callbox', events: ['call.offered', 'call.ended', 'call.noted'],
		secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', disabled: false,
	})); // prettier-ignore
	box.configure((c) => (c.mail = {
		server: 'smtp.example.cn', security: 'tls', user: 'box@example.cn', password: 'paper-kite', from: 'box@example.cn', alarms: ['it@example.cn'],
		reports: [{ id: 'day', name: '日报', report: 'queues', every: 'day', at: '07:00', to: ['boss@example.cn'], disabled: false }],
	})); // prettier-ignore
	await first.request.post(box.url + '/api/webhooks/crm/test');
	const storageState = await first.context().storageState();
	for (const [suffix, options] of Object.entries({
		'': { locale: 'zh-CN' },
		'-dark': { locale: 'en-GB', colorScheme: 'dark' },
		'-small': { locale: 'zh-CN', viewport: { width: 390, height: 844 } },
	})) {
		const page = await box.open({ storageState, ...options });
		for (const [name, path] of Object.entries(pages)) {
			if (!only.test(name + suffix)) continue;
			await page.goto(box.url + path);
			await page.locator('h1').last().waitFor({ state: 'attached' });
			await wait(500);
			const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			const found = await findings(page);
			if (over > 0 || found.length) console.log(name + suffix, over > 0 ? `${over} too wide` : '', ...found), bad++;
			await page.screenshot({ path: `${folder}/${name}${suffix}.png` });
		}
		await page.context().close();
	}
	for (const s of box.strangers) console.log('stranger:', s), bad++;
} finally {
	await box.stop();
}
process.exitCode = bad ? 1 : 0;
