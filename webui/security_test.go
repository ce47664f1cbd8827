package webui

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestSecurityNamesTests: what docs/SECURITY.md calls shown is shown by a test that exists.
func TestSecurityNamesTests(t *testing.T) {
	text, err := os.ReadFile("../docs/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "build"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		tests.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]*)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 50 {
		t.Fatalf("%d tests named", len(named))
	}
	for _, n := range named {
		if !strings.Contains(tests.String(), "func "+n[1]+"(") {
			t.Errorf("there is no %s", n[1])
		}
	}
}

// asvs are the requirements of ASVS 4.0.3 at levels 1 and 2, by section; those that 4.0.3 deleted and those of level 3 alone are not there.
var asvs = map[string]string{
	"1.1": "1-7", "1.2": "1-4", "1.4": "1,4,5", "1.5": "1-4", "1.6": "1-4", "1.7": "1-2", "1.8": "1-2", "1.9": "1-2", "1.10": "1", "1.11": "1-2", "1.12": "2", "1.14": "1-6",
	"2.1": "1-12", "2.2": "1-3", "2.3": "1-3", "2.4": "1-6", "2.5": "1-7", "2.6": "1-3", "2.7": "1-6", "2.8": "1-7", "2.9": "1-3", "2.10": "1-4",
	"3.1": "1", "3.2": "1-4", "3.3": "1-4", "3.4": "1-5", "3.5": "1-3", "3.7": "1",
	"4.1": "1-3,5", "4.2": "1-2", "4.3": "1-3",
	"5.1": "1-5", "5.2": "1-8", "5.3": "1-10", "5.4": "1-3", "5.5": "1-4",
	"6.1": "1-3", "6.2": "1-6", "6.3": "1-2", "6.4": "1-2",
	"7.1": "1-4", "7.2": "1-2", "7.3": "1,3,4", "7.4": "1-3",
	"8.1": "1-4", "8.2": "1-3", "8.3": "1-8",
	"9.1": "1-3", "9.2": "1-4",
	"10.2": "1-2", "10.3": "1-3",
	"11.1": "1-8",
	"12.1": "1-3", "12.2": "1", "12.3": "1-6", "12.4": "1-2", "12.5": "1-2", "12.6": "1",
	"13.1": "1,3,4,5", "13.2": "1-3,5,6", "13.3": "1-2", "13.4": "1-2",
	"14.1": "1-4", "14.2": "1-6", "14.3": "2-3", "14.4": "1-7", "14.5": "1-4",
}

// TestASVSIsComplete: docs/SECURITY.md names each of them once.
func TestASVSIsComplete(t *testing.T) {
	text, err := os.ReadFile("../docs/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(string(text), "by ASVS 4.0.3")
	if !found {
		t.Fatal("there is no list")
	}
	named := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([0-9., -]+) \| (?:applies|does not apply) \| .{4,}$`).FindAllStringSubmatch(list, -1) {
		for _, item := range strings.Split(row[1], ", ") {
			from, to, _ := strings.Cut(item, "-")
			section := from[:strings.LastIndex(from, ".")]
			last := from[len(section)+1:]
			if to != "" {
				last += "-" + strings.TrimPrefix(to, section+".")
			}
			for _, n := range numbersOf(last) {
				named[section+"."+n]++
			}
		}
	}
	for section, all := range asvs {
		for _, n := range numbersOf(all) {
			if named[section+"."+n] != 1 {
				t.Errorf("%s.%s stands there %d times", section, n, named[section+"."+n])
			}
			delete(named, section+"."+n)
		}
	}
	if len(named) > 0 {
		t.Errorf("these are no requirements: %v", named)
	}
}

// numbersOf takes "1-3,5" apart.
func numbersOf(text string) (list []string) {
	for _, part := range strings.Split(text, ",") {
		from, to, many := strings.Cut(part, "-")
		first, _ := strconv.Atoi(from)
		last := first
		if many {
			last, _ = strconv.Atoi(to)
		}
		for n := first; n <= last; n++ {
			list = append(list, strconv.Itoa(n))
		}
	}
	return list
}

// TestBodiesOfOtherTypes (ASVS 4.0.3 13.1.5, 13.2.5).
func TestBodiesOfOtherTypes(t *testing.T) {
	h := New(newBox().options()).Handler()
	for _, kind := range []string{"text/plain", "application/xml", "application/x-www-form-urlencoded"} {
		if w := ask(h, "POST", "/api/session", `{"user":"a","password":"b"}`, "Content-Type", kind); w.Code != 422 {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}

// TestStrangersSeeNoVersion (ASVS 4.0.3 14.3.3).
func TestStrangersSeeNoVersion(t *testing.T) {
	o := newBox().options()
	o.Version = "7.6.5-seen"
	h := New(o).Handler()
	for _, path := range []string{"/", "/api/status", "/api/nowhere"} {
		w := ask(h, "GET", path, "")
		if strings.Contains(w.Body.String(), o.Version) || w.Header().Get("Server") != "" {
			t.Errorf("%s: %v %s", path, w.Header(), w.Body)
		}
	}
}
