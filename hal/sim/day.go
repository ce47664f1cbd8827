package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A DayCall is one caller of a day, so long after it begins.
type DayCall struct {
	At   time.Duration
	Call Call // to the first line that is free
}

// Day is the calls of a busy time at the demonstration's company: so many, within length, as a pure function of the seed.
// They come as people do, each on their own (a Poisson process) and more of them past the middle; most press a key of the
// menu, some think better of it, some call again.
func Day(seed uint64, length time.Duration, calls int) []DayCall {
	r := rand.New(rand.NewPCG(seed, 0))
	day := make([]DayCall, calls)
	for i := range day {
		day[i].At = arrival(r, length)
	}
	slices.SortFunc(day, func(a, b DayCall) int { return int(a.At - b.At) })
	for i := range day {
		day[i].Call = Call{
			From: caller(r, day[:i]), Keys: choice(r),
			GiveUp: spread(r, 35*time.Second, 0.4), For: spread(r, 75*time.Second, 0.7),
		}
	}
	return day
}

// arrival is one moment of the time: the rush is at its height at two thirds, three times the beginning's.
func arrival(r *rand.Rand, length time.Duration) time.Duration {
	for {
		at := r.Float64()
		if r.Float64() < (1+2*math.Exp(-18*(at-2.0/3)*(at-2.0/3)))/3 {
			return time.Duration(at * float64(length))
		}
	}
}

// Where callers are: area codes of the bigger cities, and the first digits of mobile numbers.
var (
	areaCodes = []string{"010", "020", "021", "022", "023", "024", "025", "027", "028", "029", "0311", "0371", "0411", "0512", "0532", "0571", "0574", "0755", "0769", "0592"}
	mobiles   = []string{"133", "135", "136", "138", "139", "150", "152", "158", "159", "176", "177", "180", "186", "188", "189", "191", "198"}
)

// caller is a number: of a mobile, of a city, one that called before, or none.
func caller(r *rand.Rand, before []DayCall) string {
	switch p := r.IntN(100); {
	case p < 4:
		return ""
	case p < 14 && len(before) > 0:
		return before[r.IntN(len(before))].Call.From
	case p < 70:
		return fmt.Sprintf("%s%08d", mobiles[r.IntN(len(mobiles))], r.IntN(1e8))
	}
	return fmt.Sprintf("%s%d", areaCodes[r.IntN(len(areaCodes))], 20000000+r.IntN(60000000))
}

// habits are what callers press in the demonstration's menu, and how many of a hundred do.
var habits = []struct {
	of     int
	digits string
}{
	{42, "1"},  // sales
	{30, "2"},  // service
	{7, "0"},   // the operator
	{5, "91"},  // English, sales
	{4, "3"},   // a message
	{4, "803"}, // an extension
	{4, "82"},  // a wrong key first
	{4, ""},    // nothing: the menu decides
}

// choice is a caller's keys: after a few seconds of listening, each a second after the one before.
func choice(r *rand.Rand) []KeyAt {
	p := r.IntN(100)
	at := spread(r, 4*time.Second, 0.4)
	for _, h := range habits {
		if p -= h.of; p >= 0 {
			continue
		}
		var keys []KeyAt
		for i := range len(h.digits) {
			keys = append(keys, KeyAt{h.digits[i], at})
			at += time.Second
		}
		return keys
	}
	return nil
}

// spread is a time about the median, as long as people's patience and talk are: log-normal, a tenth to ten times it.
func spread(r *rand.Rand, median time.Duration, sigma float64) time.Duration {
	factor := math.Exp(sigma * r.NormFloat64())
	return time.Duration(max(0.1, min(10, factor)) * float64(median)).Round(10 * time.Millisecond)
}
