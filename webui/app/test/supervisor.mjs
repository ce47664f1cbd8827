// A supervisor's hour, in headless Chromium against the real box on the simulated board, with the agents at their phones.
import assert from 'node:assert/strict';
import { Center, button, panel, row } from './center.mjs';
import { Far } from './far.mjs';
import { good, password, steps, withBox } from './start.mjs';

const step = steps();
let box, center, boss, lihua, talks, waits;

withBox(async (made, admin) => {
	box = made;
	center = await new Center(box, admin).open();
	await center.phones({ extension: '803' });
	await center.post('agents/1001/state', { state: 'ready' });
	boss = await center.page('boss', '/');
	lihua = await center.page('lihua', '/desk');
});

const monitor = () => boss.getByRole('group', { name: '监控 赵丽 的通话' });
const hears = (sentence) => monitor().getByRole('status').getByText(sentence, { exact: true }).waitFor();
const agent = (name) => row(boss, '座席', name);
const pill = (name, word) => agent(name).locator('.pill').getByText(word, { exact: true }).waitFor();

step('she sees who talks, and who waits at which place for longer than the queue allows', async () => {
	talks = box.ring('e1/1', '02162345678');
	await pill('赵丽', '振铃');
	await center.lift('801');
	await pill('赵丽', '通话');
	waits = box.ring('e1/1', '057187654321');
	const waiter = row(boss, '队列', '057187654321');
	await waiter.locator('.place').getByText('1', { exact: true }).waitFor();
	await boss.locator('ol li.alarm', { hasText: '057187654321' }).waitFor(); // three times the service level
	assert.ok(await waiter.locator('.line').innerText(), 'and by which line');
	await panel(boss, '座席').locator('.counts').getByText('通话 1').waitFor();
	await waits.hangup();
	await waiter.waitFor({ state: 'detached' });
});

step('a call for help reaches her on whatever page she is, with the call beside it', async () => {
	await boss.goto(box.url + '/reports');
	await lihua.bringToFront();
	await lihua.keyboard.press('Alt+h');
	const help = boss.getByRole('region', { name: '赵丽 请求协助' });
	await help.getByRole('alert').getByText('通话', { exact: true }).waitFor();
	await button(help, '监听').waitFor();
	await good(boss, 'supervisor-0-help');
	const other = await boss.context().newPage(); // hers too
	const chief = center.admin;
	for (const page of [other, chief]) {
		await page.goto(box.url);
		await page.getByRole('region', { name: /^赵丽 (请求协助|calls for help)/ }).waitFor();
	}
	await button(help, '我去协助').click();
	await help.waitFor({ state: 'detached' });
	await lihua.getByText('boss 来协助您了。').waitFor();
	await chief.getByText('boss 去协助 赵丽 了。').waitFor();
	await good(chief, 'supervisor-0-helped');
	await other.close();
	await boss.goto(box.url);
	for (const page of [boss, chief]) assert.equal(await page.getByRole('region', { name: '赵丽 请求协助' }).count(), 0);
});

step('a call in progress leads to its story, which goes on as it does', async () => {
	await row(boss, '进行中', '02162345678').getByRole('link').click();
	await boss.getByRole('heading', { name: '02162345678' }).waitFor();
	await boss.locator('.title .pill').getByText('进行中').waitFor();
	const story = boss.locator('section', { has: boss.getByRole('heading', { name: '通话经过' }) }).locator('ol li');
	await story.first().waitFor();
	const told = await story.count();
	await lihua.keyboard.press('Alt+o');
	await story.nth(told).waitFor();
	await lihua.keyboard.press('Alt+o');
	await good(boss, 'supervisor-0-story');
	await boss.goto(box.url);
});

step('she listens by keyboard, whispers, barges in, listens again and leaves', async () => {
	await button(boss, '监控 赵丽 的通话').press('Enter');
	await monitor().getByLabel('用哪部话机').selectOption('phone:803');
	await button(monitor(), '监听').press('Enter');
	await hears('您能听到双方，双方都听不到您。');
	const shown = await center.get('live', lihua);
	assert.ok(!JSON.stringify(shown.calls).includes('boss'), 'the agent is not told who listens');
	await button(monitor(), '耳语').click();
	await hears('只有 赵丽 能听到您，主叫听不到。');
	await good(boss, 'supervisor-1-whispers');
	await button(monitor(), '强插').click();
	await hears('所有人都能听到您。');
	await row(boss, '进行中', '02162345678').getByText('多方通话').waitFor();
	await button(monitor(), '监听').click();
	await hears('您能听到双方，双方都听不到您。');
	await button(monitor(), '退出').click();
	await button(monitor(), '退出').waitFor({ state: 'detached' });
});

