package telephony

import (
	"fmt"
	"time"
)

// Oddities keep a crackling line from filling the journal: the same thing is told once a minute, with its number. They belong
// to the goroutine of the line.
type Oddities struct {
	last string
	told time.Time
	more int // times it came since
}

// Count takes in an oddity and says whether and how to tell it.
func (o *Oddities) Count(what string) (text string, tell bool) {
	if what == o.last && time.Since(o.told) < time.Minute {
		o.more++
		return "", false
	}
	text = what
	if what == o.last && o.more > 0 {
		text = fmt.Sprintf("%s (and %d times in the last minutes)", what, o.more)
	}
	o.last, o.told, o.more = what, time.Now(), 0
	return text, true
}
