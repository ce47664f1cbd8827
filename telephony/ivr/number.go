package ivr

import "strconv"

// maxNumber is the largest number that has words.
const maxNumber = 999_999_999

func word(n int) string { return "num_" + strconv.Itoa(n) }

// chinese speaks 0 to maxNumber. Four digits make a section of 亿, 万 or ones; one 零 stands for any zeros before a section
// or inside one; 两 is said before 千, 万 and 亿, and 十 alone for ten to nineteen at the beginning.
func chinese(n int) []string {
	if n == 0 {
		return []string{word(0)}
	}
	var ids []string
	gap := false
	for _, s := range []struct {
		value int
		word  string
	}{{100_000_000, "num_yi"}, {10_000, "num_wan"}, {1, ""}} {
		section := n / s.value
		n %= s.value
		if section == 0 {
			gap = true
			continue
		}
		if ids != nil && (gap || section < 1000) {
			ids = append(ids, word(0))
		}
		gap = false
		switch {
		case section == 2 && s.word != "":
			ids = append(ids, "num_liang")
		case section >= 10 && section < 20 && ids == nil:
			ids = chineseSection(section)[1:]
		default:
			ids = append(ids, chineseSection(section)...)
		}
		if s.word != "" {
			ids = append(ids, s.word)
		}
	}
	return ids
}

// chineseSection speaks 1 to 9999 in full: 一十 for ten.
func chineseSection(n int) []string {
	var ids []string
	gap := false
	for _, u := range []struct {
		value int
		word  string
	}{{1000, "num_thousand"}, {100, "num_hundred"}, {10, word(10)}, {1, ""}} {
		digit := n / u.value
		n %= u.value
		if digit == 0 {
			gap = true
			continue
		}
		if gap && ids != nil {
			ids = append(ids, word(0))
		}
		gap = false
		if digit == 2 && u.value == 1000 {
			ids = append(ids, "num_liang")
		} else {
			ids = append(ids, word(digit))
		}
		if u.word != "" {
			ids = append(ids, u.word)
		}
	}
	return ids
}

// english speaks 0 to maxNumber, with "and" before tens and ones.
func english(n int) []string {
	if n == 0 {
		return []string{word(0)}
	}
	var ids []string
	for _, s := range []struct {
		value int
		word  string
	}{{1_000_000, "num_million"}, {1000, "num_thousand"}, {100, "num_hundred"}} {
		if section := n / s.value; section > 0 {
			ids = append(append(ids, english(section)...), s.word)
		}
		n %= s.value
	}
	if n == 0 {
		return ids
	}
	if ids != nil {
		ids = append(ids, "num_and")
	}
	if n <= 20 {
		return append(ids, word(n))
	}
	if ids = append(ids, word(n/10*10)); n%10 > 0 {
		ids = append(ids, word(n%10))
	}
	return ids
}
