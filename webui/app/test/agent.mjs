// An agent's day, in headless Chromium against the real box on the simulated board, with the supervisor's page beside it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Center, button, panel, row } from './center.mjs';
import { Laptop, good, loudness, password, shoot, sound, steps, withBox } from './start.mjs';

const step = steps();
let box, center, desk, fang, boss, caller;

withBox(async (made, admin) => {
	box = made;
	center = await new Center(box, admin).open();
	boss = await center.page('boss', '/', { locale: 'en-GB' });
	await boss.getByRole('heading', { name: 'Agents', exact: true }).waitFor();
});

const own = () => desk.locator('section.desk');
const call = () => panel(desk, '当前通话');
const state = (word) => own().locator('.pill').getByText(word, { exact: true }).waitFor();
const seen = (text) => row(boss, 'Agents', '赵丽').getByText(text, { exact: true }).waitFor();
const counter = (name) => panel(desk, '今日').locator('div', { has: desk.getByText(name, { exact: true }) }).locator('dd');
const wasGone = /^\d\d:\d\d:\d\d 起的 \d+:\d\d 里，设备收不到本页面/;
const goesElsewhere = async (picture) => {
	caller = box.ring('e1/1', '13901234567');
	await row(boss, 'Queues', '13901234567').getByText('ringing 王芳').waitFor();
	if (picture) await good(boss, picture);
	await caller.hangup();
};
const ready = async () => (await desk.keyboard.press('Alt+1'), await state('空闲'));

step('she signs in, and her states run with their timers on both pages', async () => {
	desk = await box.open();
	await desk.goto(box.url);
	await desk.getByLabel('用户名').fill('lihua');
	await desk.getByLabel('密码').fill(password);
	await desk.keyboard.press('Enter');
	await state('未签入'); // the desk is her first page
	await own().getByLabel('在哪部话机签入').selectOption('phone:802'); // 王芳 is not there yet
	await button(own(), '签入').click();
	await state('空闲');
	await seen('1001 · 802');
	await button(own(), '签出').click();
	await state('未签入');
	await own().getByLabel('在哪部话机签入').selectOption('');
	await button(own(), '签入').click();
	await state('空闲');
	await seen('1001 · 801');
	await seen('ready');
	const timer = own().locator('.big');
	const before = await timer.innerText();
	await desk.waitForFunction((was) => document.querySelector('.desk .big').textContent !== was, before);
	await own().getByLabel('示忙原因').selectOption('meeting');
	await button(own(), '示忙').click();
	await state('示忙 · 会议');
	await seen('busy · meeting');
	await ready();
	await seen('ready');
	await button(panel(desk, '我的通话'), '查看').click();
	await panel(desk, '我的通话').getByText('最近七天没有通话。').waitFor();
	await good(desk, 'agent-1-ready');
});

step('a caller is known before a word is said; the call is held and taken back', async () => {
	caller = box.ring('e1/1', '02162345678');
	await call().locator('.who').getByText('02162345678').waitFor();
	await state('振铃');
	await call().getByText('归属地 上海').waitFor();
	await call().getByText('该号码首次来电').waitFor();
	await good(desk, 'agent-2-rings');
	await center.lift('801');
	await state('通话');
	await desk.keyboard.press('Alt+o');
	await row(boss, 'In progress', '02162345678').getByText('on hold').waitFor();
	await state('通话 · 保持');
	await seen('talking · on hold');
	await button(call(), '取回').click();
	await state('通话');
	await button(call(), '保持').waitFor();
});

step('hold that is pressed on the telephone is shown, and where it is taken back', async () => {
	await center.hold('801', true);
	await state('通话 · 保持');
	await call().getByText('话机上按了保持：请在话机上取回。').waitFor();
	assert.ok(await button(call(), '取回').isDisabled());
	await good(desk, 'agent-2-held');
	await center.hold('801', false);
	await state('通话');
	await button(call(), '保持').waitFor();
	assert.equal(await call().getByText('请在话机上取回').count(), 0);
});

step('a reload keeps the call and the state', async () => {
	await desk.reload();
	await call().locator('.who').getByText('02162345678').waitFor();
	await state('通话');
	await button(call(), '保持').waitFor();
});

