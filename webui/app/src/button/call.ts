// call.js: what the box serves for a company's own web site. <callbox-call site="shop">Call us</callbox-call> is a button by which a
// visitor of the page calls the box (A1.11); visitor="…" is the name by which the agent is to see who calls.
import { Line, type Reason, type State } from './line';
import { style } from './style';
import { wordsOf, type Word, type Words } from './words';

const box = new URL((document.currentScript as HTMLScriptElement).src);

const strokes = {
	call: 'M5 4h3l2 5-2.3 1.6a12 12 0 0 0 5.7 5.7L15 14l5 2v3a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2z',
	mute: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M4 4l16 16',
	keys: 'M5 4h3v3H5zM11 4h3v3h-3zM17 4h3v3h-3zM5 11h3v3H5zM11 11h3v3h-3zM17 11h3v3h-3zM11 18h3v3h-3z',
	hangup: 'M2.5 15.5c0-2 .6-2.8 1.8-3.7a13 13 0 0 1 15.4 0c1.2.9 1.8 1.7 1.8 3.7a1.2 1.2 0 0 1-1.4 1.2l-3.3-.6a1.3 1.3 0 0 1-1-1.2v-2a12 12 0 0 0-7.6 0v2a1.3 1.3 0 0 1-1 1.2l-3.3.6a1.2 1.2 0 0 1-1.4-1.2z',
};

/** make makes an element of constants: markup as text would not get past the rules of some companies' pages (Trusted Types). */
function make(tag: string, attributes: Record<string, string>, ...inside: Array<Element | string>): Element {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
	made.append(...inside);
	return made;
}

const button = (attributes: Record<string, string>, ...inside: Array<Element | string>) => make('button', { type: 'button', ...attributes }, ...inside);

function icon(name: keyof typeof strokes): Element {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('aria-hidden', 'true');
	path.setAttribute('d', strokes[name]);
	svg.append(path);
	return svg;
}

/** panel is what a visitor sees of a call. */
const panel = (words: Words) =>
	make('div', { class: 'panel', role: 'dialog', tabindex: '-1', hidden: '' },
		make('p', { class: 'title' }),
		make('p', { class: 'state' }, make('span', { class: 'said', role: 'status' }), make('span', { class: 'time', 'aria-hidden': 'true' })),
		make('div', { class: 'keys', role: 'group', 'aria-label': words.keys, hidden: '' }, ...[...'123456789*0#'].map((k) => button({ 'data-key': k }, k))),
		make('div', { class: 'acts' },
			button({ class: 'mute', 'aria-pressed': 'false' }, icon('mute'), words.mute),
			button({ class: 'pad', 'aria-expanded': 'false' }, icon('keys'), words.keys),
			button({ class: 'end' }, icon('hangup'), words.hangup),
		),
		make('div', { class: 'after', hidden: '' }, button({ class: 'again' }, words.again), button({ class: 'close' }, words.close)),
	); // prettier-ignore

const sheet = new CSSStyleSheet(); // where a page's rules forbid inline styles, this one is none
sheet.replaceSync(style);

class CallButton extends HTMLElement {
	private line?: Line;
	private clock?: ReturnType<typeof setInterval>;
	private readonly root = this.attachShadow({ mode: 'open' });

	connectedCallback(): void {
		const { words } = wordsOf(this);
		this.root.adoptedStyleSheets = [sheet];
		this.root.replaceChildren(button({ class: 'press' }, icon('call'), make('slot', {}, words.call)), panel(words));
		this.on('.press', () => this.call());
		this.on('.again', () => this.call());
		this.on('.end', () => this.line?.hangUp());
		this.on('.close', () => this.close());
		this.on('.mute', (b) => this.line?.mute(flip(b, 'aria-pressed')));
		this.on('.pad', (b) => (this.at('.keys').hidden = !flip(b, 'aria-expanded')));
		for (const key of this.root.querySelectorAll<HTMLElement>('[data-key]')) key.onclick = () => this.line?.press(key.dataset.key!);
		this.at('.panel').onkeydown = (e) => this.typed(e);
	}

	disconnectedCallback(): void {
		this.line?.hangUp();
	}

	private at(selector: string): HTMLElement {
		return this.root.querySelector<HTMLElement>(selector)!;
	}

	private on(selector: string, act: (button: HTMLElement) => void): void {
		const button = this.at(selector);
		button.onclick = () => act(button);
	}

	/** typed takes the keys of the keyboard as those of the telephone. Escape closes what is over, and hangs up nobody. */
	private typed(e: KeyboardEvent): void {
		if (e.key === 'Escape' && !this.line) this.close();
		if (/^[0-9*#]$/.test(e.key)) this.line?.press(e.key);
	}

	private call(): void {
		if (this.line) return;
		const panel = this.at('.panel');
		this.at('.title').textContent = this.textContent?.trim() || wordsOf(this).words.call;
		panel.setAttribute('aria-label', this.at('.title').textContent!);
		this.at('.mute').setAttribute('aria-pressed', 'false');
		this.at('.pad').setAttribute('aria-expanded', 'false');
		this.at('.time').textContent = '';
		this.at('.keys').hidden = this.at('.after').hidden = true;
		this.at('.acts').hidden = panel.hidden = false;
		(this.at('.press') as HTMLButtonElement).disabled = true;
		panel.focus();
		const to = { box, site: this.getAttribute('site') ?? '', visitor: this.getAttribute('visitor') ?? '' };
		this.line = new Line(to, (state, position) => this.tell(state, position), (why) => this.ended(why)); // prettier-ignore
		void this.line.call();
	}

	private tell(state: State, position?: number): void {
		const { words } = wordsOf(this);
		this.at('.panel').dataset.state = state;
		this.say(position ? words.position.replace('{n}', String(position)) : words[state]);
		if (state === 'talking' && !this.clock) this.count(Date.now());
	}

	private say(sentence: string): void {
		const said = this.at('.said');
		if (said.textContent !== sentence) said.textContent = sentence; // a screen reader reads each change
	}

	/** count shows for how long people have talked. */
	private count(since: number): void {
		const show = () => {
			const s = Math.round((Date.now() - since) / 1000);
			this.at('.time').textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
		};
		show();
		this.clock = setInterval(show, 1000);
	}

	private ended(why?: Word | Reason): void {
		const { language, words } = wordsOf(this);
		clearInterval(this.clock);
		this.line = this.clock = undefined;
		this.at('.panel').dataset.state = 'ended';
		this.say(typeof why === 'object' ? why[language] : words[why ?? 'over']);
		this.at('.keys').hidden = this.at('.acts').hidden = true;
		this.at('.after').hidden = false;
		this.at('.close').focus({ preventScroll: true });
	}

	private close(): void {
		this.at('.panel').hidden = true;
		(this.at('.press') as HTMLButtonElement).disabled = false;
		this.at('.press').focus({ preventScroll: true });
	}
}

/** flip turns a switch and gives what it is now. */
function flip(button: HTMLElement, attribute: string): boolean {
	const on = button.getAttribute(attribute) !== 'true';
	button.setAttribute(attribute, String(on));
	return on;
}

if (!customElements.get('callbox-call')) customElements.define('callbox-call', CallButton);
