package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// loadModules loads the modules of the file order that this computer has a use for. A line is a module's file behind those of what it needs,
// with commas between them, and the devices that it is for; where it names none, every computer has one. A driver that finds nothing all the
// same says so, and is no reason to stop.
func loadModules(dir string) error {
	order, err := os.Open(filepath.Join(dir, "order"))
	if err != nil {
		return err
	}
	defer order.Close()
	there := newDevices("/sys")
	lines := bufio.NewScanner(order)
	for lines.Scan() {
		files, patterns, _ := strings.Cut(lines.Text(), " ")
		if !there.hasAny(strings.Fields(patterns)) {
			continue
		}
		for _, file := range strings.Split(files, ",") {
			switch err := loadModule(filepath.Join(dir, file)); {
			case errors.Is(err, unix.ENODEV), errors.Is(err, unix.EEXIST), errors.Is(err, unix.ENXIO):
			case err != nil:
				return fmt.Errorf("module %s: %w", file, err)
			}
		}
	}
	return lines.Err()
}

// setModprobe names the program by which the kernel looks for drivers (Documentation/admin-guide/sysctl/kernel.rst). There is none while init
// runs, which loads what it needs: for the cipher of the data the kernel would have seven processes look for what is not there.
func setModprobe(program string) error {
	return os.WriteFile("/proc/sys/kernel/modprobe", []byte(program+"\n"), 0)
}

func loadModule(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}
