/** Where the page is: the address's path. Links within the page change it without a reload. */
export const route = $state({ path: location.pathname });

export function go(path: string): void {
	if (path !== route.path) history.pushState(null, '', path);
	route.path = path;
	scrollTo(0, 0);
	document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** rename changes the address of what is shown, which stays as it is. */
export function rename(path: string): void {
	history.replaceState(null, '', path);
	route.path = path;
}

addEventListener('popstate', () => (route.path = location.pathname));

addEventListener('click', (e) => {
	const link = (e.target as Element | null)?.closest('a');
	if (!link || e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey) return;
	if (link.origin !== location.origin || link.target || link.hasAttribute('download') || link.pathname.startsWith('/api/')) return;
	e.preventDefault();
	go(link.pathname);
});
