// Somebody who has never seen a telephone system takes a new box from its claim code to a proven test call: headless Chromium
// against the real box on the simulated board.
import assert from 'node:assert/strict';
import { good, password, sound as tone, steps, withBox } from './start.mjs';

const questions = ['贵公司叫什么', '哪些线路', '什么时候接听', '谁来接电话', '先听到什么', '都对吗', '打一个电话'];
const asked = ['What is your company', 'Which lines', 'When do you answer', 'Who answers', 'hear first', 'everything right', 'Prove it'];
let box, page, state;
const step = steps();

/** bare takes the demonstration away: the box has its lines and knows nothing of the company. */
function bare(config) {
	for (const [name, value] of Object.entries(config)) if (Array.isArray(value)) config[name] = [];
	config.site = { ...config.site, name: 'Callbox', codes: [], complaints: [] };
}

/** mp3 is an MP3 file of silence: frames of 128 kbit/s and 44.1 kHz, 1,152 samples in each, whose side information is nought. */
function mp3(seconds) {
	const frame = Buffer.alloc(417);
	frame.set([0xff, 0xfb, 0x90, 0x64]);
	return Buffer.concat(Array(Math.round((seconds * 44_100) / 1152)).fill(frame));
}

withBox((...made) => {
	[box, page] = made;
	box.configure(bare);
}, false);

const config = async () => (await page.request.get(box.url + '/api/config')).json();
const kept = (at = page) => at.getByText(/已保存，可随时离开|you can leave at any time/).waitFor();
const next = async (at = page, word = '继续') => (await kept(at), at.getByRole('button', { name: word, exact: true }).click());
const asks = (words, at = page) => at.getByRole('heading', { level: 1 }).filter({ hasText: words }).waitFor();

step('the box is claimed, and the conversation begins', async () => {
	await page.goto(box.url);
	await page.getByLabel('认领码').fill(box.ctl('claim'));
	await page.getByLabel('密码', { exact: true }).fill(password);
	await page.getByRole('button', { name: '认领并登录' }).click();
	await asks(questions[0]);
	await page.getByLabel('公司名称').fill('海棠电器');
	await page.getByLabel('国家').selectOption('cn');
	await page.getByLabel('时区').selectOption('Asia/Shanghai');
	await page.getByLabel('区号').fill('021');
	await good(page, 'setup-1-company');
	await next();
});

step('the lines are found, and each is tested', async () => {
	await asks(questions[1]);
	const lines = page.locator('.line');
	await lines.nth(9).waitFor();
	assert.equal(await lines.count(), 10, 'eight analogue lines and two E1');
	const first = lines.filter({ hasText: 'fxo/1' });
	await first.getByLabel('名称').fill('总机');
	await first.getByLabel('号码').fill('62345601');
	await first.getByRole('button', { name: '试一下' }).click();
	await first.getByText('来电正常').waitFor();
	await good(page, 'setup-2-lines');
	await next();
});

step('leaving and coming back loses nothing', async () => {
	await asks(questions[2]);
	const days = page.getByRole('group', { name: '哪几天' }).first();
	for (const day of ['周六', '周日']) await days.getByText(day).click();
	await page.getByLabel('从', { exact: true }).first().fill('00:00');
	await page.getByLabel('到', { exact: true }).first().fill('24:00');
	await good(page, 'setup-3-hours');
	await kept();
	await page.getByRole('button', { name: '稍后再说' }).click();
	await page.getByRole('region', { name: '首次设置' }).getByText('时间').waitFor();
	const { cookies } = await page.context().storageState();
	await page.context().close(); // the laptop is shut
	page = await box.open({ storageState: { cookies, origins: [] } });
	await page.goto(box.url);
	await page.getByRole('link', { name: '继续设置' }).click();
	await asks(questions[2]);
	assert.equal(await page.getByLabel('到', { exact: true }).first().inputValue(), '24:00');
	await page.getByRole('button', { name: '上一步' }).click();
	assert.equal(await page.locator('.line').filter({ hasText: 'fxo/1' }).getByLabel('号码').inputValue(), '62345601');
	await next();
	await next();
});

