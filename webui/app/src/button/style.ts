// The button and its panel stand on pages that are not ours: nothing of theirs reaches in (shadow DOM), nothing of ours out.
export const style = `
:host {
	display: inline-block;
	--ink: #1d2429; --soft: #5b666d; --card: #ffffff; --sunk: #f1f0eb; --line: #d9d6cc;
	--jade: #0d7a68; --jade-deep: #0a5f51; --on-jade: #ffffff; --alarm: #b42318; --on-alarm: #ffffff;
}
@supports (color: light-dark(#000, #fff)) {
	.panel { /* dark where the page itself is */
		--ink: light-dark(#1d2429, #e7ebe9); --soft: light-dark(#5b666d, #a3aeb3); --card: light-dark(#ffffff, #182028);
		--sunk: light-dark(#f1f0eb, #232d36); --line: light-dark(#d9d6cc, #384650); --jade: light-dark(#0d7a68, #3cc2a6);
		--on-jade: light-dark(#ffffff, #06231d); --alarm: light-dark(#b42318, #f08b80); --on-alarm: light-dark(#ffffff, #2b0d0a);
	}
}
* { box-sizing: border-box; margin: 0; }
:host, button { font: 500 16px/1.4 system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif; }
button { cursor: pointer; border: 0; color: inherit; background: none; border-radius: 10px; }
button:focus-visible { outline: 3px solid var(--jade); outline-offset: 2px; }
button:disabled { cursor: default; opacity: .6; }
svg { width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; flex: none; }
[hidden] { display: none !important; }
.press { display: inline-flex; align-items: center; gap: .55em; min-height: 44px; padding: .5em 1.2em; border-radius: 999px; background: var(--jade); color: var(--on-jade); }
.press:hover:enabled { background: var(--jade-deep); }
.panel {
	position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; width: 320px; max-width: calc(100vw - 24px); padding: 18px;
	display: grid; gap: 14px; border: 1px solid var(--line); border-radius: 16px; background: var(--card); color: var(--ink);
	box-shadow: 0 10px 40px rgb(0 0 0 / 22%); text-align: start;
}
.panel:focus { outline: none; }
.title { font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }
.state { display: flex; gap: 10px; align-items: baseline; min-height: 1.4em; color: var(--soft); font-size: 15px; font-weight: 400; }
.state::before { content: ''; flex: none; width: 9px; height: 9px; border-radius: 50%; background: var(--soft); align-self: center; }
.panel[data-state='talking'] .state::before, .panel[data-state='box'] .state::before { background: var(--jade); }
.panel[data-state='ended'] .state::before { display: none; }
.panel[data-state='ended'] .state { color: var(--ink); }
.time { margin-inline-start: auto; font-variant-numeric: tabular-nums; }
.acts { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 8px; }
.acts button, .after button { display: grid; justify-items: center; gap: 3px; min-height: 58px; padding: 8px 4px; background: var(--sunk); font-size: 13px; }
.acts button[aria-pressed='true'], .acts button[aria-expanded='true'] { background: var(--ink); color: var(--card); }
.acts .end { background: var(--alarm); color: var(--on-alarm); }
.keys { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; }
.keys button { min-height: 44px; background: var(--sunk); font-size: 18px; }
.keys button:active { background: var(--line); }
.after { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.after button { min-height: 44px; align-items: center; font-size: 15px; }
.after .again { background: var(--jade); color: var(--on-jade); }
@media (max-width: 420px) { .panel { left: 12px; right: 12px; bottom: 12px; width: auto; max-width: none; } }
@media (prefers-reduced-motion: no-preference) {
	.panel[data-state='calling'] .state::before, .panel[data-state='queue'] .state::before { animation: wait 1.4s ease-in-out infinite; }
	@keyframes wait { 50% { opacity: .25; } }
}
@media (forced-colors: active) { .panel, button { border: 1px solid; } }
`;
