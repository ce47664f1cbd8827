// The flow editor builds a menu below a menu by drawing, takes a change back, walks a call through it, applies it, and a real
// call of the simulated exchange goes where the key says: headless Chromium against the real box on the simulated board.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings, good, skip, withBox } from './start.mjs';

let box, page;
withBox(async (...made) => {
	[box, page] = made;
	await page.goto(box.url + '/settings/flow');
	await spot('总菜单').waitFor();
});

const get = async (path) => (await page.request.get(box.url + '/api/' + path)).json();
const spot = (name, at = page) => at.locator('.svelte-flow__node').filter({ has: at.locator('b', { hasText: new RegExp(`^${name}$`) }) });
const row = (of, word) => spot(of).locator('.row').filter({ has: page.locator('.key, .word', { hasText: new RegExp(`^${word}$`) }) });
const handle = (of) => spot(of).locator('.row.new .svelte-flow__handle');
const button = (name, at = page) => at.getByRole('button', { name, exact: true });

async function middle(of) {
	const { x, y, width, height } = await of.boundingBox();
	return [x + width / 2, y + height / 2];
}

/** pull draws a line with the mouse. */
async function pull(from, to) {
	await page.mouse.move(...(await middle(from)));
	await page.mouse.down();
	await page.mouse.move(...to, { steps: 8 });
	await page.mouse.up();
}

/** nothing is a point of the drawing where nothing is, with room for a menu. */
const nothing = () =>
	page.locator('.svelte-flow').evaluate((flow) => {
		const { left, top, right, bottom } = flow.getBoundingClientRect();
		const empty = (x, y) => document.elementFromPoint(x, y)?.classList.contains('svelte-flow__pane');
		for (let y = bottom - 180; y > top; y -= 20) {
			for (let x = right - 200; x > left; x -= 20) {
				if ([0, 160].every((w) => [-25, 50, 120].every((h) => empty(x + w, y + h)))) return [x, y];
			}
		}
	});

test('a menu below a menu is drawn', { skip }, async () => {
	await pull(handle('总菜单'), await nothing());
	await spot('新菜单 5').waitFor();
	await page.getByLabel('名称', { exact: true }).fill('账单');
	await row('总菜单', '4').getByText('菜单 账单').waitFor();
	await pull(handle('账单'), await middle(spot('销售').locator('header')));
	await row('账单', '1').getByText('队列 销售').waitFor();
	assert.deepEqual(await findings(page), []);
});

test('a change is taken back and made again', { skip }, async () => {
	await button('撤销').and(page.locator(':enabled')).click();
	await row('账单', '1').waitFor({ state: 'detached' });
	await page.getByRole('heading', { name: '呼叫流程图' }).click(); // the keys are for the page, not for a field
	await page.keyboard.press('Control+Shift+z');
	await row('账单', '1').waitFor();
	await button('重做').and(page.locator(':disabled')).waitFor();
});

test('a menu is made and taken away without a mouse, and what led to it goes too', { skip }, async () => {
	await page.getByRole('button', { name: '添加菜单' }).press('Enter');
	await page.getByLabel('名称', { exact: true }).fill('临时');
	await page.getByRole('combobox', { name: '选中的位置' }).selectOption({ label: '账单' });
	await button('添加按键').press('Enter');
	await page.getByLabel('通向').last().selectOption('menu');
	await page.getByLabel('菜单', { exact: true }).last().selectOption({ label: '临时' });
	await row('账单', '2').getByText('菜单 临时').waitFor();
	await spot('临时').focus();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Delete');
	await spot('临时').waitFor({ state: 'detached' });
	await row('账单', '2').waitFor({ state: 'detached' });
});

test('a call is walked through the drawing, which shows its way', { skip }, async () => {
	await button('试走一遍').click();
	await page.getByLabel('线路', { exact: true }).selectOption('fxo/1');
	await button('看看').click();
	await button('按 4').click();
	await button('按 1').click();
	await page.locator('aside').first().getByText('队列 销售').waitFor();
	await spot('账单').locator('.spot.lit').waitFor();
	assert.equal(await page.locator('.svelte-flow__edge.lit').count(), 3, 'route to menu, menu to menu, menu to queue');
	await page.getByRole('button', { name: /^等待超时/ }).click(); // and what if nobody takes it
	await page.locator('aside').first().getByText('信箱').waitFor();
	await button('重新开始').click();
	for (const n of [1, 2]) {
		await button('按 #').click(); // which leads nowhere
		await page.locator('aside').first().getByText('无效，再听一遍').nth(n - 1).waitFor();
	}
	await button('按 #').click();
	await page.locator('aside').first().getByText('队列 服务').waitFor(); // after three
});

