package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A kernel is what GRUB loads.
type kernel struct {
	release string
	image   []byte // vmlinuz
	initrd  string // file
}

// kernel takes the modules that the image has into the tree, and makes the initramfs with those that init loads.
func (b *build) kernel(d debian, t tree, early []string) (kernel, error) {
	all, err := readTar(d.tar, func(name string) bool {
		return strings.HasPrefix(name, "usr/lib/modules/") || strings.HasPrefix(name, "boot/")
	})
	if err != nil {
		return kernel{}, err
	}
	var k kernel
	for name, e := range all {
		if release, is := strings.CutPrefix(name, "boot/vmlinuz-"); is {
			k.release, k.image = release, e.content
		}
	}
	if k.release == "" {
		return k, fmt.Errorf("no package brings a kernel")
	}
	if b.computer.cards {
		if err := b.dahdi(d, k.release, all); err != nil {
			return k, err
		}
	}
	pack := b.lean
	if b.computer.plain {
		pack = b.compressed
	}
	if k.image, err = pack(k.image); err != nil {
		return k, err
	}
	m, err := b.takeModules(t, all, k.release)
	if err != nil {
		return k, err
	}
	k.initrd = b.file("initrd")
	return k, b.initramfs(m, early, k.initrd)
}

// moduleSet is the kernel's modules: their files by path under the release's folder, what each needs, in the order of loading, and which
// devices each is for, by its name.
type moduleSet struct {
	files   tree
	needs   map[string][]string
	devices map[string][]string
}

// takeModules takes the modules that keep.go names, and those that they need, with the indices that modprobe reads.
func (b *build) takeModules(t, all tree, release string) (moduleSet, error) {
	dir := "usr/lib/modules/" + release + "/"
	m := moduleSet{files: tree{}}
	for name, e := range all {
		if rest, is := strings.CutPrefix(name, dir); is && e.kind == tar.TypeReg {
			e.content = withoutTypes(unsigned(e.content))
			m.files[rest] = e
		}
	}
	var err error
	if m.needs, err = b.dependencies(m.files, release); err != nil {
		return m, err
	}
	kept := tree{}
	for _, name := range slices.Sorted(maps.Keys(m.needs)) {
		wanted := func(beginning string) bool { return strings.HasPrefix(name, "kernel/"+beginning) }
		if slices.ContainsFunc(unwanted, wanted) || !slices.ContainsFunc(modules, wanted) && !slices.ContainsFunc(b.computer.modules, wanted) {
			continue
		}
		for _, file := range append([]string{name}, m.needs[name]...) {
			kept[file] = m.files[file]
		}
	}
	for name, e := range m.files {
		if !strings.HasSuffix(name, ".ko") {
			kept[name] = e // modules.builtin and the like
		}
	}
	if _, err := b.dependencies(kept, release); err != nil {
		return m, err
	}
	work := filepath.Join(b.file("modules"), "lib/modules", release)
	aliases, err := os.ReadFile(filepath.Join(work, "modules.alias"))
	if err != nil {
		return m, err
	}
	m.devices = devices(string(aliases))
	indices, err := filepath.Glob(filepath.Join(work, "modules.*.bin"))
	if err != nil {
		return m, err
	}
	for _, file := range append(indices, filepath.Join(work, "modules.dep")) {
		content, err := os.ReadFile(file)
		if err != nil {
			return m, err
		}
		kept[filepath.Base(file)] = &entry{kind: tar.TypeReg, mode: 0o644, content: content}
	}
	for name, e := range kept {
		t.add(dir+name, e)
	}
	return m, nil
}

// unsigned is a module without Debian's signature (Linux, Documentation/admin-guide/module-signing.rst, include/linux/module_signature.h). The
// kernel would check it by RSA at each start, and load the module all the same where it is wrong: only Secure Boot asks for it, with which this
// boot loader does not start. What comes from the root is checked by verity.
func unsigned(file []byte) []byte {
	const magic, notes = "~Module signature appended~\n", 12 // octets before it, the last four the signature's length
	rest, is := bytes.CutSuffix(file, []byte(magic))
	if !is {
		return file
	}
	size := binary.BigEndian.Uint32(rest[len(rest)-4:])
	return rest[:len(rest)-notes-int(size)]
}

// withoutTypes is a module without the description of its types (Linux, Documentation/bpf/btf.rst), a tenth of it, which the kernel would take apart
// at each start for programs that nobody loads. A section without contents is none to the kernel (kernel/module/main.c, any_section_objs).
func withoutTypes(file []byte) []byte {
	const sectionEntry, size = 64, 32 // of the ELF file's table of sections, and where in an entry the size is
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil || f.Class != elf.ELFCLASS64 {
		return file
	}
	at := slices.IndexFunc(f.Sections, func(s *elf.Section) bool { return s.Name == ".BTF" })
	if at < 0 {
		return file
	}
	types := f.Sections[at]
	file = bytes.Clone(file)
	clear(file[types.Offset:][:types.FileSize])
	table := binary.LittleEndian.Uint64(file[40:])
	clear(file[table+uint64(at)*sectionEntry+size:][:8])
	return file
}

