/** Where the page is: the address's path, and what follows its question mark. Links within the page change it without a reload. */
export const route = $state({ path: location.pathname, search: location.search });

function at(address: string): void {
	const url = new URL(address, location.origin);
	route.path = url.pathname;
	route.search = url.search;
}

export function go(address: string): void {
	if (address !== route.path + route.search) history.pushState(null, '', address);
	at(address);
	scrollTo(0, 0);
	document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** rename changes the address of what is shown, which stays as it is. */
export function rename(address: string): void {
	history.replaceState(null, '', address);
	at(address);
}

addEventListener('popstate', () => at(location.href));

addEventListener('click', (e) => {
	const link = (e.target as Element | null)?.closest('a');
	if (!link || e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey) return;
	if (link.hash && link.pathname === location.pathname) return; // a place of this page
	if (link.origin !== location.origin || link.target || link.hasAttribute('download') || link.pathname.startsWith('/api/')) return;
	e.preventDefault();
	go(link.pathname + link.search);
});
