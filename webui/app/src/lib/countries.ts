import { language } from './words.svelte';

/** The countries whose tones the box knows (telephony.TonePlans), the nearest first. */
const known = [
	'cn', 'hk', 'mo', 'tw', 'sg', 'my', 'jp', 'kr', 'th', 'id', 'ph', 'in', 'ae', 'au', 'nz', 'us', 'ca', 'gb', 'ie', 'de', 'fr', 'nl', 'be', 'ch',
	'at', 'it', 'es', 'pt', 'se', 'no', 'dk', 'fi', 'pl', 'cz', 'hu', 'gr', 'tr', 'il', 'ru', 'ar', 'br', 'cl', 'mx', 'sa', 'za',
]; // prettier-ignore

/** countries are their names for a choice. */
export function countries(): Array<[string, string]> {
	const names = new Intl.DisplayNames(language() === 'zh' ? 'zh-CN' : 'en-GB', { type: 'region' });
	return known.map((c) => [c, names.of(c.toUpperCase()) ?? c]);
}