step('after the call she writes down what it was about, and her counters move', async () => {
	assert.equal(await counter('接通').innerText(), '0');
	const codes = (list) => box.configure((c) => Object.assign(c.site, { codes: list, complaints: [] }));
	codes([]);
	await button(call(), '挂断').click();
	await state('话后');
	const after = panel(desk, '话后处理');
	await after.getByText('还没有业务代码，请管理员在“设置 → 公司”中添加。').waitFor();
	codes(['报修', '咨询']);
	await button(after, '报修').click();
	await after.getByLabel('本次通话记录').fill('洗衣机漏水');
	await button(after, '保存').click();
	await after.getByText('已保存').waitFor();
	await good(desk, 'agent-3-wrap-up');
	await caller.hangup();
	await button(own(), '完成话后').click();
	await state('空闲');
	await counter('接通').getByText('1', { exact: true }).waitFor();
	assert.notEqual(await counter('呼入通话').innerText(), '0:00');
	await button(panel(desk, '我的通话'), '查看').click();
	await panel(desk, '我的通话').getByRole('listitem').filter({ hasText: '02162345678' }).getByText(/^\d:\d\d$/).waitFor(); // with how long they talked
	assert.equal(await panel(desk, '我的通话').getByRole('button', { name: /^听与/ }).count(), 0, 'hearing is for supervisors until the policy says otherwise');
	box.configure((c) => (c.recording.agents_hear = true));
	await button(panel(desk, '我的通话'), '收起').click();
	await button(panel(desk, '我的通话'), '查看').click();
	await button(panel(desk, '我的通话'), '听与 02162345678 的通话').click();
	await button(panel(desk, '我的通话'), '播放').waitFor();
	await good(desk, 'agent-3-own-calls');
	const audit = await center.get('audit');
	assert.ok(audit.lines.some((l) => l.who === 'lihua' && l.action === 'recording.heard'));
	const [{ id }] = (await center.get('calls?agent=1001')).calls;
	await center.admin.request.put(`${box.url}/api/calls/${id}/score`, { data: { points: 85 } });
	await button(panel(desk, '我的通话'), '收起').click();
	await button(panel(desk, '我的通话'), '查看').click();
	await panel(desk, '我的通话').getByText('85 分').waitFor();
});

step('where numbers are masked she sees the middle of none, and calls back by the call', async () => {
	box.configure((c) => (c.recording.mask_numbers = true));
	const calls = panel(desk, '我的通话');
	await button(calls, '收起').click();
	await button(calls, '查看').click();
	await calls.getByText('021****5678').first().waitFor();
	await good(desk, 'agent-3-masked');
	await button(calls, '回拨 021****5678').click();
	const whole = (live) => live.calls.find((c) => c.called === '02162345678');
	await center.until('her call goes to the whole number', whole);
	await call().locator('.who').getByText('021****5678').waitFor();
	await call().getByText('洗衣机漏水').waitFor();
	assert.equal(await call().getByRole('form', { name: '新客户' }).count(), 0, 'what is not known is not written down');
	assert.ok(!(await desk.content()).includes('02162345678'));
	await center.post(`calls/${whole(await center.get('live')).id}/hangup`, {});
	await state('空闲');
	box.configure((c) => (c.recording.mask_numbers = false));
});

step('the caller comes again, is known, and is put through', async () => {
	caller = box.ring('e1/1', '02162345678'); // at her, once her telephone has rested for a second
	await call().getByText('洗衣机漏水').waitFor();
	await center.post('agents/1002/state', { state: 'ready' });
	await center.lift('801');
	await state('通话');
	await desk.keyboard.press('Alt+t');
	await desk.keyboard.type('802');
	await desk.keyboard.press('Alt+p');
	await state('话后');
	await center.until('802 rings', (live) => live.calls.some((c) => c.parties?.some((p) => p.line === 'phone/802')));
	await center.lift('802');
	await row(boss, 'Agents', '王芳').getByText('talking', { exact: true }).waitFor();
	await caller.hangup();
	await center.post('agents/1002/state', { state: 'signed_out' });
});

