// What callers leave: a message is new, is heard, is new again, and goes, in headless Chromium against the real box.
import assert from 'node:assert/strict';
import { good, skip, steps, withBox } from './start.mjs';

let box, page;
withBox(async (made, admin) => {
	[box, page] = [made, admin];
	if (skip) return;
	box.configure((c) => {
		if (!c.mailboxes.length) c.mailboxes.push({ id: 'office', name: '前台留言', greeting: '', pin: '48213', max_seconds: 60 });
		c.routes.unshift({ id: 'messages', lines: [], called: '', caller: '', hours: 'always', periods: [], to: 'voicemail:' + c.mailboxes[0].id, priority: 0, disabled: false });
	});
});

const step = steps();
const get = async (path) => (await page.request.get(box.url + '/api/' + path)).json();
const line = (number) => page.getByRole('listitem').filter({ hasText: number });
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const heardBy = async () => (await get('voicemails')).recordings.map((r) => r.heard_by ?? '');

step('what a caller leaves shows as new, without a reload', async () => {
	await page.goto(box.url + '/voicemails');
	await page.getByText('没有留言。').waitFor();
	await box.ring('fxo/1', '13800138000', '--for', '25s').over;
	await line('138 0013 8000').or(line('13800138000')).getByText('新', { exact: true }).waitFor();
	await good(page, 'messages-new');
});

step('hearing it marks it, for everybody, and is in the audit', async () => {
	await line('138').getByRole('button').first().click();
	await press('播放');
	await page.getByText('admin 已听').waitFor();
	assert.equal(await line('138').getByText('新', { exact: true }).count(), 0);
	assert.deepEqual(await heardBy(), ['admin']);
	const [id] = (await get('voicemails')).recordings.map((r) => r.id);
	assert.ok((await get('audit')).lines.some((l) => l.action === 'recording.heard' && l.on === id && l.who === 'admin'));
	await good(page, 'messages-heard');
});

step('it can be new again', async () => {
	await press('标为新留言');
	await line('138').getByText('新', { exact: true }).waitFor();
	assert.deepEqual(await heardBy(), ['']);
	await press('标为已听');
	await page.getByText('admin 已听').waitFor();
});

step('an agent neither marks nor deletes', async () => {
	const [id] = (await get('voicemails')).recordings.map((r) => r.id);
	await page.request.post(box.url + '/api/users', { data: { name: 'lihua', role: 'agent', agent: '1001', password: 'four green paper kites' } });
	const agent = await box.open();
	await agent.request.post(box.url + '/api/session', { data: { user: 'lihua', password: 'four green paper kites' } });
	assert.equal((await agent.request.delete(`${box.url}/api/voicemails/${id}`)).status(), 403);
	assert.equal((await agent.request.put(`${box.url}/api/voicemails/${id}/heard`, { data: { heard: false } })).status(), 403);
	await agent.context().close();
});

step('it is deleted once that is confirmed, in English and on a small dark screen too', async () => {
	const { cookies } = await page.context().storageState();
	const small = await box.open({ locale: 'en-GB', colorScheme: 'dark', viewport: { width: 390, height: 844 }, storageState: { cookies, origins: [] } });
	await small.goto(box.url + '/voicemails');
	await small.getByRole('listitem').getByRole('button').first().click();
	await small.getByRole('button', { name: 'Mark as new' }).click();
	await good(small, 'messages-small');
	await small.getByRole('button', { name: 'Delete', exact: true }).click();
	await small.getByRole('button', { name: 'Delete it for ever?' }).click();
	await small.getByText('No messages.').waitFor();
	await small.context().close();
	await page.getByText('没有留言。').waitFor();
	assert.ok((await get('audit')).lines.some((l) => l.action === 'recording.deleted' && l.who === 'admin'));
});
