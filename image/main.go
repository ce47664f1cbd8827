// Command image makes the system that a box boots: a disk image and a signed update bundle, out of Debian packages and the
// programs in bin. It mounts nothing and needs no loop device. Two runs on one commit give the same octets.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// A build is one run.
type build struct {
	ctx           context.Context
	board         string
	computer      computer
	version       string
	source        string    // this folder
	bin           string    // of the programs that the image carries
	work          string    // of intermediate files
	out           string    // of results
	when          time.Time // of every file: the commit's
	key, cert, ca string    // what signs updates, and what boxes trust
	level         int       // of compression: the root's, the initramfs', and up to 9 the disk's
}

func run(ctx context.Context, args []string) error {
	b := build{ctx: ctx}
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&b.board, "board", "x86-64", "the `board`: x86-64 or arm64")
	flags.StringVar(&b.version, "version", "unknown", "what the image calls itself")
	flags.StringVar(&b.source, "source", "image", "`directory` of this program's files")
	flags.StringVar(&b.bin, "bin", "bin", "`directory` of boxd, boxctl and init, built for the board")
	flags.StringVar(&b.work, "work", "build", "`directory` of intermediate files")
	flags.StringVar(&b.out, "out", "build", "`directory` of the image and the bundle")
	flags.StringVar(&b.key, "key", "image/keys/dev.key", "`file` of the key that signs updates; releases have their own, elsewhere")
	flags.StringVar(&b.cert, "cert", "image/keys/dev.crt", "`file` of its certificate")
	flags.StringVar(&b.ca, "ca", "image/keys/dev-ca.crt", "`file` of the authority that boxes of this image believe")
	flags.IntVar(&b.level, "level", 15, "of compression, 1 to 19; tests are in a hurry")
	epoch := flags.Int64("epoch", 0, "the `second` that every file is of, since 1970")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if b.computer, err = computerOf(b.board); err != nil {
		return err
	}
	b.when = time.Unix(*epoch, 0).UTC()
	return b.all()
}

// all makes everything, each step from what the ones before it left in the work folder.
func (b *build) all() error {
	if err := os.MkdirAll(b.work, 0o755); err != nil {
		return err
	}
	debian, err := b.packages()
	if err != nil {
		return err
	}
	t, err := b.tree(debian)
	if err != nil {
		return err
	}
	kernel, err := b.kernel(debian, t, slices.Concat(b.computer.early, early))
	if err != nil {
		return err
	}
	s, err := b.slot(t, kernel)
	if err != nil {
		return err
	}
	if err := b.bundle(s); err != nil {
		return err
	}
	if err := b.disk(debian, s); err != nil {
		return err
	}
	return b.sbom(debian)
}

// file is a file in the work folder.
func (b *build) file(name string) string { return filepath.Join(b.work, name) }

// result is a file in the folder of results: "callbox-BOARD-VERSION.SUFFIX".
func (b *build) result(suffix string) string {
	return filepath.Join(b.out, "callbox-"+b.board+"-"+b.version+"."+suffix)
}

// tool runs a program; where it fails, what it said is part of the error.
func (b *build) tool(name string, args ...string) error {
	began := time.Now()
	c := exec.CommandContext(b.ctx, name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "SOURCE_DATE_EPOCH="+strconv.FormatInt(b.when.Unix(), 10))
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	fmt.Printf("%6.1f s  %s\n", time.Since(began).Seconds(), name)
	return nil
}

// fresh removes a file or folder of an earlier run.
func fresh(paths ...string) error {
	var err error
	for _, p := range paths {
		err = errors.Join(err, os.RemoveAll(p))
	}
	return err
}
