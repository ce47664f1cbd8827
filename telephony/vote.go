package telephony

// A Vote is what a caller answers who is asked how satisfied they are: the key that they press (A10.13). 0 is none.
type Vote int

// The votes.
const (
	VerySatisfied Vote = iota + 1
	Satisfied
	Fair
	Dissatisfied
)

// Votes are all of them, best first.
var Votes = []Vote{VerySatisfied, Satisfied, Fair, Dissatisfied}

// Valid reports whether it is one of them.
func (v Vote) Valid() bool { return v >= VerySatisfied && v <= Dissatisfied }

// Text is a vote in words.
func (v Vote) Text() Text { return voteTexts[v] }

var voteTexts = map[Vote]Text{
	VerySatisfied: {ZH: "非常满意", EN: "very satisfied"},
	Satisfied:     {ZH: "满意", EN: "satisfied"},
	Fair:          {ZH: "一般", EN: "fair"},
	Dissatisfied:  {ZH: "不满意", EN: "dissatisfied"},
}

// VoteOf is the vote that a key stands for, or 0.
func VoteOf(key byte) Vote {
	if v := Vote(key) - '0'; v.Valid() {
		return v
	}
	return 0
}
