/** copy puts a text on the clipboard. A page without encryption has none to ask for: there it is copied out of a field. */
export async function copy(text: string): Promise<void> {
	if (navigator.clipboard) return navigator.clipboard.writeText(text);
	const at = document.activeElement as HTMLElement | null;
	const field = document.createElement('textarea');
	field.value = text;
	document.body.append(field);
	field.select();
	document.execCommand('copy');
	field.remove();
	at?.focus();
}
