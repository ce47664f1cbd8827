// The first load, from nothing kept to a page that takes a key, in headless Chromium against the real box. The computer is a slow one: a
// processor four times slower than this one's, behind a crowded Wi-Fi. What is asserted does not depend on who else uses this computer:
// octets, requests, and how many of them wait for one another. Times are printed, beside those of the least page that the same box serves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skip, withBox } from './start.mjs';

const slow = { processor: 4, wifi: { offline: false, latency: 20, downloadThroughput: 10e6 / 8, uploadThroughput: 2e6 / 8 } }; // ms, octets a second
const rounds = 5;

let box, storageState;
withBox(async (made, admin) => {
	box = made;
	storageState = await admin.context().storageState();
});

/** usable is when an element was first drawn, in ms from the beginning of the navigation; one to type in has the focus and a key in it. */
function usable(selector) {
	return new Promise((done) => {
		const look = () => {
			const found = document.querySelector(selector);
			if (!found) return requestAnimationFrame(look);
			if (!(found instanceof HTMLInputElement)) return requestAnimationFrame(() => setTimeout(() => done(performance.now())));
			found.addEventListener('input', () => requestAnimationFrame(() => setTimeout(() => done(performance.now()))), { once: true });
			found.focus();
			document.execCommand('insertText', false, 'a');
		};
		look();
	});
}

/** load opens a page with nothing kept, and gives what it asked for until it could be used. */
async function load({ path, selector, options }) {
	const page = await box.open(options);
	const devtools = await page.context().newCDPSession(page);
	const asked = new Map(); // by id
	devtools.on('Network.requestWillBeSent', ({ requestId, request, initiator }) => {
		const by = [initiator.url, initiator.stack?.callFrames[0]?.url, initiator.stack?.parent?.callFrames[0]?.url].find(Boolean);
		asked.set(requestId, { url: request.url, by, octets: 0 });
	});
	devtools.on('Network.responseReceived', ({ requestId, response }) => (asked.get(requestId).octets += response.encodedDataLength));
	devtools.on('Network.dataReceived', ({ requestId, encodedDataLength }) => (asked.get(requestId).octets += encodedDataLength));
	await devtools.send('Network.enable');
	await devtools.send('Network.emulateNetworkConditions', slow.wifi);
	await devtools.send('Emulation.setCPUThrottlingRate', { rate: slow.processor });
	await page.goto(box.url + path, { waitUntil: 'commit' });
	const ms = Math.round(await page.evaluate(usable, selector));
	const all = [...asked.values()];
	const depth = (r) => 1 + (r.by && r.by !== r.url ? depth(all.find((o) => o.url === r.by)) : 0);
	await page.context().close();
	return { ms, octets: all.reduce((n, r) => n + r.octets, 0), requests: all.length, deep: Math.max(...all.map(depth)) };
}

const floor = { path: '/icon.svg', selector: ':root' };

/** first has a page loaded some times, and the floor beside each; most is what it may take. */
function first(name, page, most) {
	test(name, { skip, timeout: 300_000 }, async (t) => {
		const got = [];
		const least = [];
		for (let i = 0; i < rounds; i++) {
			least.push(await load(floor));
			got.push(await load({ path: '/', ...page, options: page.options?.() }));
		}
		const middle = (of) => of.map((g) => g.ms).sort((a, b) => a - b)[rounds >> 1];
		const { octets, requests, deep } = got[0];
		t.diagnostic(
			`${middle(got)} ms (${got.map((g) => g.ms).join(', ')}) with a processor ${slow.processor} times slower, 10 Mbit/s and 20 ms; ` +
				`the floor, an empty page: ${middle(least)} ms; ${octets} octets, ${requests} requests, ${deep} deep`,
		);
		assert.ok(octets > 10_000 && octets <= most.octets, `${octets} octets`);
		assert.ok(requests <= most.requests, `${requests} requests`);
		assert.ok(deep <= most.deep, `${deep} requests wait for one another`);
	});
}

first('sign-in is there and takes a key', { selector: '#user' }, { octets: 250_000, requests: 10, deep: 2 });
first('so is the live page of who is signed in', { selector: 'main dl', options: () => ({ storageState }) }, { octets: 250_000, requests: 14, deep: 3 });
