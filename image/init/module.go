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

// loadModules loads the modules of the file order, which has each after those that it needs. A driver without its device
// says so, and is no reason to stop.
func loadModules(dir string) error {
	order, err := os.Open(filepath.Join(dir, "order"))
	if err != nil {
		return err
	}
	defer order.Close()
	for lines := bufio.NewScanner(order); lines.Scan(); {
		name, options, _ := strings.Cut(lines.Text(), " ")
		switch err := loadModule(filepath.Join(dir, name), options); {
		case errors.Is(err, unix.ENODEV), errors.Is(err, unix.EEXIST), errors.Is(err, unix.ENXIO):
		case err != nil:
			return fmt.Errorf("module %s: %w", name, err)
		}
	}
	return nil
}

// setModprobe names the program by which the kernel looks for drivers (Documentation/admin-guide/sysctl/kernel.rst). There is none while init
// runs, which loads what it needs: for the cipher of the data the kernel would have seven processes look for what is not there.
func setModprobe(program string) error {
	return os.WriteFile("/proc/sys/kernel/modprobe", []byte(program+"\n"), 0)
}

func loadModule(file, options string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), options, 0)
}
