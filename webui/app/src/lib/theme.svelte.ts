export type Theme = 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');
const kept = localStorage.getItem('theme');
const look = $state<{ theme: Theme }>({ theme: kept === 'light' || kept === 'dark' ? kept : dark.matches ? 'dark' : 'light' });

export const theme = () => look.theme;

export function wear(to: Theme): void {
	look.theme = to;
	document.documentElement.dataset.theme = to;
}

export function turn(): void {
	wear(look.theme === 'dark' ? 'light' : 'dark');
	localStorage.setItem('theme', look.theme);
}

dark.addEventListener('change', (e) => {
	if (!localStorage.getItem('theme')) wear(e.matches ? 'dark' : 'light');
});

wear(look.theme);
