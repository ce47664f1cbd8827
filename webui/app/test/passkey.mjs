// Passkeys on the real box, with Chromium's virtual authenticator: a box is claimed by one, another person adds one and signs in with it.
import assert from 'node:assert/strict';
import { good, password, steps, withBox } from './start.mjs';

let box, owner, agent;
const step = steps();

withBox(async (made, page) => {
	[box, owner] = [made, page];
	await device(owner);
}, false);

/** device gives a page a telephone's or laptop's own authenticator, whose owner is there and is recognised. */
async function device(page) {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('WebAuthn.enable');
	const own = { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true };
	await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { ...own, isUserVerified: true, automaticPresenceSimulation: true } });
}

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** send asks the box from within a page, since names below localhost are the browser's alone. */
const send = (page, method, path, body) =>
	page.evaluate(
		async ([method, path, body]) => (await fetch('/api/' + path, { method, headers: { 'Content-Type': 'application/json' }, body })).status,
		[method, path, body && JSON.stringify(body)],
	);
const leave = (page) => send(page, 'DELETE', 'session');

step('a box is claimed by a passkey, and opened by it', async () => {
	await owner.goto(box.named);
	await owner.getByLabel('认领码').fill('00000000');
	await button(owner, '用通行密钥认领').click();
	await owner.getByRole('alert').first().waitFor(); // and no passkey is left on the device
	await owner.getByLabel('认领码').fill(box.ctl('claim'));
	await good(owner, 'passkey-claim');
	await button(owner, '用通行密钥认领').click();
	await button(owner, '稍后再说').click();
	await leave(owner);
	await owner.goto(box.named + '/account');
	await button(owner, '用通行密钥登录').waitFor();
	await good(owner, 'passkey-signin');
	await button(owner, '用通行密钥登录').click();
	await owner.getByRole('heading', { name: 'admin' }).waitFor();
	await good(owner, 'passkey-account');
});

step('the only way in stays, until there is a password', async () => {
	const remove = async () => {
		await owner.getByRole('button', { name: /^删除/ }).click();
		await button(owner, '确认删除？').click();
	};
	await remove();
	await owner.getByRole('alert').filter({ hasText: '唯一' }).waitFor();
	await owner.getByLabel('新密码').fill(password);
	await button(owner, '修改').click();
	await owner.getByText('密码已修改').waitFor();
	await owner.getByLabel('现在的密码').waitFor();
	await remove();
	await owner.getByText('还没有通行密钥').waitFor();
});

step('somebody adds one by keyboard on a telephone in the dark, after proving who it is, and signs in with it', async () => {
	assert.equal(await send(owner, 'POST', 'users', { name: 'lihua', role: 'agent', password }), 204);
	agent = await box.open({ locale: 'en-US', colorScheme: 'dark', viewport: { width: 375, height: 740 } });
	await device(agent);
	await agent.goto(box.named);
	assert.equal(await send(agent, 'POST', 'session', { user: 'lihua', password }), 200);
	await agent.goto(box.named + '/account');
	const late = { path: 'proof', message: { zh: '', en: '' } };
	const refused = { status: 403, json: { code: 'forbidden', message: late.message, problems: [late] } };
	await agent.route('**/api/passkeys/options', (r) => r.fulfill(refused), { times: 1 }); // as if five minutes were over
	await agent.getByLabel('Name', { exact: true }).fill('My telephone');
	await agent.keyboard.press('Enter');
	await agent.locator('#proof').fill('a wrong password');
	await agent.keyboard.press('Enter');
	await agent.getByText('The present password is wrong.').first().waitFor();
	await good(agent, 'passkey-proof-dark');
	await agent.locator('#proof').fill(password);
	await agent.keyboard.press('Enter');
	await agent.getByText('My telephone is added').waitFor();
	await good(agent, 'passkey-added-dark');
	await agent.getByLabel('Name', { exact: true }).fill('The same device');
	await agent.keyboard.press('Enter');
	await agent.getByText('This device has a passkey of this account already.').waitFor();
	await leave(agent);
	await agent.goto(box.named + '/account');
	await button(agent, 'Sign in with a passkey').press('Enter');
	await agent.getByRole('heading', { name: 'lihua' }).waitFor();
	await agent.getByText(/My telephone/).first().waitFor();
});

step('by its address the page says why it has no passkeys', async () => {
	await agent.goto(box.url);
	await agent.getByText(`not by an address such as ${box.host}`).waitFor();
	assert.equal(await agent.getByRole('button', { name: /passkey/ }).count(), 0);
	await good(agent, 'passkey-by-address');
});
