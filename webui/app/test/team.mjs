// A supervisor with a team: the administrator chooses it, and what she sees and opens is of its queue alone (A16.2, A8.5), in headless
// Chromium against the real box with calls of two queues.
import assert from 'node:assert/strict';
import { Center, button, panel, row } from './center.mjs';
import { good, password, skip, steps, withBox } from './start.mjs';

const step = steps();
const own = '02162345678', other = '057187654321';
let box, center, admin, li;

withBox(async (made, page) => {
	[box, admin] = [made, page];
	if (skip) return;
	center = await new Center(box, admin).open();
	box.configure((c) => {
		const sales = c.queues.find((q) => q.id === 'sales');
		c.agents.push({ ...c.agents.find((a) => a.id === '1001'), id: '1009', name: '孙梅', pin: '73519', phone: 'phone:803' });
		c.queues.push({ ...structuredClone(sales), id: 'repair', name: '维修', number: '', members: [{ agent: '1009', level: 1 }] });
		c.routes.unshift({ id: 'repair', lines: ['fxo/2'], called: '', caller: '', hours: 'always', periods: [], to: 'queue:repair', priority: 0, disabled: false });
	});
	await center.phones({ extension: '803', never_answer: true });
	for (const [id, phone] of [['1001', 'phone:801'], ['1009', 'phone:803']]) await center.post(`agents/${id}/state`, { state: 'ready', phone });
	for (const [line, from, phone] of [['e1/1', own, '801'], ['fxo/2', other, '803']]) {
		const call = box.ring(line, from);
		await center.until(`${phone} rings`, (live) => live.agents.some((a) => a.phone === 'phone:' + phone && a.state === 'ringing'));
		await center.lift(phone);
		await center.until(`${phone} talks`, (live) => live.calls.some((c) => c.caller.number === from && c.talking));
		await center.lay(phone);
		await call.over;
	}
});

const form = () => panel(admin, '账户');
const account = () => form().getByRole('listitem').filter({ hasText: 'boss' });

step('the administrator chooses the queues of a team, and is told what it will see before it applies', async () => {
	await admin.goto(box.url + '/settings/users');
	await button(account(), '更改').click();
	const team = form().getByRole('group', { name: '班组' });
	await team.getByText('一个都不选，则可看到整个设备。').waitFor();
	await team.getByText('销售', { exact: true }).click();
	await form().getByText(/^可看到 销售，其中的 2 位座席，以及他们的通话、录音和报表。 看不到 .*维修。$/).waitFor();
	await form().getByText('目前：整个设备。改动后此人需重新登录。').waitFor();
	await good(admin, 'team-1-choice');
	await button(form(), '保存').click();
	await account().getByText('班组：销售').waitFor();
	const { lines } = await center.get('audit');
	assert.ok(lines.some((l) => l.action === 'user.put' && l.on === 'boss' && l.detail.includes('sales')));
});

step('a token gets another team under the same secret', async () => {
	const made = await admin.request.post(box.url + '/api/tokens', { data: { name: 'CRM', role: 'supervisor' } });
	const { secret } = await made.json();
	const seen = async () => {
		const answer = await fetch(box.url + '/api/live', { headers: { authorization: 'Bearer ' + secret } });
		return (await answer.json()).queues.map((q) => q.id);
	};
	assert.ok((await seen()).includes('repair'));
	await admin.reload();
	const token = panel(admin, '接口令牌').getByRole('listitem').filter({ hasText: 'CRM' });
	await token.getByText('更改班组').click();
	await token.getByText('一个都不选，则程序可看到整个设备。').waitFor();
	await token.getByRole('group', { name: '班组' }).getByText('销售', { exact: true }).click();
	await token.getByText('目前：整个设备。令牌不变，程序从下一次请求起按新班组。').waitFor();
	await good(admin, 'team-1-token');
	await button(token, '保存 CRM 的班组').click();
	await token.getByText('班组：销售').waitFor();
	assert.deepEqual(await seen(), ['sales']);
	const { lines } = await center.get('audit');
	assert.equal(lines.find((l) => l.action === 'token.put').detail, 'CRM supervisor sales');
});

