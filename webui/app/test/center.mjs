// A call center for the stories of agents and supervisors: a queue of two agents, to which a line of the E1 leads at once.
// 赵丽 (lihua, 1001, phone 801) is rung first, 王芳 (wangfang, 1002, phone 802) after her; their phones ring until lifted.
import assert from 'node:assert/strict';
import { password } from './start.mjs';

/** A Center is the box with its people. */
export class Center {
	constructor(box, admin) {
		this.box = box;
		this.admin = admin; // a page of the administrator's, for the API
	}

	async open() {
		this.box.configure((c) => {
			Object.assign(c.site, { codes: ['报修', '咨询', '投诉'], complaints: ['投诉'] });
			c.site.max_breaks = 1;
			c.routes.unshift({ id: 'center', lines: ['e1/1'], called: '', caller: '', hours: 'always', periods: [], to: 'queue:sales', priority: 0, disabled: false });
			const sales = c.queues.find((q) => q.id === 'sales');
			sales.members = [{ agent: '1001', level: 1 }, { agent: '1002', level: 2 }];
			Object.assign(sales, { last_agent: false, announce_agent: false, notice_prompt: '', ring_seconds: 300, wrap_up_seconds: 300, answer_seconds: 2 });
		});
		for (const [name, role, agent] of [['lihua', 'agent', '1001'], ['wangfang', 'agent', '1002'], ['boss', 'supervisor', '']]) {
			await this.post('users', { name, role, agent, password });
		}
		await this.phones({ extension: '801', never_answer: true }, { extension: '802', never_answer: true });
		await this.until('the phones are there', (live) => ['1001', '1002'].every((id) => live.agents.find((a) => a.id === id).state === 'ready'));
		for (const id of ['1001', '1002']) await this.post(`agents/${id}/state`, { state: 'signed_out' });
		return this;
	}

	/** post asks something of the API, for the administrator unless for another page. */
	async post(path, data, page = this.admin) {
		const answer = await page.request.post(`${this.box.url}/api/${path}`, { data });
		assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
	}

	async get(path, page = this.admin) {
		return (await page.request.get(`${this.box.url}/api/${path}`)).json();
	}

	/** until waits for what the box shows of itself, or of what is at it. */
	async until(what, holds, path = 'live') {
		const late = AbortSignal.timeout(60_000);
		while (!holds(await this.get(path))) assert.ok(!late.aborted, `${what}: ${JSON.stringify(await this.get(path))}`);
	}

	phones(...phones) {
		return this.post('sim/phones', { phones });
	}

	/** lift and lay are what people do with the handset of a phone: they lift one that rings. */
	async lift(extension) {
		await this.until(extension + ' rings', ({ phones }) => phones.find((p) => p.extension === extension).state === 'ringing', 'sim');
		return this.post(`sim/phones/${extension}/handset`, { lift: true });
	}

	lay(extension) {
		return this.post(`sim/phones/${extension}/handset`, { lift: false });
	}

	/** hold presses hold on a phone that talks, or takes the other back. */
	hold(extension, on) {
		return this.post(`sim/phones/${extension}/hold`, { on });
	}

	/** page opens a page on which somebody is signed in. */
	async page(user, path, options) {
		const page = await this.box.open(options);
		await this.post('session', { user, password }, page);
		await page.goto(this.box.url + path);
		return page;
	}
}

export const panel = (page, name) => page.locator('section', { has: page.getByRole('heading', { name, exact: true }) });
export const row = (page, list, text) => panel(page, list).getByRole('listitem').filter({ hasText: text }).last(); // the innermost
export const button = (at, name) => at.getByRole('button', { name, exact: true });
