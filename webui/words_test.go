package webui

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPageSpeaksBothLanguages: both tables have the same words, none is empty, each fills in the same names, and the page
// asks for no word that is not there.
func TestPageSpeaksBothLanguages(t *testing.T) {
	zh, en := pageWords(t, "zh"), pageWords(t, "en")
	fill := regexp.MustCompile(`\{\w+\}`)
	for word, text := range zh {
		if text == "" || en[word] == "" {
			t.Errorf("%q: zh %q, en %q", word, text, en[word])
		}
		a, b := fill.FindAllString(text, -1), fill.FindAllString(en[word], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%q fills in %v in Chinese and %v in English", word, a, b)
		}
	}
	for word := range en {
		if _, ok := zh[word]; !ok {
			t.Errorf("%q is missing in Chinese", word)
		}
	}
	asks := regexp.MustCompile(`\bt\('([^']+)'`)
	source := pageSource(t)
	for _, match := range asks.FindAllStringSubmatch(source, -1) {
		if _, ok := zh[match[1]]; !ok {
			t.Errorf("the page asks for %q", match[1])
		}
	}
	for word := range zh {
		prefix, _, dotted := strings.Cut(word, ".")
		if !strings.Contains(source, "'"+word+"'") && !(dotted && strings.Contains(source, "named('"+prefix+"'")) {
			t.Errorf("nobody asks for %q", word)
		}
	}
}

// TestOutcomesReadTheSame: the page names each outcome, as the story does.
func TestOutcomesReadTheSame(t *testing.T) {
	for _, language := range []string{"zh", "en"} {
		words := pageWords(t, language)
		for outcome := range outcomes {
			if words["outcome."+string(outcome)] == "" {
				t.Errorf("%s: outcome %s has no word on the page", language, outcome)
			}
		}
	}
}

// TestPageHasNoForeignAsset: nothing that the page needs comes from another host.
func TestPageHasNoForeignAsset(t *testing.T) {
	for _, match := range regexp.MustCompile(`(https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s"'`+"`"+`]*`).FindAllString(pageSource(t), -1) {
		if !strings.HasPrefix(match, "http://www.w3.org/") {
			t.Errorf("the page names %s", match)
		}
	}
}

func pageWords(t *testing.T, language string) map[string]string {
	text, err := os.ReadFile("app/src/words/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

func pageSource(t *testing.T) string {
	var all strings.Builder
	err := fs.WalkDir(os.DirFS("app"), "src", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, ".svelte") || strings.HasSuffix(path, ".ts")) {
			text, _ := os.ReadFile("app/" + path)
			all.Write(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