step('a caller whom nobody took is called back by one press, and kept in the own address book', async () => {
	await desk.keyboard.press('Alt+2');
	await state('示忙 · 整理资料');
	caller = box.ring('e1/1', '057187654321');
	await row(boss, 'Queues', '057187654321').waitFor();
	await caller.hangup();
	await button(panel(desk, '未接来电'), '回拨 057187654321').click();
	await desk.getByText('您的话机即将振铃').waitFor();
	await call().locator('.who').getByText('057187654321').waitFor(); // her telephone answers by itself: it was she who dialled
	await state('通话 · 呼出');
	await seen('talking · outbound');
	await shoot(boss, 'agent-3-outbound');
	assert.equal((await center.get('agents')).agents.find((a) => a.id === '1001').doing, 'outbound');
	const book = panel(desk, '通讯录');
	await call().getByRole('form', { name: '新客户' }).waitFor();
	await desk.keyboard.press('Alt+w');
	await desk.keyboard.type('西湖茶庄');
	await desk.keyboard.press('Tab');
	await desk.keyboard.type('要龙井');
	await good(desk, 'agent-3-unknown');
	await desk.keyboard.press('Enter');
	await call().getByText('西湖茶庄').waitFor();
	await call().getByRole('form', { name: '新客户' }).waitFor({ state: 'detached' });
	await book.getByText('要龙井').waitFor();
	await button(call(), '挂断').click();
	await state('示忙 · 整理资料');
	await button(book, '呼叫 西湖茶庄').click();
	await call().locator('.who').getByText('057187654321').waitFor();
	await button(call(), '挂断').click();
	await state('示忙 · 整理资料');
});

step('a link of another page leaves a number to dial, and the desk has a link to the customer there', async () => {
	box.configure((c) => (c.site.customer_url = 'http://crm.example.cn/?phone={number}&call={call}'));
	await desk.goto(box.url + '/desk?dial=tel:%2B86-21-6234-5678;ext=1');
	await desk.getByText('号码来自链接').waitFor();
	const field = desk.getByLabel('拨打号码');
	assert.equal(await field.inputValue(), '+862162345678');
	assert.equal(new URL(desk.url()).search, '');
	assert.ok(!(await center.get('live')).calls.length, 'nothing is dialled by a link');
	await field.press('Enter');
	await call().locator('.who').getByText('02162345678').waitFor();
	const [{ id }] = (await center.get('live')).calls;
	const link = call().getByRole('link', { name: '打开客户资料' });
	assert.equal(await link.getAttribute('href'), `http://crm.example.cn/?phone=02162345678&call=${id}`);
	await good(desk, 'agent-4-customer');
	await button(call(), '挂断').click();
	await state('示忙 · 整理资料');
});

step('a number that is busy is tried again from her own calls', async () => {
	const field = desk.getByLabel('拨打号码');
	const dialled = call().locator('.who').getByText('02162345601');
	await field.fill('02162345601');
	await field.press('Enter');
	await dialled.waitFor();
	await dialled.waitFor({ state: 'detached' });
	await state('示忙 · 整理资料');
	await button(panel(desk, '我的通话'), '查看').click();
	const calls = panel(desk, '我的通话').getByRole('listitem').filter({ hasText: '02162345601' });
	await calls.getByText('被叫忙').waitFor();
	await good(desk, 'agent-4-busy');
	await button(calls, '回拨 02162345601').click();
	await dialled.waitFor();
	await dialled.waitFor({ state: 'detached' });
	await state('示忙 · 整理资料');
	await button(panel(desk, '我的通话'), '收起').click();
});

step('of what goes on she sees who waits for her queue, what her colleagues do, and no call of theirs', async () => {
	await center.post('agents/1002/state', { state: 'ready' });
	await desk.goto(box.url);
	caller = box.ring('e1/1', '13901234567');
	await row(desk, '队列', '13901234567').getByText('正在振铃 王芳').waitFor();
	await center.lift('802');
	await row(desk, '座席', '王芳').getByText('通话', { exact: true }).waitFor();
	await row(desk, '队列', '13901234567').waitFor({ state: 'detached' });
	await panel(desk, '进行中').getByText('现在没有通话。').waitFor();
	assert.ok((await boss.content()).includes('13901234567') && !(await desk.content()).includes('13901234567'));
	await good(desk, 'agent-4-live');
	await caller.hangup();
	await center.post('agents/1002/state', { state: 'signed_out' });
	await desk.goto(box.url + '/desk');
	await state('示忙 · 整理资料');
});

