package telephony

import (
	_ "embed"
	"strings"
)

//go:embed prompts.tsv
var promptTable string

// BuiltinPrompts are the box's own prompts with their wording: the id, and what is said in each language. An empty text
// means that the language has no such word. Ids that begin with "num_" are words that numbers are made of. A text that
// begins with ♪ is a sound, the same in both languages. Package ivr ships exactly these, made from the same table.
var BuiltinPrompts = parsePrompts(promptTable)

// parsePrompts reads lines of "id TAB zh TAB en"; those that begin with '#' are remarks.
func parsePrompts(table string) []Prompt {
	var list []Prompt
	for line := range strings.Lines(table) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) == 3 && !strings.HasPrefix(line, "#") {
			list = append(list, Prompt{ID: f[0], Text: Text{ZH: f[1], EN: f[2]}})
		}
	}
	return list
}
