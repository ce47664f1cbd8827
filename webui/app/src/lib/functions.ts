/** functions are what a company may switch off (A14.1), by the names of the box. */
export const functions = ['rooms', 'mailboxes', 'recording', 'websites', 'browser_phones', 'forwarding', 'programs'];