step('she looks up what callers ask often, which the administrator wrote down', async () => {
	const { admin } = center;
	await admin.goto(box.url + '/settings/faq');
	await button(admin, '添加问题').click();
	await admin.getByLabel('问题', { exact: true }).fill('几点送货？');
	await admin.getByLabel('回答').fill('中午以前。\n周日不送。');
	await button(admin.getByRole('region', { name: '未生效的修改' }), '查看并生效').click();
	await button(admin.getByRole('dialog'), '立即生效').click();
	await admin.getByText('已生效', { exact: true }).waitFor();
	await good(admin, 'agent-4-faq-settings');
	await desk.reload();
	await state('示忙 · 整理资料');
	await panel(desk, '常见问题').waitFor();
	await desk.keyboard.press('Alt+q');
	await desk.keyboard.type('送货');
	await panel(desk, '常见问题').getByText('周日不送。').waitFor();
	await good(desk, 'agent-4-faq');
});

step('a caller after hours is told as one, and the supervisor looks at her desk meanwhile', async () => {
	box.configure((c) => {
		c.hours.push({ id: 'day', name: '白班', week: [], holidays: [] });
		c.routes.unshift({ ...c.routes.find((r) => r.id === 'center'), id: 'day', hours: 'day', periods: ['work'] });
	});
	await desk.getByText('现在不营业：“白班”现为下班时间').waitFor();
	await boss.getByText('Closed now: “白班” (out of hours)').waitFor();
	await good(boss, 'agent-4-closed');
	await ready();
	caller = box.ring('e1/1', '02162345678');
	await call().getByText('夜间来电').waitFor();
	await boss.getByRole('link', { name: 'See the desk of 赵丽' }).press('Enter');
	await boss.getByRole('heading', { name: 'The desk of 赵丽' }).waitFor();
	await boss.locator('.call .who').getByText('02162345678').waitFor();
	for (const words of ['After hours', 'ringing', '洗衣机漏水']) await boss.locator('main').getByText(words).first().waitFor();
	await panel(boss, 'Waiting in my queues').getByText('销售').waitFor();
	await panel(boss, 'The agent’s calls').getByRole('link', { name: '02162345678' }).first().waitFor();
	await panel(desk, '站内消息').getByLabel('消息内容').fill('这位客户很急');
	await button(panel(desk, '站内消息'), '发送').click();
	await panel(boss, 'Messages').getByText('这位客户很急').waitFor();
	await center.lift('801');
	await boss.locator('.desk').getByText('talking', { exact: true }).waitFor(); // by itself
	assert.equal(await boss.locator('main').locator('button, input, textarea, select').count(), 0, 'she only looks');
	await good(boss, 'agent-4-look');
	await good(desk, 'agent-4-after-hours');
	await button(call(), '挂断').click();
	await caller.hangup();
	await button(own(), '完成话后').click();
	await state('空闲');
	await counter('接通').getByText('3', { exact: true }).waitFor();
	await panel(boss, 'Today').locator('div', { has: boss.getByText('Answered', { exact: true }) }).locator('dd').getByText('3', { exact: true }).waitFor();
	await button(panel(desk, '我的通话'), '查看').click();
	await panel(desk, '我的通话').getByText('夜间来电').first().waitFor({ state: 'attached' });
	const { lines } = await center.get('audit');
	assert.equal(lines.filter((l) => l.action === 'desk.looked' && l.who === 'boss' && l.on === '1001').length, 1);
	box.configure((c) => (c.routes = c.routes.filter((r) => r.id !== 'day')));
	await desk.getByText('白班（下班时间）').waitFor({ state: 'detached' }); // the set-up's own hours may be over, too, when this runs
	await boss.goto(box.url);
});

