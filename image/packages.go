package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// debianPackages are what the image takes programs from. What they depend on comes along, but nothing is in the image that
// keep.go does not name.
var debianPackages = []string{
	"ca-certificates", "dbus", "e2fsprogs", "grub-common", "kmod", "nftables", "rauc", "rauc-service", "smartmontools",
	"systemd-sysv", "systemd-timesyncd", "udev",
}

var debianSources = []string{
	"deb http://deb.debian.org/debian bookworm main",
	"deb http://deb.debian.org/debian bookworm-updates main",
	"deb http://deb.debian.org/debian-security bookworm-security main",
}

// debian is what Debian gives, unpacked and not configured.
type debian struct {
	tar     string // the files
	list    string // a line to each package: name, version, architecture, source, sum of the .deb
	sources string // folder of packages, as they came, that modules of the kernel are built from
}

// debianPackages are those of every computer, its kernel, and GRUB for its UEFI, which is installed nowhere but made into an image here.
func (c computer) debianPackages() []string {
	return append(slices.Clone(debianPackages), "linux-image-"+c.arch, "grub-efi-"+c.arch+"-bin")
}

// fetchSources and listPackages are run by mmdebstrap when everything is unpacked, with the folder of sources and the list as LIST.
const (
	fetchSources = `K=$(basename "$1"/boot/vmlinuz-*); K=${K#vmlinuz-}; rm -rf SOURCES; mkdir SOURCES; cd SOURCES; ` +
		`APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq download dahdi-dkms linux-headers-$K ` +
		`linux-headers-${K%-*}-common linux-kbuild-$(echo $K | cut -d. -f1,2)`
	listPackages = `for f in "$1"/var/cache/apt/archives/*.deb SOURCES/*.deb; do [ -f "$f" ] && ` +
		`echo "$(dpkg-deb -W --showformat='${Package}\t${Version}\t${Architecture}\t${source:Package}' "$f")\t$(sha256sum <"$f" | cut -d' ' -f1)"; ` +
		`done | sort >LIST`
)

// packages unpacks the packages, without running a line of their scripts. What was unpacked once for the same request is taken again.
func (b *build) packages() (debian, error) {
	request := strings.Join(slices.Concat(debianSources, b.computer.debianPackages()), "\n") + fetchSources
	sum := sha256.Sum256([]byte(request))
	name := b.file("debian-" + hex.EncodeToString(sum[:6]))
	d := debian{tar: name + ".tar", list: name + ".list", sources: name + ".sources"}
	if _, err := os.Stat(d.tar); err == nil {
		return d, nil
	}
	sources, err := filepath.Abs(d.sources)
	if err != nil {
		return d, err
	}
	fetch := fetchSources
	if !b.computer.cards {
		fetch = "mkdir -p SOURCES"
	}
	hooks := strings.NewReplacer("SOURCES", quote(sources), "LIST", quote(d.list))
	args := []string{
		"--mode=root", "--architectures=" + b.computer.arch, "--variant=extract", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", "--format=tar",
		"--include=" + strings.Join(b.computer.debianPackages(), ","),
		`--aptopt=APT::Install-Recommends "false"`, `--aptopt=Acquire::Languages "none"`,
		"--extract-hook=" + hooks.Replace(fetch), "--extract-hook=" + hooks.Replace(listPackages), "bookworm", d.tar + ".new",
	}
	if err := b.tool("mmdebstrap", append(args, debianSources...)...); err != nil {
		return d, err
	}
	return d, os.Rename(d.tar+".new", d.tar)
}

func quote(s string) string { return fmt.Sprintf("'%s'", strings.ReplaceAll(s, "'", `'\''`)) }
