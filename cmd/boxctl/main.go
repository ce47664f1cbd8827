// Command boxctl speaks with a running box: over the unix socket in its data directory with full rights, or over https with a
// token. Everything it does is in the API (docs/API.md).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// version is set by the build.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "boxctl: interrupted")
		os.Exit(130) // as a shell has it of SIGINT
	default:
		fmt.Fprintln(os.Stderr, "boxctl:", err)
		os.Exit(1)
	}
}

// A verb is one thing that boxctl does.
type verb struct {
	words string // "config put"
	args  string // "FILE"; in brackets what may be left out
	does  string // in a sentence
	more  string // what its help says beyond that
	flags func(*flag.FlagSet, *ctl)
	run   func(*ctl) error
}

// ctl is one run of boxctl: the box it speaks with, and what was asked.
type ctl struct {
	client
	out  io.Writer
	json bool
	args []string

	// The options of verbs.
	call, from, to, play, keys, hear, outcome, number string
	forTime, answerAfter, talkFor                     durationFlag
	limit, count, minutes                             int
	seed                                              uint64
	older, adopt, forget, anyway, saved, other        bool
	system, when, queues                              string

	// The options of audio.
	what, tones, digits, direction, tone, form, name, date string
	on, off                                                durationFlag
	level, twist, noise                                    float64
}

// run does what the arguments say; ctx ends it before its time.
func run(ctx context.Context, args []string, out io.Writer) error {
	v, rest := find(args)
	if v == nil {
		fmt.Fprint(out, overview())
		if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
			return flag.ErrHelp
		}
		return fmt.Errorf("there is no verb %q; the list above has them all", strings.Join(args, " "))
	}
	c := &ctl{client: client{ctx: ctx}, out: out}
	flags := c.options(v)
	if err := c.parse(flags, rest); errors.Is(err, flag.ErrHelp) {
		help(out, v, flags)
		return err
	} else if err != nil {
		return fmt.Errorf("%w: boxctl %s --help shows the options", err, v.words)
	}
	must, may, _ := strings.Cut(v.args, "[")
	least := len(strings.Fields(must))
	if most := least + len(strings.Fields(may)); len(c.args) < least || len(c.args) > most {
		return fmt.Errorf("boxctl %s takes %s, not %q", v.words, argsOf(v), strings.Join(c.args, " "))
	}
	return v.run(c)
}

func argsOf(v *verb) string {
	if v.args == "" {
		return "no arguments"
	}
	return v.args
}

// options are those of every verb and the verb's own.
func (c *ctl) options(v *verb) *flag.FlagSet {
	flags := flag.NewFlagSet("boxctl "+v.words, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run says what is wrong
	flags.BoolVar(&c.json, "json", false, "print the API's JSON")
	flags.StringVar(&c.data, "data", "./var", "`directory` of the box, for its unix socket")
	flags.StringVar(&c.url, "url", "", "`address` of a box elsewhere, https://HOST:PORT; needs --token")
	flags.StringVar(&c.token, "token", "", "`secret` of an API token; better in CALLBOX_TOKEN, where no list of processes shows it")
	flags.StringVar(&c.cert, "cert", "", "`file` of the box's own certificate (keys/tls.crt in its data directory), to trust that one alone")
	if v.flags != nil {
		v.flags(flags, c)
	}
	return flags
}

// find gives the verb that the first words name, and what follows them.
func find(args []string) (*verb, []string) {
	list := verbs()
	for n := min(2, len(args)); n > 0; n-- {
		words := strings.Join(args[:n], " ")
		for i := range list {
			if list[i].words == words {
				return &list[i], args[n:]
			}
		}
	}
	return nil, nil
}

// parse reads options wherever they stand among the arguments.
func (c *ctl) parse(flags *flag.FlagSet, args []string) error {
	for {
		if err := flags.Parse(args); err != nil {
			return err
		}
		if args = flags.Args(); len(args) == 0 {
			return nil
		}
		c.args = append(c.args, args[0])
		args = args[1:]
	}
}

func overview() string {
	var b strings.Builder
	b.WriteString("boxctl speaks with a running box.\n\nUsage: boxctl VERB [arguments] [options]\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %-30s %s\n", strings.TrimSpace(v.words+" "+v.args), v.does)
	}
	b.WriteString("\nEvery verb takes --json, --data DIR, --url ADDRESS --token SECRET [--cert FILE]. `boxctl VERB --help` tells more.\n")
	return b.String()
}

// help is the whole of what there is to know of one verb.
func help(out io.Writer, v *verb, flags *flag.FlagSet) {
	fmt.Fprintf(out, "boxctl %s\n\n%s\n", strings.TrimSpace(v.words+" "+v.args), v.does)
	if v.more != "" {
		fmt.Fprintln(out, v.more)
	}
	fmt.Fprint(out, "\nOptions:\n")
	flags.SetOutput(out)
	flags.PrintDefaults()
}

// show prints an answer: as the API gave it, or by the verb's own table.
func (c *ctl) show(answer any, table func()) error {
	if !c.json {
		table()
		return nil
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(answer)
}