step('a break beyond the most at once is asked for, refused, asked for again, and begins after the call', async () => {
	await center.post('agents/1002/state', { state: 'break' });
	await ready();
	await button(own(), '小休').click();
	await own().getByRole('alert').getByText('小休人数已满').waitFor();
	await button(own(), '请班长批准小休').click();
	await own().getByText(/^已申请小休/).waitFor();
	await good(desk, 'agent-4-asks');
	const wish = row(boss, 'Agents', '赵丽');
	await wish.getByText(/^asks for a break/).waitFor();
	await button(wish, 'Refuse the break of 赵丽').click();
	await own().getByText('boss 没有批准您的小休').waitFor();
	await wish.getByText(/^asks for a break/).waitFor({ state: 'detached' });
	await button(own(), '小休').click();
	await button(own(), '请班长批准小休').click();
	caller = box.ring('e1/1', '18621870033');
	await state('振铃');
	await center.lift('801');
	await state('通话');
	await button(wish, 'Approve the break of 赵丽').press('Enter');
	await own().getByText('通话结束后：小休').waitFor();
	await wish.getByText('then break').waitFor();
	await button(call(), '挂断').click();
	await caller.hangup();
	await button(own(), '完成话后').click();
	await state('小休');
	await seen('break');
	await center.post('agents/1002/state', { state: 'ready' });
	await ready();
});

step('while her network is cut the next call goes elsewhere, which the supervisor sees', async () => {
	await desk.context().setOffline(true);
	await desk.getByText('设备暂时收不到本页面的心跳').waitFor();
	await seen('busy · page closed');
	await goesElsewhere();
	await desk.context().setOffline(false);
	await state('空闲');
	await seen('ready');
	await desk.getByText(wasGone).waitFor();
	await button(desk, '知道了').click();
	await desk.getByText(wasGone).waitFor({ state: 'detached' });
});

step('so it is when she closes the page; she is ready again when it is open', async () => {
	const context = desk.context();
	await desk.close();
	await seen('busy · page closed');
	await goesElsewhere('agent-5-page-closed');
	desk = await context.newPage();
	await desk.goto(box.url + '/desk');
	await state('空闲');
	await seen('ready');
});

step('so it is while her laptop sleeps; awake again, the page says so and shows what became of her call meanwhile', async () => {
	const context = desk.context();
	const { cookies } = await context.storageState();
	await desk.close();
	const laptop = await new Laptop().open();
	try {
		desk = await box.open({ storageState: { cookies, origins: [] } }, laptop.browser);
		await desk.goto(box.url + '/desk');
		await state('空闲');
		laptop.sleep();
		await seen('busy · page closed');
		await goesElsewhere();
		laptop.wake();
		await desk.getByText(wasGone).waitFor();
		await state('空闲');
		await seen('ready');
		await good(desk, 'agent-6-awake');

		caller = box.ring('e1/1', '02162345678');
		await state('振铃');
		await center.lift('801');
		await state('通话');
		laptop.sleep();
		await seen('talking'); // at her telephone
		await caller.hangup();
		await seen('wrap-up');
		laptop.wake();
		await state('话后');
		await button(own(), '完成话后').click();
		await state('空闲');
	} finally {
		await laptop.close();
		desk = await context.newPage();
	}
});

step('so it is while the browser that is her telephone sleeps: what rings there goes on to the next', async () => {
	const context = desk.context();
	const { cookies } = await context.storageState();
	await desk.close();
	const laptop = await new Laptop().open();
	const here = () => desk.getByText('来电在此振铃').waitFor();
	const asleep = 'busy · phone offline';
	try {
		desk = await box.open({ storageState: { cookies, origins: [] } }, laptop.browser);
		await center.post('agents/1001/state', { state: 'ready', phone: 'phone:803' });
		await desk.goto(box.url + '/desk');
		await desk.getByRole('switch', { name: '用本浏览器作为我的话机' }).click();
		await here();
		await state('空闲');
		caller = box.ring('e1/1', '13901234567');
		await button(desk, '接听').waitFor();
		laptop.sleep();
		await row(boss, 'Queues', '13901234567').getByText('ringing 王芳').waitFor(); // hers would ring for five minutes
		await seen(asleep);
		await good(boss, 'agent-7-browser-asleep');
		await caller.hangup();
		laptop.wake();
		await desk.getByText(wasGone).waitFor();
		await here();
		assert.equal(await button(desk, '接听').count(), 0, 'it does not ring any more');
		await state('空闲');
		await seen('ready');
		await good(desk, 'agent-7-browser-awake');

		laptop.sleep();
		await seen(asleep);
		await goesElsewhere();
		laptop.wake();
		await here();
		await seen('ready');
		caller = box.ring('e1/1', '13901234567');
		await button(desk, '接听').click();
		await desk.getByText('通话中。').waitFor();
		await caller.hangup();
		await button(own(), '完成话后').click();
		await state('空闲');
	} finally {
		await laptop.close();
		await center.post('agents/1001/state', { state: 'ready', phone: 'phone:801' });
		desk = await context.newPage();
	}
});

