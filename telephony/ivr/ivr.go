// Package ivr speaks to callers and listens to their keys: the library of prompts, the words that numbers, places in a queue
// and times are made of in Chinese and English, and the machine of one menu. It knows no call and no line; what a key leads
// to is done by package call.
package ivr
