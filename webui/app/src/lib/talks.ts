import type { LiveCall } from './api';

/** talks says that people are in conversation in a call, so that it can be held, put through and listened to. */
export const talks = (c: LiveCall): boolean => ['talk', 'hold', 'consult', 'conference'].includes(c.state);