/** among waits until the one call is in a state and its parties are what each is said to be, and her desk shows it if she is one. */
const among = async (kind, parties) => {
	await center.until(`${kind}: ${JSON.stringify(parties)}`, ({ calls }) => {
		const there = Object.fromEntries(calls[0]?.parties?.map((p) => [p.line.replace(/^e1.*/, 'caller'), p.state]) ?? []);
		return calls.length === 1 && calls[0].state === kind && isDeepStrictEqual(there, parties);
	});
	const word = { talk: '通话', consult: '咨询', conference: '多方通话' }[kind];
	if (parties['phone/801']) await call().locator('p.soft').filter({ hasText: `· ${word} ` }).waitFor();
};
const three = { caller: 'talking', 'phone/801': 'talking', 'phone/802': 'talking' };
const recorded = async (page, on) => {
	await center.until('recording: ' + on, ({ calls }) => calls[0].recording === on);
	const timer = panel(page, '当前通话').locator('header .number');
	for (let i = 0, was = await timer.innerText(); on && i < 3; i++) {
		await timer.filter({ hasNotText: was }).waitFor();
		was = await timer.innerText();
	}
};
const consults = async (whom) => {
	await desk.keyboard.press('Alt+t');
	await desk.keyboard.type(whom);
};

step('by keys she consults a colleague, takes the caller back, and makes it three; what she has recorded is there afterwards', async () => {
	box.configure((c) => (c.queues.find((q) => q.id === 'sales').record = 'on_demand'));
	await center.post('agents/1002/state', { state: 'busy' });
	await center.phones({ extension: '802', never_answer: true, say: sound(700, 120) });
	fang = await center.page('wangfang', '/desk');
	await desk.goto(box.url + '/desk');
	await state('空闲');
	const says = join(box.data, 'caller.wav');
	writeFileSync(says, Buffer.from(sound(400, 120), 'base64'));
	caller = box.ring('e1/1', '02162345678', '--play', says);
	await state('振铃');
	await center.lift('801');
	await among('talk', { caller: 'talking', 'phone/801': 'talking' });

	await consults('802');
	await desk.keyboard.press('Enter');
	await among('consult', { caller: 'away', 'phone/801': 'talking', 'phone/802': 'called' });
	await center.lift('802');
	await among('consult', { ...three, caller: 'away' });
	await panel(fang, '当前通话').locator('.who').getByText('02162345678').waitFor(); // she sees whom it is about
	await state('通话 · 咨询');
	await seen('talking · consulting');
	await good(desk, 'agent-8-consults');
	await desk.keyboard.press('Alt+o');
	await among('talk', { caller: 'talking', 'phone/801': 'talking' });

	await consults('802');
	await desk.keyboard.press('Enter');
	await center.lift('802');
	await among('consult', { ...three, caller: 'away' });
	await desk.keyboard.press('Alt+c');
	await among('conference', three);
	await row(boss, 'In progress', '02162345678').getByText('conference', { exact: true }).waitFor();
	await seen('talking · three-way');
	await desk.keyboard.press('Alt+r');
	await recorded(desk, true);
	await good(desk, 'agent-8-three');
	await desk.keyboard.press('Alt+r');
	await recorded(desk, false);

	await desk.keyboard.press('Alt+x'); // the others talk on
	await state('话后');
	await among('talk', { caller: 'talking', 'phone/802': 'talking' });
	const [{ id }] = (await center.get('live')).calls;
	await caller.hangup();
	let written;
	await center.until('the call is written down', ({ calls }) => !calls.length);
	do written = await center.get('calls/' + id);
	while (!written.outcome);
	const { recordings } = written;
	assert.equal(recordings.length, 1);
	const { purpose } = await center.get('recordings/' + recordings[0]);
	assert.equal(purpose, 'on_demand');
	const wav = await (await center.admin.request.get(`${box.url}/api/recordings/${recordings[0]}/audio`)).body();
	assert.ok(loudness(wav, 0) > 0.5, `the caller is heard: ${loudness(wav, 0)}`);
	assert.ok(loudness(wav, 1) > 0.5, `and what the caller hears, who is 王芳: ${loudness(wav, 1)}`);
	await button(own(), '完成话后').click();
	await state('空闲');
});

