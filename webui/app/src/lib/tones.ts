export type Tone = 'ready' | 'talk' | 'ring' | 'wrap' | 'rest' | 'alarm';

const tones: Record<string, Tone> = {
	// of agents and lines
	ready: 'ready',
	idle: 'rest',
	ringing: 'ring',
	dialing: 'ring',
	talking: 'talk',
	wrap_up: 'wrap',
	busy: 'alarm',
	break: 'rest',
	signed_out: 'rest',
	fault: 'alarm',
	blocked: 'rest',
	offline: 'rest',
	// of channels and spans
	incoming: 'ring',
	outgoing: 'ring',
	clearing: 'wrap',
	maintenance: 'alarm',
	down: 'alarm',
	up: 'ready',
	clear: 'ready',
	yellow: 'ring',
	red: 'alarm',
	ais: 'alarm',
	los: 'alarm',
	// of calls
	menu: 'wrap',
	announcement: 'wrap',
	introduction: 'talk',
	queue: 'ring',
	talk: 'talk',
	conference: 'talk',
	consult: 'talk',
	room: 'talk',
	hold: 'wrap',
	voicemail: 'wrap',
	refused: 'rest',
	// of outcomes
	answered: 'ready',
	self_service: 'ready',
	forwarded: 'ready',
	lost_in_menu: 'alarm',
	lost_in_queue: 'alarm',
	lost_ringing: 'alarm',
	no_answer: 'alarm',
	congestion: 'alarm',
	failed: 'alarm',
	interrupted: 'alarm',
};

/** tone is what a state, an outcome or a call's place means to people, as a colour. */
export const tone = (name: string): Tone => tones[name] ?? 'rest';