step('the phone is remembered, and she takes the call over after a question', async () => {
	await boss.reload();
	await button(boss, '监控 赵丽 的通话').click();
	assert.equal(await monitor().getByLabel('用哪部话机').inputValue(), 'phone:803');
	await center.until('803 is free', (live) => live.lines.some((l) => l.id === 'phone/803' && l.state === 'idle'));
	await button(monitor(), '监听').click();
	await hears('您能听到双方，双方都听不到您。');
	await button(monitor(), '拦截').click();
	await button(monitor(), '确认拦截').click();
	await pill('赵丽', '话后');
	await row(boss, '进行中', '02162345678').getByText('通话', { exact: true }).waitFor();
	await talks.hangup();
});

step('she opens the story of the call, which says who listened; so does the audit', async () => {
	await boss.getByRole('link', { name: '销售', exact: true }).click(); // the queue's calls of today
	await boss.locator('tbody tr', { hasText: '02162345678' }).getByRole('link').click();
	for (const words of ['boss：开始监听', 'boss：耳语指导', 'boss：强插', 'boss：结束监听', 'boss：拦截']) {
		await boss.getByText(words, { exact: true }).first().waitFor();
	}
	const { lines } = await center.get('audit');
	const modes = lines.filter((l) => l.action === 'call.monitored' && l.who === 'boss').map((l) => l.detail.split(' ')[0]);
	assert.deepEqual(modes.reverse(), ['listen', 'whisper', 'barge', 'listen', 'leave', 'listen', 'take_over']);
	await boss.getByRole('link', { name: '实时' }).last().click();
});

step('a caller votes when the agent has hung up, and the report says whether that meets the target', async () => {
	const asks = (poll) => box.configure((c) => (c.queues.find((q) => q.id === 'sales').poll = poll));
	asks(true);
	await center.post('agents/1002/state', { state: 'ready' });
	const caller = box.ring('e1/1', '01088221199', '--keys', [15, 20, 25, 30, 35, 40].map((s) => `2@${s}s`).join());
	await pill('王芳', '振铃');
	await center.lift('802');
	await pill('王芳', '通话');
	await center.lay('802');
	await pill('王芳', '话后');
	await row(boss, '进行中', '01088221199').getByText('满意度评价').waitFor();
	await caller.over;
	asks(false);
	const [call] = (await center.get('calls?vote=2&agent=1002', boss)).calls;
	assert.equal(call.caller.number, '01088221199');
	await boss.goto(box.url + '/calls/' + call.id);
	await boss.getByText('评价：满意', { exact: true }).first().waitFor();
	await boss.getByText('满意 王芳', { exact: true }).waitFor();
	await good(boss, 'supervisor-4-vote');
	await boss.goto(box.url + '/reports?by=agents');
	const figure = (name) => boss.locator('.tile').filter({ hasText: name });
	await figure('满意率').getByText('达标', { exact: true }).waitFor();
	await figure('满意率').getByText('目标：95.0 %').waitFor();
	await good(boss, 'supervisor-4-votes');
	await button(boss, 'English').click();
	await figure('Satisfaction').getByText('met', { exact: true }).waitFor();
	await good(boss, 'supervisor-4-votes-en');
	await button(boss, '中文').click();
});

