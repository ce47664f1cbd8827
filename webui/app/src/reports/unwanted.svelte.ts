// What the reader does not want to see is remembered by the browser (A11.10).
const key = 'report.unwanted';
let words = $state<string[]>(JSON.parse(localStorage.getItem(key) ?? '[]'));

export const wanted = (word: string) => !words.includes(word);

export function choose(word: string, shows: boolean) {
	words = words.filter((w) => w !== word).concat(shows ? [] : [word]);
	localStorage.setItem(key, JSON.stringify(words));
}
