package main

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// devices are what the computer has, as the kernel tells it.
type devices struct {
	sys   string              // where it does: "/sys"
	known map[string][]string // by bus, the names of what is on it; of the buses to which nothing comes while drivers are loaded
}

func newDevices(sys string) devices { return devices{sys, map[string][]string{}} }

// hasAny reports whether there is a device that one of some patterns of modules.alias is for: "pci:v00008086d*", "cpu:type:x86*". Where there is no
// pattern there is.
func (d devices) hasAny(patterns []string) bool {
	on := map[string][]string{}
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		bus, _, _ := strings.Cut(pattern, ":")
		bus = strings.TrimRight(bus, "*") // of ACPI's "acpi*:PNP0A03:*"
		if _, read := on[bus]; !read {
			on[bus] = d.names(bus)
		}
		return slices.ContainsFunc(on[bus], func(name string) bool {
			is, _ := path.Match(pattern, name)
			return is || name == anything
		})
	})
}

// anything is the name of what may yet be found.
const anything = "*"

// names are those of the devices on a bus.
func (d devices) names(bus string) (names []string) {
	if known, is := d.known[bus]; is {
		return known
	}
	dir := filepath.Join(d.sys, "bus", bus)
	files := filepath.Join(dir, "devices/*/modalias")
	switch bus {
	case "mmc", "scsi", "usb": // what is on them is found while others start
		if _, err := os.Stat(dir); err == nil {
			names = []string{anything}
		}
		return names
	case "cpu":
		files = filepath.Join(d.sys, "devices/system/cpu/modalias")
	}
	list, _ := filepath.Glob(files)
	for _, file := range list {
		if name, err := os.ReadFile(file); err == nil {
			names = append(names, strings.TrimSpace(string(name)))
		}
	}
	if bus == "acpi" || bus == "cpu" || bus == "pci" {
		d.known[bus] = names
	}
	return names
}
