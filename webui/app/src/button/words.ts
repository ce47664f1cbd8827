// What a visitor of a company's web site reads. The reasons of an end are the box's own, in both languages.
const zh = {
	call: '网上通话',
	microphone: '请允许使用麦克风…',
	connecting: '正在连接…',
	calling: '正在呼叫…',
	box: '已接通',
	queue: '正在排队，请稍候',
	position: '正在排队，您排在第 {n} 位',
	talking: '通话中',
	over: '通话已结束。',
	mute: '静音',
	keys: '键盘',
	hangup: '挂断',
	close: '关闭',
	again: '重新呼叫',
	insecure: '本页未加密（HTTPS），浏览器不开放麦克风。',
	denied: '麦克风被禁止。请在地址栏旁的网站设置中允许使用麦克风，再重新呼叫。',
	none: '没有找到麦克风，请接好后再呼叫。',
	taken: '麦克风被其他程序占用，请关闭该程序后再呼叫。',
	unsupported: '此浏览器不能通话，请换用新版浏览器。',
	unreachable: '现在无法连接，请检查网络后再呼叫。',
	lost: '连接中断，请重新呼叫。',
};

const en: Words = {
	call: 'Call us',
	microphone: 'Please allow the microphone…',
	connecting: 'Connecting…',
	calling: 'Calling…',
	box: 'Connected',
	queue: 'Waiting for the next free agent',
	position: 'In the queue: you are number {n}',
	talking: 'In conversation',
	over: 'The call is over.',
	mute: 'Mute',
	keys: 'Keypad',
	hangup: 'Hang up',
	close: 'Close',
	again: 'Call again',
	insecure: 'This page is not encrypted (HTTPS), so the browser gives it no microphone.',
	denied: 'The microphone is blocked. Allow it in the site settings beside the address bar, and call again.',
	none: 'No microphone was found. Connect one and call again.',
	taken: 'Another program uses the microphone. Close it and call again.',
	unsupported: 'This browser cannot make calls. Please use a newer one.',
	unreachable: 'There is no connection at the moment. Check the network and call again.',
	lost: 'The connection broke off. Please call again.',
};

export type Words = typeof zh;
export type Word = keyof Words;
export type Language = 'zh' | 'en';

/** wordsOf are the words in the language of a place on the page. */
export function wordsOf(place: Element): { language: Language; words: Words } {
	const named = place.closest('[lang]')?.getAttribute('lang') || navigator.language;
	return /^zh\b/i.test(named) ? { language: 'zh', words: zh } : { language: 'en', words: en };
}