// buses are those of whose devices init knows.
var buses = []string{"acpi", "cpu", "mmc", "pci", "platform", "scsi", "usb", "virtio"}

// devices reads depmod's list of what modules are for, and keeps what is a device.
func devices(aliases string) map[string][]string {
	of := map[string][]string{}
	for _, line := range strings.Split(aliases, "\n") {
		words := strings.Fields(line) // alias PATTERN MODULE
		if len(words) != 3 {
			continue
		}
		bus, _, _ := strings.Cut(words[1], ":")
		if slices.Contains(buses, strings.TrimRight(bus, "*")) {
			of[words[2]] = append(of[words[2]], words[1])
		}
	}
	return of
}

// dependencies has depmod work out what each module needs. It leaves its indices in the work folder.
func (b *build) dependencies(files tree, release string) (map[string][]string, error) {
	base := b.file("modules")
	dir := filepath.Join(base, "lib/modules", release)
	if err := fresh(base); err != nil {
		return nil, err
	}
	for name, e := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, e.content, 0o644); err != nil {
			return nil, err
		}
	}
	if err := b.tool("depmod", "-b", base, release); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "modules.dep"))
	if err != nil {
		return nil, err
	}
	needs := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		name, list, _ := strings.Cut(line, ":")
		needs[name] = strings.Fields(list)
	}
	return needs, nil
}

// initramfs is init, and the modules that it loads to find the root, in a newc archive (Linux,
// Documentation/driver-api/early-userspace/buffer-format.rst). The file order has a line for each: its file behind those that it needs, and the
// devices that it is for.
func (b *build) initramfs(m moduleSet, early []string, to string) error {
	program, err := os.ReadFile(filepath.Join(b.bin, "init"))
	if err != nil {
		return err
	}
	t := tree{}
	t.write("init", program, 0o755)
	t.dir("dev", "lib/modules")
	order, err := m.order(early)
	if err != nil {
		return err
	}
	var list strings.Builder
	for _, files := range order {
		names := make([]string, len(files))
		for i, file := range files {
			names[i] = path.Base(file)
			t.write("lib/modules/"+names[i], m.files[file].content, 0o644)
		}
		fmt.Fprintln(&list, strings.Join(append([]string{strings.Join(names, ",")}, m.devices[moduleName(files[len(files)-1])]...), " "))
	}
	t.write("lib/modules/order", []byte(list.String()), 0o644)
	var archive bytes.Buffer
	cpio(&archive, t)
	if err := os.WriteFile(to+".cpio", archive.Bytes(), 0o644); err != nil {
		return err
	}
	return b.tool("zstd", "-"+strconv.Itoa(b.level), "-q", "-f", to+".cpio", "-o", to)
}

// compressed packs a kernel as GRUB unpacks it: GRUB 2.06 does not read every stream that compress/gzip makes.
func (b *build) compressed(image []byte) ([]byte, error) {
	file := b.file("vmlinuz")
	if err := os.WriteFile(file, image, 0o644); err != nil {
		return nil, err
	}
	if err := b.tool("gzip", "-9", "-n", "-f", file); err != nil {
		return nil, err
	}
	return os.ReadFile(file + ".gz")
}

// order is the files of the named modules, each module's after those that it needs. What is a part of the kernel is left out.
func (m moduleSet) order(names []string) (order [][]string, err error) {
	for _, name := range names {
		file := ""
		for f := range m.needs {
			if moduleName(f) == name {
				file = f
			}
		}
		if file == "" && m.builtIn(name) {
			continue
		}
		if file == "" {
			return nil, fmt.Errorf("the kernel has no module %s", name)
		}
		order = append(order, append(reversed(m.needs[file]), file))
	}
	return order, nil
}

// builtIn reports whether a module is a part of the kernel's own file.
func (m moduleSet) builtIn(name string) bool {
	list := m.files["modules.builtin"]
	return list != nil && slices.ContainsFunc(strings.Fields(string(list.content)), func(file string) bool { return moduleName(file) == name })
}

// moduleName is how the kernel names a module: with underscores.
func moduleName(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(path.Base(file), ".ko"), "-", "_")
}

// reversed turns depmod's list around: it has what is needed first at its end.
func reversed(list []string) []string {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// cpio writes a tree as a newc archive. The console is a device node: the kernel opens it before init can make it.
func cpio(w *bytes.Buffer, t tree) {
	number := 0
	member := func(name string, mode uint32, content []byte, major, minor int) {
		number++
		fmt.Fprintf(w, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
			number, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name)+1, 0, name)
		pad(w)
		w.Write(content)
		pad(w)
	}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if e := t[name]; e.kind == tar.TypeDir {
			member(name, 0o040000|uint32(e.mode), nil, 0, 0)
		} else {
			member(name, 0o100000|uint32(e.mode), e.content, 0, 0)
		}
	}
	member("dev/console", 0o020600, nil, 5, 1)
	number = -1
	member("TRAILER!!!", 0, nil, 0, 0)
}

// pad fills up to four octets.
func pad(w *bytes.Buffer) {
	for w.Len()%4 != 0 {
		w.WriteByte(0)
	}
}
