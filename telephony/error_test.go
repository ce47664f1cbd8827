package telephony

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSentencesSayTheSame (A5.20): wherever a sentence stands in both languages beside what it speaks of, both speak of all of it. `go vet`
// looks at one format in a call, not at two.
func TestSentencesSayTheSame(t *testing.T) {
	pairs := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "build") {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || call.Ellipsis.IsValid() {
				return true
			}
			if zh, en, args, ok := sentence(call); ok {
				pairs++
				for _, text := range []string{zh, en} {
					if wrong := spokenOf(text, args); wrong != "" {
						t.Errorf("%s: %q %s", files.Position(call.Pos()), text, wrong)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pairs < 200 {
		t.Errorf("%d sentences found: the test looks past them", pairs)
	}
}

// sentence finds a Chinese text, the English one after it, and how many arguments follow, if any of it is a format.
func sentence(call *ast.CallExpr) (zh, en string, args int, ok bool) {
	for i := range max(0, len(call.Args)-1) {
		zh, en := literal(call.Args[i]), literal(call.Args[i+1])
		if chinese.MatchString(zh) && en != "" && !chinese.MatchString(en) && strings.Contains(zh+en, "%") {
			return zh, en, len(call.Args) - i - 2, true
		}
	}
	return "", "", 0, false
}

func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.BinaryExpr:
		if x, y := literal(e.X), literal(e.Y); e.Op == token.ADD && x != "" && y != "" {
			return x + y
		}
	}
	return ""
}

var (
	chinese = regexp.MustCompile(`\p{Han}`)
	verb    = regexp.MustCompile(`%[-+# 0]*[0-9]*(?:\.[0-9]+)?(?:\[([0-9]+)\])?([a-zA-Z%])`)
)

// spokenOf says what is wrong with a format for so many arguments. One that names them by number, as %[2]s, may leave some out, as in fmt.
func spokenOf(format string, args int) string {
	next, spoken, numbered := 1, []int{}, false
	for _, v := range verb.FindAllStringSubmatch(format, -1) {
		if v[2] == "%" {
			continue
		}
		if v[1] != "" {
			next, _ = strconv.Atoi(v[1])
			numbered = true
		}
		spoken = append(spoken, next)
		next++
	}
	if !numbered && len(spoken) < args {
		return fmt.Sprintf("says nothing of argument %d", len(spoken)+1)
	}
	if slices.ContainsFunc(spoken, func(n int) bool { return n > args }) {
		return fmt.Sprintf("speaks of more than its %d arguments", args)
	}
	return ""
}
