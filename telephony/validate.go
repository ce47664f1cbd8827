package telephony

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxProblems bounds what Validate reports at once: a page cannot show more, and hostile input must not make us write a book.
const MaxProblems = 100

// Validate checks everything that can be checked without a line in hand, and is the one gate that every change passes. It
// returns nil, or an Error of code Invalid with one problem per field, each saying what to do.
func (c *Config) Validate() *Error {
	k := &check{config: c, known: map[string]bool{}, cut: map[string]bool{}, seen: map[string]bool{}}
	if k.sizes(); len(k.problems) == 0 { // an oversized list is not read further
		k.gather()
		k.functions()
		k.site()
		k.lines()
		k.people()
		k.queues()
		k.menus()
		k.hours()
		k.routes()
		k.sounds()
		k.mail()
		k.sms()
		k.targets()
		k.network()
		k.loops()
		k.where(FunctionMailboxes, k.mailboxes)
		k.where(FunctionRooms, k.rooms)
		k.where(FunctionWebsites, k.websites)
		k.where(FunctionPrograms, k.webhooks)
	}
	if len(k.problems) == 0 {
		return nil
	}
	err := Errorf(Invalid, "配置有 %d 处需要改正", "%d places of the configuration need correction", len(k.problems))
	err.Problems = k.problems
	return err
}

// A check gathers what is wrong with one configuration.
type check struct {
	config   *Config
	known    map[string]bool // what may be referred to: "queue:sales", "line:fxo/1"
	cut      map[string]bool // what could be, but is of a function that is off
	seen     map[string]bool // ids met so far, under the name of their list
	problems []Problem
}

// bad notes a problem; both sentences take the same arguments.
func (k *check) bad(path, zh, en string, args ...any) {
	if len(k.problems) < MaxProblems {
		k.problems = append(k.problems, Problem{Path: path, Message: Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}})
	}
}

// at is the path of the nth element of a list.
func at(list string, n int) string { return fmt.Sprintf("%s[%d]", list, n) }

// sizes bounds the lists, before anything looks into them.
func (k *check) sizes() {
	c := k.config
	k.size("lines", len(c.Lines), 256)
	k.size("spans", len(c.Spans), 16)
	k.size("trunks", len(c.Trunks), 64)
	k.size("groups", len(c.Groups), 64)
	k.size("phones", len(c.Phones), 2000)
	k.size("agents", len(c.Agents), 2000)
	k.size("queues", len(c.Queues), 200)
	k.size("menus", len(c.Menus), 200)
	k.size("hours", len(c.Hours), 100)
	k.size("routes", len(c.Routes), 1000)
	k.size("outbound", len(c.Outbound), 500)
	k.size("blacklist", len(c.Blacklist), 10000)
	k.size("vips", len(c.VIPs), 10000)
	k.size("faq", len(c.FAQ), 500)
	k.size("mailboxes", len(c.Mailboxes), 500)
	k.size("rooms", len(c.Rooms), 100)
	k.size("websites", len(c.Websites), 100)
	k.size("prompts", len(c.Prompts), 10000)
	k.size("webhooks", len(c.Webhooks), 10)
	k.size("site.emergency", len(c.Site.Emergency), 50)
}

// size bounds one list; a list that is too long is not to be read.
func (k *check) size(path string, n, most int) bool {
	if n > most {
		k.bad(path, "最多 %d 项，现有 %d 项，请删减", "at most %d entries fit and there are %d: remove some", most, n)
	}
	return n <= most
}

// gather notes everything that can be referred to, so that the order of the lists does not matter.
func (k *check) gather() {
	c := k.config
	for l := range c.Outside {
		if c.WebsiteAt(l.ID) == nil {
			k.known["line:"+l.ID] = true
		}
		k.own(l.Numbers)
	}
	for i := range c.Websites {
		k.cuts(FunctionWebsites, "line:"+c.Websites[i].Line())
	}
	for i := range c.Groups {
		k.known["group:"+c.Groups[i].ID] = true
	}
	for i := range c.Phones {
		k.known["phone:"+c.Phones[i].Extension] = true
		k.known["line:phone/"+c.Phones[i].Extension] = true
	}
	for i := range c.Agents {
		k.known["agent:"+c.Agents[i].ID] = true
	}
	for i := range c.Queues {
		k.known["queue:"+c.Queues[i].ID] = true
	}
	for i := range c.Rooms {
		k.cuts(FunctionRooms, "room:"+c.Rooms[i].ID)
	}
	for i := range c.Menus {
		k.known["menu:"+c.Menus[i].ID] = true
	}
	for i := range c.Hours {
		k.known["hours:"+c.Hours[i].ID] = true
	}
	for i := range c.Mailboxes {
		k.cuts(FunctionMailboxes, "voicemail:"+c.Mailboxes[i].ID)
	}
	for _, list := range [][]Prompt{BuiltinPrompts, c.Prompts} {
		for i := range list {
			k.known["prompt:"+list[i].ID] = true
		}
	}
}