step('each number of a report opens the calls that it counts', async () => {
	const table = boss.locator('main table').first();
	const kinds = boss.getByRole('group', { name: '报表类型' });
	await boss.goto(box.url + '/reports');
	for (const kind of ['小时', '时段', '日报', '周报', '月报', '队列', '座席', '线路', '菜单流向']) {
		await button(kinds, kind).click();
		await table.locator('thead th').first().getByText(kind, { exact: true }).waitFor();
		for (const link of [...(await table.locator('tbody a').all()), ...(await boss.locator('.tile a').all())]) {
			const query = (await link.getAttribute('href')).split('?')[1];
			const { calls } = await center.get('calls?limit=500&' + query, boss);
			assert.equal(calls.length, Number(await link.innerText()), `${kind}: ${query}`);
		}
	}
	await button(kinds, '日报').click();
	const tile = (name) => boss.locator('.tile').filter({ has: boss.getByRole('term').getByText(name, { exact: true }) }).locator('.number');
	await table.locator('thead th').first().getByText('日报', { exact: true }).waitFor();
	assert.match(await tile('呼出接通').innerText(), /^\d+$/);
	assert.match(await tile('平均处理时长').innerText(), /^\d+:\d\d$/);
	await good(boss, 'supervisor-4-daily');
	await button(kinds, '线路').click();
	for (const word of ['最多占用线路', '爆线次数', '爆线时长']) await table.locator('thead th').getByText(word, { exact: true }).waitFor();
	const { total } = await center.get('reports/lines', boss);
	assert.ok(total.lines_peak >= 2 && total.lines_peak <= total.lines, 'two callers were there at once');
	await good(boss, 'supervisor-4-lines');
	await button(kinds, '队列').click();
	await table.locator('thead th').first().getByText('队列', { exact: true }).waitFor();
	await good(boss, 'supervisor-4-report');
	const came = table.locator('tr.total a').first();
	const n = Number(await came.innerText());
	await came.click();
	await boss.locator('tbody tr').nth(n - 1).waitFor();
	assert.equal(await boss.locator('tbody tr').count(), n);
	await boss.getByRole('button', { name: '取消条件：到过队列' }).click();
	await boss.goBack();
	await boss.getByText('选择列').click();
	await boss.getByLabel('平均等待').uncheck();
	await boss.reload();
	await table.locator('thead th').nth(2).waitFor();
	assert.equal(await table.locator('th', { hasText: '平均等待' }).count(), 0, 'a column that she does not want stays away');
	await boss.getByText('选择列').click();
	await boss.getByLabel('平均等待').check();
	await table.locator('th', { hasText: '平均等待' }).waitFor();
	await boss.goto(box.url);
});

step('she saves a report as she chose it, opens it by one press, and deletes it by two', async () => {
	const own = boss.getByRole('region', { name: '我保存的报表' });
	const heads = boss.getByRole('region', { name: '报表数据' }).locator('thead th');
	const save = async (name) => {
		await button(own, '保存当前报表').click();
		await own.getByLabel('报表名称').fill(name);
		await own.getByLabel('报表名称').press('Enter');
	};
	await boss.goto(box.url + '/reports');
	await button(boss, '近 30 天').click();
	await button(boss, '队列').click();
	await boss.getByLabel('线路', { exact: true }).selectOption({ index: 1 });
	const line = await boss.getByLabel('线路', { exact: true }).inputValue();
	await boss.getByText('选择列').click();
	await boss.getByLabel('平均等待').uncheck();
	await save(' ');
	await own.getByText('请填写报表名称。').waitFor();
	await good(boss, 'supervisor-4-own-refused');
	await own.getByLabel('报表名称').fill('每月/队列');
	await button(own, '保存').press('Enter');
	await button(own, '打开报表 每月/队列').waitFor();
	const { reports } = await center.get('reports/own', boss);
	assert.deepEqual(reports, [{ name: '每月/队列', by: 'queues', period: 'month', line, hidden: ['report.averagewait'] }]);
	assert.deepEqual((await center.get('reports/own')).reports, [], 'the administrator has others');

	await boss.getByLabel('平均等待').check();
	await boss.getByLabel('从', { exact: true }).fill('2026-05-01');
	await boss.getByLabel('到', { exact: true }).fill('2026-05-31');
	await save('五月');
	await button(own, '打开报表 五月').waitFor();
	await boss.evaluate(() => localStorage.clear()); // another computer
	await boss.goto(box.url + '/reports');
	await heads.first().getByText('日报', { exact: true }).waitFor();
	await heads.getByText('平均等待', { exact: true }).waitFor();
	await button(own, '打开报表 每月/队列').press('Enter');
	await heads.first().getByText('队列', { exact: true }).waitFor();
	assert.equal(await heads.getByText('平均等待', { exact: true }).count(), 0);
	assert.equal(await boss.getByLabel('线路', { exact: true }).inputValue(), line);
	assert.match(boss.url(), /period=month/);
	await good(boss, 'supervisor-4-own');
	await button(own, '打开报表 五月').click();
	await heads.getByText('平均等待', { exact: true }).waitFor();
	assert.deepEqual([await boss.getByLabel('从', { exact: true }).inputValue(), await boss.getByLabel('到', { exact: true }).inputValue()], ['2026-05-01', '2026-05-31']);

	await button(boss, 'English').click();
	await boss.getByRole('button', { name: 'Delete the report 五月', exact: true }).click();
	await good(boss, 'supervisor-4-own-en');
	await boss.getByRole('button', { name: 'Confirm: delete the report 五月', exact: true }).click();
	await boss.getByRole('button', { name: 'Open the report 五月', exact: true }).waitFor({ state: 'detached' });
	await button(boss, '中文').click();
	assert.deepEqual((await center.get('reports/own', boss)).reports.map((r) => r.name), ['每月/队列']);
	await boss.goto(box.url);
});

