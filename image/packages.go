package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// debianPackages are what the image takes programs from. What they depend on comes along, but nothing is in the image that
// keep.go does not name.
var debianPackages = []string{
	"dbus", "e2fsprogs", "grub-common", "kmod", "linux-image-amd64", "nftables", "rauc", "rauc-service", "smartmontools",
	"systemd-sysv", "systemd-timesyncd", "udev",
}

var debianSources = []string{
	"deb http://deb.debian.org/debian bookworm main",
	"deb http://deb.debian.org/debian bookworm-updates main",
	"deb http://deb.debian.org/debian-security bookworm-security main",
}

// debian is what Debian gives, unpacked and not configured.
type debian struct {
	tar  string // the files
	list string // a line to each package: name, version, architecture, source, sum of the .deb
}

// listPackages is run by mmdebstrap when everything is unpacked.
const listPackages = `for f in "$1"/var/cache/apt/archives/*.deb; do ` +
	`echo "$(dpkg-deb -W --showformat='${Package}\t${Version}\t${Architecture}\t${source:Package}' "$f")\t$(sha256sum <"$f" | cut -d' ' -f1)"; ` +
	`done | sort >`

// packages unpacks the packages, without running a line of their scripts. What was unpacked once for the same request is taken again.
func (b *build) packages() (debian, error) {
	request := strings.Join(append(debianSources, debianPackages...), "\n")
	sum := sha256.Sum256([]byte(request))
	name := b.file("debian-" + hex.EncodeToString(sum[:6]))
	d := debian{tar: name + ".tar", list: name + ".list"}
	if _, err := os.Stat(d.tar); err == nil {
		return d, nil
	}
	args := []string{
		"--mode=root", "--variant=extract", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", "--format=tar",
		"--include=" + strings.Join(debianPackages, ","),
		`--aptopt=APT::Install-Recommends "false"`, `--aptopt=Acquire::Languages "none"`,
		"--extract-hook=" + listPackages + quote(d.list), "bookworm", d.tar + ".new",
	}
	if err := b.tool("mmdebstrap", append(args, debianSources...)...); err != nil {
		return d, err
	}
	return d, os.Rename(d.tar+".new", d.tar)
}

func quote(s string) string { return fmt.Sprintf("'%s'", strings.ReplaceAll(s, "'", `'\''`)) }