step('a queue that the box does not have yet is refused beside the field; one of a team is not taken away', async () => {
	const refused = await admin.request.post(box.url + '/api/users', { data: { name: 'boss', role: 'supervisor', queues: ['sales', 'gone'] } });
	assert.equal(refused.status(), 422);
	await admin.route('**/api/users', (r) => (r.request().method() === 'POST' ? r.continue({ postData: JSON.stringify({ ...r.request().postDataJSON(), queues: ['gone'] }) }) : r.continue()));
	await button(account(), '更改').click();
	await button(form(), '保存').click();
	await form().getByRole('group', { name: '班组' }).getByRole('alert').getByText('没有队列 gone：请选择现有的队列').waitFor();
	await admin.unroute('**/api/users');
	const config = JSON.parse(JSON.stringify(await center.get('config')).replaceAll('"queue:sales"', '"queue:sold"'));
	config.queues.find((q) => q.id === 'sales').id = 'sold';
	const taken = await admin.request.post(box.url + '/api/config/diff', { data: config });
	assert.match(await taken.text(), /属于 (boss|CRM) 的班组/);
});

step('she sees her queue, its agents and its calls alone, live', async () => {
	li = await center.page('boss', '/');
	await li.getByText('您的班组：销售。').waitFor();
	const waits = [box.ring('e1/1', '13800138001'), box.ring('fxo/2', '13800138002')];
	await row(li, '队列', '13800138001').or(row(li, '队列', '138 0013 8001')).waitFor();
	await center.until('both wait', (live) => live.queues.filter((q) => q.waiting.length).length === 2);
	await row(li, '座席', '赵丽').waitFor();
	const text = await li.locator('main').innerText();
	for (const hidden of ['维修', '孙梅', '8002']) assert.ok(!text.includes(hidden), hidden);
	await good(li, 'team-2-live');
	const { calls } = await center.get('live');
	const theirs = calls.find((c) => c.caller.number.endsWith('8002')).id;
	for (const path of [`calls/${theirs}/hangup`, 'agents/1009/state']) {
		const answer = await li.request.post(`${box.url}/api/${path}`, { data: path.startsWith('agents') ? { state: 'signed_out' } : undefined });
		assert.equal(answer.status(), 403, path);
	}
	for (const w of waits) await w.hangup();
});

step('her report counts the calls that she can open, and no others', async () => {
	const day = (after) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10);
	const days = `from=${day(-1)}&to=${day(1)}`; // the story may be told about midnight
	for (const kind of ['daily', 'queues', 'agents']) {
		const report = await center.get(`reports/${kind}?${days}`, li);
		const { calls } = await center.get('calls?limit=500&' + report.total.opens, li);
		assert.equal(report.total.calls, calls.length, kind);
		assert.ok(calls.length > 0 && calls.every((c) => !c.queue || c.queue === 'sales'), kind);
	}
	const mine = (await center.get('reports/daily?' + days, li)).total.calls;
	assert.ok(mine < (await center.get('reports/daily?' + days)).total.calls);
	await li.goto(`${box.url}/reports?by=queues&${days}`);
	await li.getByText('您的班组：销售。').waitFor();
	const came = li.locator('main table tr.total a').first();
	assert.equal(Number(await came.innerText()), mine);
	await good(li, 'team-3-report');
	await came.click();
	await li.locator('tbody tr').nth(mine - 1).waitFor();
	assert.equal(await li.locator('tbody tr').count(), mine);
	assert.ok(!(await li.locator('main').innerText()).includes('8765'));
});

step('in English, on a small dark screen', async () => {
	const { cookies } = await li.context().storageState();
	const small = await box.open({ locale: 'en-GB', colorScheme: 'dark', viewport: { width: 390, height: 844 }, storageState: { cookies, origins: [] } });
	await small.goto(box.url);
	await small.getByText('Your team: 销售.').waitFor();
	await good(small, 'team-4-small');
	await small.context().close();
	const users = await box.open({ locale: 'en-GB', colorScheme: 'dark', viewport: { width: 390, height: 844 } });
	await center.post('session', { user: 'admin', password }, users);
	await users.goto(box.url + '/settings/users');
	await users.getByRole('listitem').filter({ hasText: 'boss' }).getByText('team: 销售').waitFor();
	await users.getByRole('listitem').filter({ hasText: 'boss' }).getByRole('button', { name: 'Change', exact: true }).click();
	await users.getByText(/Sees nothing of .*维修\.$/).waitFor();
	await good(users, 'team-4-users');
	await users.context().close();
});