test('the same as a tree: a key is added by keyboard alone, is in the drawing, and is taken back', { skip }, async () => {
	const tree = page.getByRole('tree');
	const here = () => page.evaluate(() => document.activeElement.innerText.replace(/\s+/g, ' ').trim());
	await button('目录').press('Enter');
	await tree.waitFor();
	for (const _ of [1, 2]) await page.keyboard.press('Tab');
	await page.keyboard.press('Home');
	await page.keyboard.press('4');
	assert.match(await here(), /^4 菜单 账单/);
	const lines = await tree.getByRole('treeitem').count();
	await page.keyboard.press('+');
	await page.getByLabel('键', { exact: true }).and(page.locator(':focus')).waitFor();
	for (const key of ['Tab', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key); // to a queue, to a menu
	await tree.getByRole('treeitem', { name: '返回菜单 总菜单' }).waitFor(); // a circle is a word, and the way there
	await good(page, 'flow-tree');
	await button('流程图').press('Enter');
	await row('账单', '2').getByText('菜单 总菜单').waitFor();
	await button('目录').press('Enter');
	await tree.getByRole('treeitem', { name: '返回菜单 总菜单' }).press('Enter');
	assert.match(await here(), /菜单 总菜单/);
	await page.keyboard.press('ArrowLeft');
	assert.equal(await tree.locator(':focus').getAttribute('aria-expanded'), 'false');
	await page.keyboard.press('ArrowRight');
	while ((await tree.getByRole('treeitem').count()) > lines) await page.keyboard.press('Control+z');
	assert.notEqual(await here(), '', 'the focus stays in the tree');
	await button('流程图').click();
	await row('账单', '2').waitFor({ state: 'detached' });
});

test('it is applied after its difference, and a real call goes where the key says', { skip }, async () => {
	await button('查看并生效').and(page.locator(':enabled')).click();
	await page.getByRole('dialog').getByText('账单').first().waitFor();
	await button('立即生效').click();
	await page.getByText('已生效', { exact: true }).waitFor();
	await button('撤销').and(page.locator(':disabled')).waitFor();
	const { menus } = await get('config');
	assert.deepEqual(menus.find((m) => m.name === '账单').keys, [{ keys: '1', to: 'queue:sales' }]);
	box.ctl('sim', 'ring', 'fxo/1', '--from', '02155556666', '--keys', '4@4s,1@12s', '--for', '22s');
	const call = (await get('calls?limit=1')).calls[0];
	const journal = (await get(`calls/${call.id}/journal`)).entries.map((e) => e.text.zh).join('\n');
	assert.match(journal, /账单[\s\S]*销售/);
});

test("a web site's own target is drawn, and is changed by a line", { skip }, async () => {
	box.configure((c) => c.websites.push({ id: 'shop', name: '商城', origins: ['https://shop.example.cn'], to: 'queue:service', max_calls: 5, language: '', disabled: false }));
	await page.goto(box.url + '/settings/flow');
	await row('商城', '去向').getByText('队列 服务').waitFor();
	await pull(row('商城', '去向').locator('.svelte-flow__handle'), await middle(spot('销售').locator('header')));
	await row('商城', '去向').getByText('队列 销售').waitFor();
	await page.getByRole('button', { name: '放弃修改' }).click();
	await page.getByRole('button', { name: '确认放弃' }).click();
	await row('商城', '去向').getByText('队列 服务').waitFor();
});

test('the same in English, in the dark, on a phone', { skip }, async () => {
	const storageState = { cookies: (await page.context().storageState()).cookies, origins: [] };
	const small = await box.open({ storageState, locale: 'en-GB', colorScheme: 'dark', viewport: { width: 375, height: 740 } });
	await small.goto(box.url + '/settings/flow/main');
	await small.getByRole('tree').waitFor(); // which a phone begins with
	await good(small, 'flow-tree-phone');
	await button('Drawing', small).click();
	await spot('总菜单', small).waitFor();
	assert.equal(await small.getByRole('combobox', { name: 'What is chosen' }).inputValue(), 'menu:main');
	assert.deepEqual(await findings(small), []);
	for (const path of ['/settings/flow/main', '/settings/flow']) {
		await small.goto(box.url + path);
		const { width } = await spot('总菜单', small).boundingBox();
		assert.ok(width > 220, `${path} begins large enough to read: ${width}`);
	}
	assert.ok((await small.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
	await small.context().close();
});

test('a menu is removed, and with it the forwards of phones and agents that led to it', { skip }, async () => {
	box.configure((c) => {
		c.phones[0].no_answer = c.agents[0].busy = 'menu:closed';
		c.routes = c.routes.filter((r) => r.to !== 'menu:closed');
	});
	await page.goto(box.url + '/settings/flow');
	await page.locator('.svelte-flow__node[data-id="menu:closed"]').click();
	await button('删除菜单').click();
	await button('查看并生效').and(page.locator(':enabled')).click();
	await button('立即生效').click();
	await page.getByText('已生效', { exact: true }).waitFor();
	const { menus, phones, agents } = await get('config');
	assert.ok(!menus.some((m) => m.id === 'closed'));
	assert.deepEqual([phones[0].no_answer, agents[0].busy], ['', '']);
});
