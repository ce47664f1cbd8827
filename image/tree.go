package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A tree is the files of a file system by their paths, such as "usr/bin/rauc".
type tree map[string]*entry

// An entry is a file, a folder or a link, of the user root.
type entry struct {
	kind    byte // tar.TypeReg, tar.TypeDir, tar.TypeSymlink
	mode    fs.FileMode
	target  string // of a link
	content []byte
}

// add puts a file into the tree, and the folders that lead to it.
func (t tree) add(name string, e *entry) {
	t[name] = e
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if t[dir] == nil {
			t[dir] = &entry{kind: tar.TypeDir, mode: 0o755}
		}
	}
}

func (t tree) dir(names ...string) {
	for _, name := range names {
		t.add(name, &entry{kind: tar.TypeDir, mode: 0o755})
	}
}

func (t tree) link(name, target string) {
	t.add(name, &entry{kind: tar.TypeSymlink, mode: 0o777, target: target})
}

func (t tree) write(name string, content []byte, mode fs.FileMode) {
	t.add(name, &entry{kind: tar.TypeReg, mode: mode, content: content})
}

// readTar reads what unpacking gave. Hard links become files.
func readTar(file string, wanted func(name string) bool) (tree, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := tree{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		} else if err != nil {
			return nil, err
		}
		name := path.Clean(h.Name)
		if name == "." || !wanted(name) {
			continue
		}
		e := &entry{kind: h.Typeflag, mode: fs.FileMode(h.Mode & 0o777), target: h.Linkname}
		switch h.Typeflag {
		case tar.TypeReg:
			if e.content, err = io.ReadAll(r); err != nil {
				return nil, err
			}
		case tar.TypeLink:
			same := t[path.Clean(h.Linkname)]
			if same == nil {
				return nil, fmt.Errorf("%s is a link to %s, which is not there", name, h.Linkname)
			}
			e = same
		case tar.TypeDir, tar.TypeSymlink:
		default: // devices: the kernel makes them
			continue
		}
		t[name] = e
	}
}

// tar writes the tree in the order of its paths, all of it of one moment.
func (b *build) tar(t tree, to io.Writer) error {
	w := tar.NewWriter(to)
	for _, name := range slices.Sorted(maps.Keys(t)) {
		e := t[name]
		h := &tar.Header{
			Typeflag: e.kind, Name: name, Linkname: e.target, Mode: int64(e.mode), Size: int64(len(e.content)), ModTime: b.when,
			Uname: "root", Gname: "root",
		}
		if e.kind == tar.TypeDir {
			h.Name += "/"
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		if _, err := w.Write(e.content); err != nil {
			return err
		}
	}
	return w.Close()
}

// tree is the root file system but for the kernel's modules.
func (b *build) tree(d debian) (tree, error) {
	all, err := readTar(d.tar, func(name string) bool {
		return !strings.HasPrefix(name, "usr/lib/modules/") && !strings.HasPrefix(name, "boot/") && !strings.HasPrefix(name, "usr/share/doc/") &&
			!strings.HasPrefix(name, "usr/share/locale/")
	})
	if err != nil {
		return nil, err
	}
	t := tree{}
	t.dir("boot/efi", "data", "dev", "proc", "root", "run", "sys", "tmp", "var", "etc")
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} {
		t.link(name, "usr/"+name)
	}
	for name, target := range links {
		t.link(name, target)
	}
	takeFolders(t, all)
	names := slices.Clone(programs)
	for _, library := range libraries {
		names = append(names, "usr/lib/"+b.computer.libraries+"/"+library)
	}
	for _, name := range names {
		if err := b.computer.takeProgram(t, all, name); err != nil {
			return nil, err
		}
	}
	takeAuthorities(t, all)
	if err := b.ours(t); err != nil {
		return nil, err
	}
	return t, nil
}

// takeAuthorities makes the one file of the authorities that Debian trusts, which a script of theirs makes elsewhere: servers of mail and
// of webhooks have certificates by them.
func takeAuthorities(t, all tree) {
	var certificates bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "usr/share/ca-certificates/mozilla/") && strings.HasSuffix(name, ".crt") {
			certificates.Write(all[name].content)
		}
	}
	t.write("etc/ssl/certs/ca-certificates.crt", certificates.Bytes(), 0o644)
}