step('a report is printed whole: no navigation, no form, no column cut off', async () => {
	const { name } = await center.get('status');
	const screen = boss.viewportSize();
	const printed = async (picture, heading) => {
		await boss.locator('main tr.total').first().waitFor();
		await boss.locator('.uplot canvas').first().waitFor();
		await boss.emulateMedia({ media: 'print' });
		await boss.setViewportSize({ width: 1047, height: 718 }); // A4 across, within margins of 10 mm
		await boss.getByText(`${name} · ${heading} · 2026-01-01 – 20`).waitFor();
		for (const gone of ['nav', 'form', 'select', 'button', 'a[download]']) assert.equal(await boss.locator(gone).filter({ visible: true }).count(), 0, `${heading}: ${gone}`);
		assert.ok(await boss.locator('.uplot canvas').first().isVisible(), heading);
		const cut = await boss.locator('main :has(> table)').evaluateAll((all) => all.map((e) => Math.max(e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight)));
		assert.ok(cut.length && cut.every((pixels) => pixels <= 0), `${heading}: ${cut}`);
		await good(boss, 'supervisor-4-print-' + picture);
		await boss.emulateMedia({ media: null });
		await boss.setViewportSize(screen);
	};
	await boss.goto(box.url + '/reports?from=2026-01-01&by=agents');
	await printed('agents', '座席');
	await boss.goto(box.url + '/reports?from=2026-01-01&by=daily');
	await printed('days', '日报');
	await button(boss, 'English').click();
	await boss.emulateMedia({ colorScheme: 'dark' }); // paper is light all the same
	await printed('days-en', 'Days');
	assert.equal(await boss.locator('html').getAttribute('data-theme'), 'dark');
	await boss.emulateMedia({ colorScheme: 'light' });
	await button(boss, '中文').click();
	await boss.goto(box.url);
});

step('she gives points for a call, thinks better of it, and finds it behind the figure', async () => {
	await boss.goto(box.url + '/calls?agent=1003'); // whose phone she took the call over at
	await boss.locator('tbody tr', { hasText: '02162345678' }).getByRole('link').click();
	const part = panel(boss, '质检打分：李强');
	assert.deepEqual(await part.getByLabel('座席').locator('option').allInnerTexts(), ['赵丽', '李强']); // who talked in it
	for (const [points, note] of [['101', ''], ['60', '没有问候'], ['85', '<b>已复核</b>']]) {
		await part.getByLabel('得分').fill(points);
		await part.getByLabel('评语').fill(note);
		await part.getByLabel('评语').press('Enter');
		if (points !== '101') await part.getByRole('status').getByText(`打 ${points} 分`).waitFor();
	}
	await good(boss, 'supervisor-4-score');
	await boss.goto(box.url + '/reports?by=agents');
	const line = panel(boss, '人员').locator('tbody tr', { hasText: '李强' });
	await line.getByText('85.0', { exact: true }).waitFor();
	await line.getByRole('link', { name: '1', exact: true }).click();
	await boss.locator('tbody tr', { hasText: '02162345678' }).waitFor();
	await boss.getByRole('button', { name: '取消条件：李强 被打过质检分' }).waitFor();
	assert.equal(await boss.locator('tbody tr').count(), 1);
	const { lines } = await center.get('audit');
	assert.deepEqual(lines.filter((l) => l.action === 'call.scored').map((l) => l.detail), ['1003 85 <b>已复核</b>', '1003 60 没有问候']);
	await boss.goto(box.url);
});