step('people are pasted from a spreadsheet and added by hand', async () => {
	await asks(questions[3]);
	await page.getByRole('textbox', { name: '名称' }).fill('销售');
	await page.getByRole('button', { name: '添加队列' }).click();
	await page.getByRole('textbox', { name: '名称' }).nth(1).fill('服务');
	await page.getByRole('button', { name: '从表格粘贴' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('textbox').fill('姓名\t分机\t工号\t队列\n王芳\t801\t1001\t销售\n李强\t802\t1002\t服务');
	await dialog.getByRole('button', { name: '添加 2 人' }).click();
	await page.getByRole('button', { name: '添加人员' }).click();
	await page.getByRole('textbox', { name: '姓名' }).nth(2).fill('周敏');
	await page.getByLabel('分机', { exact: true }).nth(2).fill('110');
	await page.getByRole('alert').filter({ hasText: '紧急号码' }).waitFor();
	await page.getByLabel('分机', { exact: true }).nth(2).fill('803');
	await page.getByRole('heading', { name: '请抄下新密码' }).waitFor();
	await good(page, 'setup-4-people');
	await next();
});

step('the greeting is spoken by the box', async () => {
	await asks(questions[4]);
	const text = page.getByLabel('说什么');
	assert.match(await text.inputValue(), /海棠电器，销售请按1，服务请按2/);
	await page.getByText('欢迎词还没有声音').waitFor();
	await page.getByRole('button', { name: '让设备说' }).click();
	await page.getByText('欢迎词还没有声音').waitFor({ state: 'detached' });
	await page.getByRole('button', { name: '录制' }).click();
	await page.waitForTimeout(1200);
	await page.getByRole('button', { name: '停止并保存' }).click();
	await page.getByText('已保存，立即生效').waitFor();
	await page.getByRole('button', { name: '让设备说' }).click();
	await page.getByRole('button', { name: '让设备说' }).and(page.locator(':enabled')).waitFor();
	await good(page, 'setup-5-greeting');
});

step('or comes from a file; what is no sound is refused in words, and the one before stays', async () => {
	const sounds = async () => (await page.request.get(box.url + '/api/prompts')).json();
	const upload = (name, buffer) => page.getByLabel('上传').setInputFiles({ name, mimeType: 'audio/wav', buffer });
	const spoken = await sounds();
	for (const [name, buffer, sentence] of [
		['no.wav', Buffer.from('RIFFnothing'), '请另存为 WAV'],
		['photo.mp3', Buffer.from('\xff\xd8\xff\xe0 a picture', 'latin1'), '浏览器读不了这个文件'],
	]) {
		await upload(name, buffer);
		await page.getByRole('alert').filter({ hasText: sentence }).waitFor();
		await good(page, 'setup-5-greeting-' + name.replace('.', '-'));
	}
	assert.deepEqual(await sounds(), spoken);
	for (const [name, buffer, length] of [['greeting.mp3', mp3(2), '0:02'], ['greeting.wav', Buffer.from(tone(440, 3), 'base64'), '0:03']]) {
		await upload(name, buffer);
		await page.getByRole('group', { name: '欢迎词' }).getByText(length).waitFor();
		await page.getByText('已保存，立即生效').waitFor();
		assert.equal(await page.getByRole('alert').count(), 0);
		assert.notDeepEqual(await sounds(), spoken);
	}
	await next();
});

step('everything is looked at once more, and put into force', async () => {
	await asks(questions[5]);
	await page.getByText('王芳').first().waitFor();
	await page.getByRole('button', { name: '全部生效' }).and(page.locator(':enabled')).waitFor();
	await good(page, 'setup-6-review');
	await page.getByRole('button', { name: '全部生效' }).click();
	await asks(questions[6]);
	const now = await config();
	assert.deepEqual([now.site.name, now.lines.length, now.spans.length, now.phones.length], ['海棠电器', 8, 2, 3]);
	assert.deepEqual(now.site.codes, ['咨询', '订单', '售后', '投诉', '预约', '推销电话', '打错', '其他']);
	assert.deepEqual(now.site.complaints, ['投诉']);
	assert.equal(now.menus[0].keys[0].to, 'queue:' + now.queues[0].id);
});

step('a test call names what is wrong, and then proves the whole', async () => {
	const passed = page.getByText('电话通了');
	await page.getByRole('button', { name: '开始试打' }).click();
	await page.getByText('没有话机振铃：').waitFor({ timeout: 60_000 });
	await good(page, 'setup-7-wrong');
	assert.equal(await passed.count(), 0);
	await page.getByRole('button', { name: '给王芳浏览器账户' }).click(); // her browser is to be her phone
	const [user, own] = [await page.locator('li', { hasText: '王芳' }).getByRole('status').innerText(), await page.locator('li', { hasText: '王芳' }).locator('code').innerText()];
	const browser = await box.open();
	const signedIn = await browser.request.post(box.url + '/api/session', { data: { user: /用户名 (\d+)/.exec(user)[1], password: own } });
	assert.equal(signedIn.status(), 200, user);
	await browser.context().close();
	const theirs = { name: '1002', role: 'supervisor', password: 'his own old password' }; // an account of before
	await page.request.post(box.url + '/api/users', { data: theirs });
	await page.getByRole('button', { name: '给李强浏览器账户' }).click();
	await page.locator('li', { hasText: '李强' }).getByRole('alert').filter({ hasText: '账户 1002 已存在，没有改动' }).waitFor();
	const { users } = await (await page.request.get(box.url + '/api/users')).json();
	assert.equal(users.find((u) => u.name === '1002').role, 'supervisor');
	await page.getByRole('button', { name: '启动这些话机' }).click();
	await page.locator('li', { hasText: '王芳' }).getByText('空闲').last().waitFor();
	await page.getByRole('button', { name: '开始试打' }).and(page.locator(':enabled')).click();
	await passed.waitFor({ timeout: 60_000 });
	await good(page, 'setup-7-proof');
	const calls = (await (await page.request.get(box.url + '/api/calls?limit=1')).json()).calls;
	assert.deepEqual([calls[0].outcome, calls[0].recordings.length], ['answered', 1]);
	state = await page.context().storageState();
	await page.getByRole('button', { name: '完成' }).click();
	await page.getByRole('heading', { name: '队列', exact: true }).waitFor();
	assert.equal(await page.getByRole('region', { name: '首次设置' }).count(), 0, 'it does not remind any more');
});

/** reach walks to a control by the Tab key alone. */
async function reach(at, name) {
	for (let i = 0; i < 150; i++) {
		await at.keyboard.press('Tab');
		const found = await at.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText ?? '');
		if (found.trim() === name) return;
	}
	assert.fail(`the Tab key does not reach ${name}`);
}

step('the same by keyboard alone, in English, in the dark, on a phone', async () => {
	const small = await box.open({ storageState: { ...state, origins: [] }, locale: 'en-GB', colorScheme: 'dark', viewport: { width: 375, height: 740 } });
	await small.goto(box.url + '/setup');
	for (const [i, ask] of asked.entries()) {
		await small.getByRole('heading', { level: 1 }).waitFor();
		if (i === 0 && !(await small.getByRole('heading', { level: 1 }).innerText()).includes(ask)) {
			await reach(small, 'Company'); // it stands at the last step
			await small.keyboard.press('Enter');
		}
		await asks(ask, small);
		await good(small, `setup-${i + 1}-small`);
		if (i === asked.length - 1) break;
		await kept(small);
		await reach(small, 'Go on');
		await small.keyboard.press('Enter');
	}
	await reach(small, 'Finish');
	await small.keyboard.press('Enter');
	await small.getByRole('heading', { name: 'Queues', exact: true }).waitFor();
	await small.context().close();
});
