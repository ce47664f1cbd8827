package glyph

import (
	"image"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn is a picture in letters.
func drawn(p *image.Gray) string {
	var b strings.Builder
	for y := range p.Rect.Dy() {
		row := make([]byte, p.Rect.Dx())
		for x := range row {
			row[x] = " #"[p.GrayAt(x, y).Y>>7]
		}
		b.WriteString(strings.TrimRight(string(row), " ") + "\n")
	}
	return b.String()
}

func TestWrite(t *testing.T) {
	const want = `
               #
               #
               #
               #
   ##     ###########
  #  #    #    #    #
  #  #    #    #    #
 #    #   #    #    #
 #    #   #    #    #
 ######   #    #    #
 #    #   ###########
 #    #   #    #    #
 #    #        #
 #    #        #
               #
               #
`
	got := drawn(Picture(3*Width, Height, []string{"A中"}))
	if got != want[1:] {
		t.Errorf("A and 中 are drawn as\n%s", got)
	}
}

func TestHas(t *testing.T) {
	for r, want := range map[rune]bool{' ': true, '~': true, '中': true, '，': true, '龠': true, '…': true, '€': false, '\n': false, 0x7F: false} {
		if Has(r) != want {
			t.Errorf("Has(%q) is %v", r, !want)
		}
	}
}

func TestCutAndColumns(t *testing.T) {
	for _, row := range []struct {
		text    string
		most    int
		want    string
		columns int
	}{
		{"Callbox", 20, "Callbox", 7},
		{"Callbox", 4, "Call", 7},
		{"云铃客服", 8, "云铃客服", 8},
		{"云铃客服", 7, "云铃客", 8},
		{"a云b", 3, "a云", 4},
		{"€5", 1, "€", 2}, // drawn as a question mark
	} {
		if got := Cut(row.text, row.most); got != row.want || Columns(row.text) != row.columns {
			t.Errorf("Cut(%q, %d) is %q, of %d columns", row.text, row.most, got, Columns(row.text))
		}
	}
}

func TestRows(t *testing.T) {
	for _, row := range []struct {
		text string
		most int
		want []string
	}{
		{"", 16, nil},
		{"Line 7 has no battery: check that it is plugged in.", 16, []string{"Line 7 has no", "battery: check", "that it is", "plugged in."}},
		{"外线 7 没有馈电：请检查线路是否插好。", 16, []string{"外线 7 没有馈", "电：请检查线路是", "否插好。"}},
		{"antidisestablishmentarianism", 16, []string{"antidisestablish", "mentarianism"}},
		{"中", 1, nil},
	} {
		if got := Rows(row.text, row.most); !slices.Equal(got, row.want) {
			t.Errorf("Rows(%q, %d) is %q", row.text, row.most, got)
		}
	}
}

// Whatever people write, no row is too long and nothing but spaces is lost.
func TestRowsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab中文 。€"))).Draw(t, "text")
		most := rapid.IntRange(2, 20).Draw(t, "most")
		rows := Rows(text, most)
		for _, row := range rows {
			if Columns(row) > most {
				t.Fatalf("%q is longer than %d", row, most)
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if bare(strings.Join(rows, "")) != bare(text) {
			t.Fatalf("%q became %q", text, rows)
		}
	})
}

func TestWriteIsCutAtTheEdge(t *testing.T) {
	p := Picture(12, 8, []string{"中中中", "中"})
	if p.Rect.Dx() != 12 || p.Rect.Dy() != 8 {
		t.Errorf("the picture is %v", p.Rect)
	}
}
