import type { Agent, Config, Phone } from './api';
import { agent, nextExtension, nextJob, phone } from './fresh';

/** A Person is a phone, an agent, or both: an agent who sits at a phone. */
export interface Person {
	key: string; // the extension, or "agent-" and the job number
	name: string;
	phone?: Phone;
	agent?: Agent;
	paths: string[]; // of the phone and the agent in the configuration
}

/** everybody is each phone with the agent who sits there, then the agents who sit nowhere, elsewhere or two at one phone. */
export function everybody(c: Config): Person[] {
	const seated = new Set<Agent>();
	const people = c.phones.map((p, i): Person => {
		const at = c.agents.findIndex((a) => a.phone === 'phone:' + p.extension);
		const sits = c.agents[at];
		if (sits) seated.add(sits);
		return { key: p.extension, name: sits?.name || p.name, phone: p, agent: sits, paths: [`phones[${i}]`, ...(sits ? [`agents[${at}]`] : [])] };
	});
	c.agents.forEach((a, i) => {
		if (!seated.has(a)) people.push({ key: 'agent-' + a.id, name: a.name, agent: a, paths: [`agents[${i}]`] });
	});
	return people;
}

/** rename names a person; a phone that bears the name of who sits there goes on doing so. */
export function rename({ phone, agent }: Person, name: string): void {
	if (phone && (!agent || phone.name === agent.name)) phone.name = name;
	if (agent) agent.name = name;
}

/** renumber gives a phone another extension: who sits there follows it. */
export function renumber(c: Config, phone: Phone, extension: string): void {
	for (const a of c.agents) if (a.phone === 'phone:' + phone.extension) a.phone = 'phone:' + extension;
	phone.extension = extension;
}

/** queuesOf are the queues that an agent serves. */
export const queuesOf = (c: Config, job: string): string[] =>
	c.queues.filter((q) => q.members.some((m) => m.agent === job)).map((q) => q.id);

/** serve has an agent serve these queues and no other. */
export function serve(c: Config, job: string, ids: string[]): void {
	for (const q of c.queues) {
		const is = q.members.some((m) => m.agent === job);
		if (ids.includes(q.id) && !is) q.members.push({ agent: job, level: 1 });
		if (!ids.includes(q.id) && is) q.members = q.members.filter((m) => m.agent !== job);
	}
}

/** dismiss takes a person's phone and job away. */
export function dismiss(c: Config, { phone, agent }: Person): void {
	if (agent) serve(c, agent.id, []);
	c.agents = c.agents.filter((a) => a !== agent);
	c.phones = c.phones.filter((p) => p !== phone);
}

/** A Row is a person as somebody pasted it from a spreadsheet. */
export interface Row {
	name: string;
	extension: string;
	job: string;
	queues: string[];
	wrong?: 'extension' | 'taken' | 'queue';
}

/** rows reads name, extension, job number and queues: a person a line, tabs or commas between. A heading is left out. */
export function rows(c: Config, text: string): Row[] {
	const taken = new Set([...c.phones.map((p) => p.extension), ...c.agents.map((a) => a.id), ...c.queues.map((q) => q.number)]);
	const lines = text.split(/\r?\n/).map((l) => l.split(/\t|,|，/).map((cell) => cell.trim().replace(/^"|"$/g, '')));
	return lines
		.filter(([name, ext]) => name && !/^(姓名|name)$/i.test(name) && !/^(分机|extension)/i.test(ext ?? ''))
		.map(([name = '', extension = '', job = '', ...queues]) => {
			const row: Row = { name, extension, job, queues: queues.flatMap((q) => q.split(/[、;；/]/)).map((q) => q.trim()).filter(Boolean) }; // prettier-ignore
			if ((extension && !/^\d{2,8}$/.test(extension)) || (job && !/^\d{2,8}$/.test(job))) row.wrong = 'extension';
			else if (taken.has(extension) || taken.has(job) || (extension && extension === job)) row.wrong = 'taken';
			else if (row.queues.some((name) => !c.queues.some((q) => q.name === name || q.id === name))) row.wrong = 'queue';
			for (const n of [extension, job]) if (n) taken.add(n);
			return row;
		});
}

/** join adds people to the draft: a phone and a job number each; what was not given is the next that is free. */
export function join(c: Config, list: Row[]): void {
	for (const row of list) {
		const extension = row.extension || nextExtension();
		c.phones.push(phone(extension, row.name));
		const job = row.job || nextJob();
		c.agents.push(agent(job, row.name, 'phone:' + extension));
		for (const q of c.queues) {
			if (row.queues.includes(q.name) || row.queues.includes(q.id)) q.members.push({ agent: job, level: 1 });
		}
	}
}