step('so by buttons: three, a recording, and a transfer after the consultation', async () => {
	for (const press of [() => button(call(), '转接').click(), () => desk.keyboard.press('Alt+p')]) {
		caller = box.ring('e1/1', '02162345678');
		await state('振铃');
		await center.lift('801');
		await among('talk', { caller: 'talking', 'phone/801': 'talking' });
		for (const word of ['转接', '三方']) assert.ok(await button(call(), word).isDisabled(), 'nobody is named or consulted');
		await call().getByLabel('工号、分机或号码').fill('1002');
		await button(call().locator('form.other'), '咨询').click(); // 咨询 is a code as well
		await center.lift('802');
		await among('consult', { ...three, caller: 'away' });
		await press();
		await state('话后');
		await among('talk', { caller: 'talking', 'phone/802': 'talking' });
		await panel(fang, '当前通话').locator('.who').getByText('02162345678').waitFor();
		await fang.locator('section.desk .pill').getByText('通话', { exact: true }).waitFor();
		await caller.hangup();
		await button(own(), '完成话后').click();
		await state('空闲');
	}
	caller = box.ring('e1/1', '02162345678');
	await state('振铃');
	await center.lift('801');
	await call().getByLabel('工号、分机或号码').fill('1002');
	await button(call().locator('form.other'), '咨询').click(); // 咨询 is a code as well
	await center.lift('802');
	await button(call(), '三方').click();
	await among('conference', three);
	await button(call(), '录音').click();
	await recorded(desk, true);
	await button(call(), '停止录音').click();
	await recorded(desk, false);
	await button(call(), '挂断').click();
	await among('talk', { caller: 'talking', 'phone/802': 'talking' });
	await caller.hangup();
	box.configure((c) => (c.queues.find((q) => q.id === 'sales').record = 'always'));
	await button(own(), '完成话后').click();
	await state('空闲');
});

step('a recording that the rules ask for is not stopped, which is said', async () => {
	caller = box.ring('e1/1', '02162345678');
	await state('振铃');
	assert.ok(await button(call(), '录音').isDisabled(), 'nobody talks yet');
	await center.lift('801');
	await button(call(), '停止录音').click();
	await call().getByRole('alert').getByText('按规定录音').waitFor();
	await caller.hangup();
	await button(own(), '完成话后').click();
	await state('空闲');
});

step('her day by keyboard, in English, in the dark, on a phone', async () => {
	const storageState = { cookies: (await desk.context().storageState()).cookies, origins: [] };
	const small = await box.open({ storageState, locale: 'en-GB', colorScheme: 'dark', viewport: { width: 375, height: 740 } });
	await small.goto(box.url + '/desk');
	const at = small.locator('section.desk');
	await at.getByText('ready', { exact: true }).waitFor();
	await small.keyboard.press('Alt+2');
	await at.getByText('busy · paperwork').waitFor();
	await good(small, 'agent-8-small');
	await button(at, 'Sign out').press('Enter');
	await at.getByText('signed out').waitFor();
});

step('the box starts anew under her open page, and messages go on', async () => {
	await desk.goto(box.url + '/desk');
	const talk = panel(desk, '站内消息');
	const write = async (text) => {
		await talk.getByLabel('消息内容').fill(text);
		await button(talk, '发送').click();
		await talk.getByText(text).waitFor();
	};
	await write('早');
	await box.restart();
	await write('又来了');
	assert.equal(await talk.getByText('早').count(), 0, 'the box has forgotten it');
});