func takeFolders(t, all tree) {
	for name, e := range all {
		under := func(dir string) bool { return strings.HasPrefix(name, dir) }
		if slices.ContainsFunc(folders, func(dir string) bool { return under(dir + "/") }) && !slices.ContainsFunc(dropped, under) {
			t.add(name, e)
		}
	}
}

// libraryDirs are where libraries are looked for; the runpaths of Debian's programs name no other.
func (c computer) libraryDirs() []string {
	return []string{"usr/lib64", "usr/lib", "usr/lib/" + c.libraries, "usr/lib/" + c.libraries + "/systemd"}
}

// takeProgram takes a program or library and the libraries that it needs.
func (c computer) takeProgram(t, all tree, name string) error {
	if t[name] != nil {
		return nil
	}
	e := all[name]
	if e == nil {
		return fmt.Errorf("no package brings %s", name)
	}
	t.add(name, e)
	if e.kind == tar.TypeSymlink {
		return c.takeProgram(t, all, follow(name, e.target))
	}
	f, err := elf.NewFile(bytes.NewReader(e.content))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	needed, err := f.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if interpreter := f.Section(".interp"); interpreter != nil {
		needed = append(needed, c.loader)
	}
	for _, library := range needed {
		dirs := c.libraryDirs()
		at := slices.IndexFunc(dirs, func(dir string) bool { return all[dir+"/"+library] != nil })
		if at < 0 {
			return fmt.Errorf("%s needs %s, which no package brings", name, library)
		}
		if err := c.takeProgram(t, all, dirs[at]+"/"+library); err != nil {
			return err
		}
	}
	return nil
}

// follow is where a link of a file leads. Some say /lib and mean /usr/lib.
func follow(name, target string) string {
	if absolute, is := strings.CutPrefix(target, "/"); is {
		return "usr/" + strings.TrimPrefix(absolute, "usr/")
	}
	return path.Join(path.Dir(name), target)
}

// ours adds what this project brings: the files of the folder files, the units that run, and the programs.
func (b *build) ours(t tree) error {
	dir := filepath.Join(b.source, "files")
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		name, bad := filepath.Rel(dir, file)
		t.write(filepath.ToSlash(name), bytes.ReplaceAll(content, []byte("@BOARD@"), []byte(b.board)), 0o644)
		return errors.Join(err, bad)
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"boxd", "boxctl"} {
		content, err := os.ReadFile(filepath.Join(b.bin, name))
		if err != nil {
			return err
		}
		t.write("usr/bin/"+name, content, 0o755)
	}
	ca, err := os.ReadFile(b.ca)
	if err != nil {
		return err
	}
	t.write("etc/rauc/ca.crt", ca, 0o644)
	t.write("etc/os-release", fmt.Appendf(nil, "ID=callbox\nNAME=Callbox\nVERSION_ID=%s\nPRETTY_NAME=\"Callbox %s (%s)\"\n",
		b.version, b.version, b.board), 0o644)
	t.write("etc/machine-id", nil, 0o444)
	t.write("etc/rauc/system.conf", fmt.Appendf(nil, raucSystem, b.board), 0o644)
	for _, unit := range wanted {
		t.link("etc/systemd/system/multi-user.target.wants/"+unit, "/usr/lib/systemd/system/"+unit)
	}
	for _, unit := range masked {
		t.link("etc/systemd/system/"+unit, "/dev/null")
	}
	for _, name := range []string{"panel.network", "panel-vlan.netdev", "panel-vlan.network"} { // cmd/boxd/network.go
		t.link("etc/systemd/network/10-"+name, "/data/network/"+name)
	}
	t.link("etc/resolv.conf", "/run/boxd/resolv.conf") // cmd/boxd/servers.go
	t.link("etc/systemd/timesyncd.conf.d/callbox.conf", "/run/boxd/timesyncd.conf")
	t.link("etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
	return nil
}
