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
	line: number; // of what was pasted, from 1
	text: string;
	name: string;
	extension: string;
	job: string;
	queues: string[];
	wrong?: 'name' | 'extension' | 'taken' | 'queue';
}

const number = /^\d{2,8}$/;
const heading = /^(姓名|名字|name)$/i;

/** cells are what stands in a line: tabs as a spreadsheet copies them, else commas as a CSV file has them; neither within quotes. */
const cells = (line: string): string[] =>
	line.split(line.includes('\t') ? /\t(?=(?:[^"]*"[^"]*")*[^"]*$)/ : /[,，](?=(?:[^"]*"[^"]*")*[^"]*$)/)
		.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1').replaceAll('""', '"')); // prettier-ignore

/** rows reads name, extension, job number and queues: a person a line. A heading is left out. */
export function rows(c: Config, text: string): Row[] {
	const taken = new Set([...c.phones.map((p) => p.extension), ...c.agents.map((a) => a.id), ...c.queues.map((q) => q.number)]);
	const known = (name: string) => c.queues.some((q) => q.name === name || q.id === name);
	return text.split(/\r?\n/).flatMap((text, i) => {
		const [name = '', extension = '', job = '', ...more] = cells(text);
		if (!text.trim() || heading.test(name)) return [];
		const row: Row = { line: i + 1, text, name, extension, job, queues: more.flatMap((q) => q.split(/[、;；/]/)).map((q) => q.trim()).filter(Boolean) }; // prettier-ignore
		const numbers = [extension, job].filter(Boolean);
		if (!name) row.wrong = 'name';
		else if (!numbers.every((n) => number.test(n))) row.wrong = 'extension';
		else if (numbers.some((n) => taken.has(n)) || (job && job === extension)) row.wrong = 'taken';
		else if (!row.queues.every(known)) row.wrong = 'queue';
		else for (const n of numbers) taken.add(n);
		return [row];
	});
}

/** join adds people to the draft: a phone and a job number each; what was not given is the next that is free when all others are there. */
export function join(c: Config, list: Row[]): void {
	const open = (row: Row) => Number(!row.extension || !row.job);
	for (const row of [...list].sort((a, b) => open(a) - open(b))) {
		const extension = row.extension || nextExtension();
		c.phones.push(phone(extension, row.name));
		const job = row.job || nextJob();
		c.agents.push(agent(job, row.name, 'phone:' + extension));
		for (const q of c.queues) {
			if (row.queues.includes(q.name) || row.queues.includes(q.id)) q.members.push({ agent: job, level: 1 });
		}
	}
}
