// Command boxctl speaks with a running box: over the unix socket in its data directory with full rights, or over https with a
// token. Everything it does is in the API (docs/API.md).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	err := run(os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "boxctl:", err)
		os.Exit(1)
	}
}

// A verb is one thing that boxctl does.
type verb struct {
	words string // "config put"
	args  string // "FILE"
	does  string
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
	call, from, play, keys, hear, outcome, number, user string
	forTime, answerAfter, talkFor                       durationFlag
	limit, count, minutes                               int
	seed                                                uint64
}

func run(args []string, out io.Writer) error {
	v, rest := find(args)
	if v == nil {
		fmt.Fprint(out, overview())
		if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
			return flag.ErrHelp
		}
		return fmt.Errorf("there is no verb %q; the list above has them all", strings.Join(args, " "))
	}
	c := &ctl{out: out}
	flags := flag.NewFlagSet("boxctl "+v.words, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprintf(out, "boxctl %s %s\n\n%s\n\nOptions:\n", v.words, v.args, v.does)
		flags.PrintDefaults()
	}
	flags.BoolVar(&c.json, "json", false, "print the API's JSON")
	flags.StringVar(&c.data, "data", "./var", "`directory` of the box, for its unix socket")
	flags.StringVar(&c.url, "url", "", "`address` of a box elsewhere, https://HOST:PORT; needs --token")
	flags.StringVar(&c.token, "token", os.Getenv("CALLBOX_TOKEN"), "`secret` of an API token; also in CALLBOX_TOKEN")
	flags.StringVar(&c.cert, "cert", "", "`file` of the box's own certificate (keys/tls.crt in its data directory), to trust it")
	if v.flags != nil {
		v.flags(flags, c)
	}
	if err := c.parse(flags, rest); err != nil {
		return err
	}
	if want := len(strings.Fields(strings.Split(v.args, "[")[0])); len(c.args) < want {
		return fmt.Errorf("boxctl %s needs %s", v.words, v.args)
	}
	return v.run(c)
}

// find gives the verb that the first words name, and what follows them.
func find(args []string) (*verb, []string) {
	for n := min(2, len(args)); n > 0; n-- {
		words := strings.Join(args[:n], " ")
		for i := range verbs() {
			if v := verbs()[i]; v.words == words {
				return &v, args[n:]
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

// show prints an answer: as the API gave it, or by the verb's own table.
func (c *ctl) show(answer any, table func()) error {
	if !c.json {
		table()
		return nil
	}
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	return e.Encode(answer)
}
