package webui

import (
	"encoding/json"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
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
		byName := dotted && (strings.Contains(source, "named('"+prefix+"'") || strings.Contains(source, "maybe('"+prefix+"'"))
		if !strings.Contains(source, "'"+word+"'") && !byName {
			t.Errorf("nobody asks for %q", word)
		}
	}
}

// TestEveryFieldHasAName: the forms and the difference call each field of the configuration by a word of the page, and no
// word is left of a field that went.
func TestEveryFieldHasAName(t *testing.T) {
	fields := map[string]bool{}
	fieldsOf(reflect.TypeFor[telephony.Config](), "", fields)
	for _, language := range []string{"zh", "en"} {
		words := pageWords(t, language)
		for field := range fields {
			if words["cfg."+field] == "" && field != "format" && field != "revision" {
				t.Errorf("%s: the field %s has no name", language, field)
			}
		}
		for word := range words {
			prefix, field, _ := strings.Cut(word, ".")
			if (prefix == "cfg" || prefix == "hint") && !fields[field] {
				t.Errorf("%s: %q names no field of the configuration", language, word)
			}
		}
	}
}

// fieldsOf gathers the paths of a type's fields without places in lists: "queues.members.agent".
func fieldsOf(of reflect.Type, path string, fields map[string]bool) {
	for of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of == reflect.TypeFor[time.Time]() {
		return
	}
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		below := strings.TrimPrefix(path+"."+name, ".")
		fields[below] = true
		fieldsOf(of.Field(i).Type, below, fields)
	}
}

// TestOutcomesReadTheSame: the page names each outcome, as the story does.
func TestOutcomesReadTheSame(t *testing.T) {
	for _, language := range []string{"zh", "en"} {
		words := pageWords(t, language)
		for _, outcome := range telephony.Outcomes {
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

// TestAlarmsHaveWords: the page tells in both languages what each kind of alarm is about.
func TestAlarmsHaveWords(t *testing.T) {
	zh := pageWords(t, "zh")
	for _, kind := range telephony.AlarmKinds() {
		if zh["alarmkind."+kind] == "" {
			t.Errorf("%s has no words", kind)
		}
	}
}
