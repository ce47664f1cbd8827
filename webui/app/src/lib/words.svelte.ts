import en from '../words/en.json';
import zh from '../words/zh.json';
import type { Text } from './api';

export type Language = 'zh' | 'en';
export type Word = keyof typeof zh;

// Both tables have the same keys: the compiler holds that here, and a test that none is empty.
const tables: Record<Language, Record<Word, string>> = { zh, en };

const kept = localStorage.getItem('language');
const speech = $state<{ language: Language }>({
	language: kept === 'zh' || kept === 'en' ? kept : navigator.language.startsWith('zh') ? 'zh' : 'en',
});

export const language = () => speech.language;

export function speak(to: Language): void {
	speech.language = to;
	localStorage.setItem('language', to);
	document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
}

type Fill = Record<string, string | number>;

/** filled puts values for {name}, and for {name|one|many} the word that goes with a number. */
const filled = (text: string, fill: Fill) =>
	text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, many?: string) => (one === undefined ? String(fill[name] ?? '') : fill[name] === 1 ? one : many!));

/** t is a word of the page, with {name} filled in. */
export const t = (word: Word, fill: Fill = {}): string => filled(tables[speech.language][word], fill);

/** named is a word under a name that comes from the box, such as a state; what the page does not know shows as it is. */
export function named(prefix: string, name: string, fill: Fill = {}): string {
	return filled((tables[speech.language] as Record<string, string>)[prefix + '.' + name] ?? name, fill);
}

/** maybe is the same, and nothing where the page has no word. */
export function maybe(prefix: string, name: string): string {
	return (tables[speech.language] as Record<string, string>)[prefix + '.' + name] ?? '';
}

/** say is a sentence that the box made in both languages. */
export const say = (text: Text): string => text[speech.language] || text.en;

/** listed is several names in a row. */
export const listed = (names: string[]): string => names.join(speech.language === 'zh' ? '、' : ', ');

speak(speech.language);
