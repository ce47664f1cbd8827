package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// cardDrivers are DAHDI's drivers of cards that need no firmware from a file for their lines, and what those need, as Kconfig names them:
// E1 cards with one to four ports, analogue cards with one to twenty-four, and a canceller of echoes.
var cardDrivers = []string{
	"OCT612X", "WCT4XXP", "WCTE12XP", "WCTE13XP", "WCTE43X", "WCAXX", "WCTDM", "WCTDM24XXP", "VOICEBUS", "OPVXA1200", "ECHOCAN_MG2",
}

// dahdiDir is where the modules are under kernel/.
const dahdiDir = "drivers/dahdi/"

// dahdi builds DAHDI's modules for a kernel, unless those of the same packages, drivers and script are there, and adds them to those that the
// kernel brings.
func (b *build) dahdi(d debian, release string, all tree) error {
	packages, err := os.ReadFile(d.list)
	if err != nil {
		return err
	}
	how, err := os.ReadFile(b.moduleScript())
	if err != nil {
		return err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%s%q", packages, how, cardDrivers))
	dir := b.file("dahdi-" + release + "-" + hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(dir); err != nil {
		if err := b.buildDAHDI(d, release, dir); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.ko"))
	if err != nil {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		all.write("usr/lib/modules/"+release+"/kernel/"+dahdiDir+filepath.Base(file), content, 0o644)
	}
	return nil
}

func (b *build) moduleScript() string { return filepath.Join(b.source, "../hal/dahdi/modules.sh") }

func (b *build) buildDAHDI(d debian, release, to string) error {
	root := to + ".build"
	if err := fresh(root); err != nil {
		return err
	}
	packages, err := filepath.Glob(filepath.Join(d.sources, "*.deb"))
	if err != nil {
		return err
	}
	for _, p := range packages {
		if err := b.tool("dpkg", "-x", p, root); err != nil {
			return err
		}
	}
	if err := b.tool(b.moduleScript(), append([]string{root, release}, cardDrivers...)...); err != nil {
		return err
	}
	return errors.Join(os.Rename(filepath.Join(root, "dahdi"), to), fresh(root))
}
