// Pictures of pages for docs/pages, as WebP, which Playwright does not make by itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** looks are the ways in which each page is pictured, by what its name ends with: both languages in both themes, and a telephone. */
export const looks = {
	'': { locale: 'zh-CN', colorScheme: 'light' },
	'-dark': { locale: 'zh-CN', colorScheme: 'dark' },
	'-en': { locale: 'en-GB', colorScheme: 'light' },
	'-en-dark': { locale: 'en-GB', colorScheme: 'dark' },
	'-small': { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
};

const quality = 50; // all pictures together are to stay below 8 MB
const settled = 500; // ms

/** picture leaves a picture of a page in a folder: of what the screen shows, or of the whole page. */
export async function picture(page, folder, name, whole = false) {
	await wait(settled);
	const devtools = await page.context().newCDPSession(page);
	const { cssContentSize: all } = await devtools.send('Page.getLayoutMetrics');
	const clip = whole ? { clip: { ...all, scale: 1 }, captureBeyondViewport: true } : {};
	const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality, ...clip });
	await devtools.detach();
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, name + '.webp'), Buffer.from(data, 'base64'));
}