step('she judges a complaint, and finds it behind the figure beside its target', async () => {
	await boss.goto(box.url + '/calls?agent=1003');
	await boss.locator('tbody tr', { hasText: '02162345678' }).getByRole('link').click();
	await boss.getByRole('heading', { name: '通话经过' }).waitFor();
	const id = boss.url().split('/').at(-1);
	assert.equal((await boss.request.post(`${box.url}/api/calls/${id}/note`, { data: { code: '投诉', text: '师傅没来' } })).status(), 204);
	await boss.reload();
	const part = panel(boss, '投诉：投诉');
	await part.getByRole('status').getByText('尚未核实').waitFor();
	await part.getByLabel('评语').fill('确实没来');
	await button(part, '有理').press('Enter');
	await part.getByRole('status').getByText('认定有理').waitFor();
	await good(boss, 'supervisor-4-complaint');
	await boss.goto(box.url + '/reports?by=daily');
	const tile = boss.locator('.tile', { hasText: '每万次有理投诉' });
	await tile.getByText('未达标').waitFor(); // one of a few is more than 3 of 10,000
	await good(boss, 'supervisor-4-complaints');
	await boss.goto(box.url + '/calls?complaint=founded');
	await boss.getByRole('button', { name: '取消条件：有理投诉' }).waitFor();
	assert.equal(await boss.locator('tbody tr').count(), 1);
	const { lines } = await center.get('audit');
	assert.deepEqual(lines.filter((l) => l.action === 'call.judged').map((l) => l.detail), ['founded 确实没来']);
	await boss.goto(box.url);
});

step('she sees who was there as planned, day by day, and who has left', async () => {
	const staff = panel(boss, '人员');
	box.configure((c) => {
		c.agents.find((a) => a.id === '1001').hours = 'always';
		c.agents.push({ ...c.agents[0], id: '1099', name: '短工', pin: '739251', phone: '', hours: '' });
	});
	await center.post('agents/1001/state', { state: 'ready' });
	box.configure((c) => (c.agents = c.agents.filter((a) => a.id !== '1099')));
	await boss.goto(box.url + '/reports?by=agents');
	await staff.getByText('离开 1 人').waitFor();
	const line = (name) => staff.locator('tbody tr', { hasText: name });
	await button(staff, '赵丽 的逐日出勤').press('Enter');
	await staff.locator('tr.day').getByText('进行中').waitFor();
	assert.equal(await line('王芳').locator('td').nth(2).innerText(), '–', 'without planned hours there is no attendance');
	await staff.getByText('出勤等指标的口径').click();
	await staff.getByText('实际出勤 ÷ 计划出勤 × 100。').waitFor();
	await staff.locator('.tile', { hasText: '实际工作率' }).getByText('上期无数据').waitFor();
	await staff.getByRole('img', { name: '各座席实际工作与其余在线时长' }).locator('canvas').waitFor();
	const link = await staff.getByRole('group', { name: '导出逐日出勤' }).getByRole('link', { name: 'CSV' }).getAttribute('href');
	const sheet = await (await boss.request.get(box.url + link)).text();
	assert.match(sheet, /^\uFEFF座席,日期,.*\r\n赵丽 1001,20/);
	await good(boss, 'supervisor-4-staff');
	const { rows } = await center.get('staff', boss);
	for (const r of rows) {
		const { days } = await center.get('attendance?agent=' + r.agent, boss);
		for (const f of ['planned_ms', 'online_ms']) assert.ok(Math.abs(days.reduce((sum, d) => sum + d[f], 0) - r[f]) < 10_000, `${r.agent}: ${f}`); // it runs
	}
	await boss.goto(box.url);
});

step('she approves a break, and signs an agent out', async () => {
	await center.post('agents/1001/break', { do: 'ask' }, lihua);
	await button(agent('赵丽'), '批准 赵丽 小休').click();
	await pill('赵丽', '小休');
	await center.post('agents/1002/state', { state: 'ready' });
	await pill('王芳', '空闲');
	await agent('王芳').getByLabel('更改 王芳 的状态').selectOption('signed_out');
	await pill('王芳', '未签入');
});

