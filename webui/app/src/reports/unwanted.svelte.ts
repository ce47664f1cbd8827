// What the reader does not want to see is remembered by the browser (A11.10).
const key = 'report.unwanted';
let words = $state<string[]>(JSON.parse(localStorage.getItem(key) ?? '[]'));

export const unwanted = () => words;
export const wanted = (word: string) => !words.includes(word);
export const choose = (word: string, shows: boolean) => hide(words.filter((w) => w !== word).concat(shows ? [] : [word]));

export function hide(these: string[]) {
	words = these;
	localStorage.setItem(key, JSON.stringify(words));
}