// own notes numbers that belong to the site and may be presented.
func (k *check) own(numbers []string) {
	for _, n := range numbers {
		k.known["own:"+n] = true
	}
}

var (
	idForm        = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	numberForm    = regexp.MustCompile(`^\+?[0-9*#]{1,31}$`)
	extensionForm = regexp.MustCompile(`^[0-9]{2,8}$`)
)

// ValidID reports whether s may be an id: 1 to 32 lower-case letters, digits, - and _. An id is also safe as a file name.
func ValidID(s string) bool { return idForm.MatchString(s) }

func (k *check) id(path, id string) {
	if !ValidID(id) {
		k.bad(path, "请用 1 到 32 个小写字母、数字、- 或 _，以字母或数字开头", "use 1 to 32 lower-case letters, digits, - or _, beginning with a letter or digit")
	}
}

// unique refuses a second use of an id within one space of names.
func (k *check) unique(path, space, id string) {
	key := space + ":" + id
	if id != "" && k.seen[key] {
		k.bad(path, "“%s”已被使用，请换一个", "“%s” is in use already: choose another", short(id))
	}
	k.seen[key] = true
}

// text bounds what people type for people to read.
func (k *check) text(path, s string, most int) {
	printable := utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	if !printable || utf8.RuneCountInString(s) > most {
		k.bad(path, "最多 %d 个字，不能有控制字符", "use at most %d characters and no control characters", most)
	}
}

func (k *check) name(path, s string) { k.text(path, s, MaxNameLen) }

func (k *check) between(path string, n, low, high int) {
	if n < low || n > high {
		k.bad(path, "请填 %d 到 %d 之间的数", "give a number from %d to %d", low, high)
	}
}

// optional is between, or 0 for none.
func (k *check) optional(path string, n, low, high int) {
	if n != 0 && (n < low || n > high) {
		k.bad(path, "请填 0，或 %d 到 %d 之间的数", "give 0, or a number from %d to %d", low, high)
	}
}

// unlessNever is optional, or -1 for never.
func (k *check) unlessNever(path string, n, low, high int) {
	if n != -1 {
		k.optional(path, n, low, high)
	}
}

func oneOf[S ~string](k *check, path string, v S, choices ...S) {
	if slices.Contains(choices, v) {
		return
	}
	words := make([]string, len(choices))
	for i, c := range choices {
		if words[i] = string(c); c == "" {
			words[i] = `""`
		}
	}
	k.bad(path, "请选择：%s", "choose one of: %s", strings.Join(words, ", "))
}

func (k *check) language(path, v string) { oneOf(k, path, v, "", "zh", "en") }

// number checks a telephone number; an empty one says that there is none.
func (k *check) number(path, n string) {
	if n != "" && !numberForm.MatchString(n) {
		k.bad(path, "请填号码：最多 31 位数字、* 或 #，可用 + 开头", "give a number: up to 31 digits, * or #, with a + in front if need be")
	}
}

func (k *check) numbers(path string, list []string, most int) {
	if !k.size(path, len(list), most) {
		return
	}
	for i, n := range list {
		if k.number(at(path, i), n); n == "" {
			k.bad(at(path, i), "号码为空，请填写或删除", "the number is empty: give one or remove the entry")
		}
		k.unique(at(path, i), path, n)
	}
}

// pattern checks a pattern that must say something: an empty one would match every call there is.
func (k *check) pattern(path string, p Pattern) {
	if p == "" {
		k.bad(path, "请填号码或号码规则；“.”代表任意号码", `give a number or a pattern; "." stands for any number`)
	}
	k.anyPattern(path, p)
}

// anyPattern checks a pattern that may be empty.
func (k *check) anyPattern(path string, p Pattern) {
	if !p.Valid() {
		k.bad(path, "号码规则有误：可用数字、* # +、X Z N、[1-5,7]，以及末尾的“.”，最多 64 个字符",
			`not a pattern: use digits, * # +, X Z N, [1-5,7] and a "." at the end, up to 64 characters`)
	}
}

// refer checks that what is referred to exists.
func (k *check) refer(path, kind, id string) {
	switch {
	case k.known[kind+":"+id]:
	case k.cut[kind+":"+id]:
		k.bad(path, "“%s”所属的功能已停用：请在“设置 → 功能开关”中启用，或另选", "“%s” is of a function that is switched off: switch it on under Settings > Functions, or choose another", short(id))
	case id == "":
		k.bad(path, "请选择一项；还没有的话请先建立", "choose one; if there is none, make it first")
	default:
		k.bad(path, "“%s”不存在，请先建立或另选", "there is no “%s”: make it first or choose another", short(id))
	}
}

// maybe is refer for a field that may be empty.
func (k *check) maybe(path, kind, id string) {
	if id != "" {
		k.refer(path, kind, id)
	}
}

// short keeps what a stranger typed from filling an answer.
func short(s string) string {
	if r := []rune(s); len(r) > MaxNameLen {
		return string(r[:MaxNameLen])
	}
	return s
}