step('what a caller calls himself is text wherever it is read, and no formula in an export', async () => {
	const far = await new Far(box).open();
	box.configure((c) => {
		c.trunks.push({ id: 'far', name: '远端', way: 'in', host: far.address, transport: 'udp', user: '', password: '', register: false, expires_seconds: 3600, sources: [], numbers: [], dtmf: 'auto', codecs: [], max_calls: 9, language: '', disabled: false });
		c.routes.unshift({ id: 'far', lines: ['trunk/far'], called: '', caller: '', hours: 'always', periods: [], to: 'queue:sales', priority: 0, disabled: false });
	}); // prettier-ignore
	await center.post('agents/1001/state', { state: 'ready' });
	const markup = '=1+1<img src=/x onerror=alert(1)>"שלום';
	const caller = far.call(`${markup}\u202e${'A'.repeat(900)}`, '02187654321', '62345600');
	const shown = new RegExp(`${markup.replace(/[+()]/g, '\\$&')}A{10,30}[^A]`); // what turns text around is gone, and so is what is too long
	const pages = [panel(boss, '队列'), panel(boss, '进行中'), panel(boss, '座席'), panel(lihua, '当前通话')];
	for (const part of pages) await part.getByText(shown).first().waitFor();
	await good(boss, 'supervisor-3-hostile');
	await caller.hangup();
	await boss.goto(box.url + '/calls?number=02187654321');
	await boss.locator('tbody tr').filter({ hasText: shown }).getByRole('link').click();
	await boss.getByRole('heading', { name: '信令' }).waitFor();
	await boss.getByText(shown).first().waitFor();
	for (const page of [boss, lihua]) assert.equal(await page.locator('main img').count(), 0);
	const sheet = await (await boss.request.get(box.url + '/api/calls.csv?number=02187654321')).text();
	assert.ok(sheet.includes(`"'${markup.replace('"', '""')}A`), sheet);
	await boss.goto(box.url);
	far.close();
});

step('the same in English, in the dark, on a phone', async () => {
	const storageState = { cookies: (await boss.context().storageState()).cookies, origins: [] };
	const small = await box.open({ storageState, locale: 'en-GB', colorScheme: 'dark', viewport: { width: 375, height: 740 } });
	await small.goto(box.url);
	await panel(small, 'Agents').waitFor();
	assert.equal(await button(small, 'I see to it').count(), 0, 'what she saw elsewhere');
	await center.post('agents/1001/state', { state: 'ready' });
	talks = box.ring('e1/1', '02162345678');
	await row(small, 'Agents', '赵丽').getByText('ringing', { exact: true }).waitFor();
	await center.lift('801');
	await button(small, 'Monitor the call of 赵丽').click();
	const strip = small.getByRole('group', { name: 'Monitor the call of 赵丽' });
	await strip.getByText('Which phone is at your place? You are asked this once.').waitFor();
	await good(small, 'supervisor-2-small');
	await talks.hangup();
	await panel(small, 'In progress').getByText('No calls at the moment.').waitFor();
});

step('she sees who is in a conference room, locks it, invites, and they stay when rooms are switched off', async () => {
	const rooms = panel(boss, '会议室');
	box.configure((c) => {
		c.rooms.push({ id: 'board', name: '董事会', number: '790', pin: '', max_parties: 4 });
		c.routes.unshift({ id: 'board', lines: ['e1/2'], called: '', caller: '', hours: 'always', periods: [], to: 'room:board', priority: 0, disabled: false });
	});
	await rooms.getByText('没有人').waitFor();
	const first = box.ring('e1/2', '02166668888');
	const guest = (text) => rooms.locator('.guest').filter({ hasText: text });
	await guest('02166668888').locator('.number').waitFor();
	await row(boss, '进行中', '02166668888').getByText('会议室', { exact: true }).waitFor();

	await button(rooms, '锁定 董事会，不再让人进入').press('Enter');
	await rooms.getByText('已锁定').waitFor();
	const shut = box.ring('e1/2', '02177778888');
	await shut.over; // it is told that the room is not available
	assert.equal(await rooms.locator('.guest').count(), 1);
	await good(boss, 'supervisor-5-room-locked');
	await button(rooms, '解锁 董事会').click();
	await rooms.getByText('已锁定').waitFor({ state: 'detached' });

	await center.post('agents/1002/state', { state: 'ready' });
	await rooms.getByLabel('邀请进入 董事会').fill('802');
	await rooms.getByLabel('邀请进入 董事会').press('Enter');
	await rooms.getByText('正在呼叫 802').waitFor();
	await center.lift('802');
	await guest('王芳').waitFor();
	await pill('王芳', '通话 · 会议室');
	await lihua.goto(box.url);
	await panel(lihua, '会议室').getByText('2 人在内').waitFor(); // agents see how many are there, no caller and no door
	assert.equal(await panel(lihua, '会议室').locator('.guest').count(), 0);
	assert.equal(await panel(lihua, '会议室').locator('button, input').count(), 0);
	await lihua.goto(box.url + '/desk');

	box.configure((c) => ((c.off = ['rooms']), (c.routes = c.routes.filter((r) => r.id !== 'board'))));
	await rooms.getByText('已停用，现有人员可以开完会').waitFor();
	assert.equal(await rooms.locator('.guest').count(), 2);
	assert.equal(await rooms.locator('input').count(), 0, 'nobody else is invited');
	await good(boss, 'supervisor-5-room-off');
	await button(guest('王芳'), '挂断与 王芳 的通话').click();
	await button(guest('王芳'), '确认挂断').click();
	await guest('王芳').waitFor({ state: 'detached' });
	await first.hangup();
	await rooms.waitFor({ state: 'detached' });
	box.configure((c) => (c.off = []));
});

step('any number on a page is dialled by who is an agent, and by nobody else', async () => {
	await center.post('agents/1001/state', { state: 'busy' });
	await center.post('agents/1002/state', { state: 'ready' });
	waits = box.ring('e1/1', '057187654321');
	await lihua.goto(box.url);
	const dials = (at) => at.getByRole('link', { name: '回拨 057187654321' });
	await dials(row(lihua, '队列', '057187654321')).waitFor();
	await row(boss, '队列', '057187654321').waitFor();
	assert.equal(await dials(boss).count(), 0, 'she has no telephone');
	await good(lihua, 'supervisor-6-dial');
	await dials(row(lihua, '队列', '057187654321')).press('Enter');
	await lihua.getByText('号码来自链接').waitFor();
	assert.equal(await lihua.getByLabel('拨打号码').inputValue(), '057187654321');

	box.configure((c) => (c.recording.mask_numbers = true));
	await lihua.goto(box.url);
	const masked = row(lihua, '队列', /057\*+4321/);
	await masked.waitFor();
	assert.equal(await lihua.getByRole('link', { name: /^回拨/ }).count(), 0);
	await masked.getByRole('button', { name: /^回拨 057\*+4321$/ }).click();
	const whole = (live) => live.calls.find((c) => c.called === '057187654321' && c.direction === 'out');
	await center.until('it is called back by the call', whole);
	await lihua.getByLabel('拨打号码').waitFor();
	box.configure((c) => (c.recording.mask_numbers = false));
	await center.post(`calls/${whole(await center.get('live')).id}/hangup`, {});
	await waits.hangup();

	await center.post('users', { name: 'chief', role: 'supervisor', agent: '1003', password });
	const chief = await center.page('chief', '/calls');
	await dials(chief.locator('tbody tr', { hasText: '057187654321' }).first()).click();
	await chief.getByText('号码来自链接').waitFor();
	assert.equal(new URL(chief.url()).pathname, '/desk');
	await chief.context().close();
});

step('far from the box, its pages tell the time of the box', async () => {
	const { time_zone: timeZone } = await center.get('status');
	const abroad = 'America/New_York';
	assert.notEqual(timeZone, abroad);
	const shown = (iso) => new Intl.DateTimeFormat('zh-CN', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(new Date(iso));
	const ofMessage = async (page) => {
		const { messages } = await center.get('messages', page);
		const told = messages.find((m) => m.text === '三点开会');
		await panel(page, '站内消息').getByRole('listitem').filter({ hasText: '三点开会' }).getByText(shown(told.time).slice(0, 5), { exact: true }).waitFor();
	};
	await center.post('messages', { to: 'all', text: '三点开会' }, boss);
	const lead = await center.page('boss', '/', { timezoneId: abroad });
	await ofMessage(lead);
	await lead.goto(box.url + '/calls');
	const [newest] = (await center.get('calls')).calls;
	await lead.locator('tbody tr').first().getByText(shown(newest.arrived)).waitFor();
	await good(lead, 'supervisor-7-abroad');
	await lead.context().close();

	const far = await center.page('lihua', '/desk', { timezoneId: abroad });
	await ofMessage(far);
	await button(panel(far, '我的通话'), '查看').click();
	const [own] = (await center.get('desk/calls', far)).calls;
	await panel(far, '我的通话').getByRole('listitem').first().getByText(shown(own.arrived).slice(0, 5)).waitFor();
	await far.context().close();
});
