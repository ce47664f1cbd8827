package dahdi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cards is where the kernel shows the cards whose drivers are loaded.
const cards = "/sys/bus/dahdi_devices/devices"

// A card is one device, as a folder of sysfs.
type card string

// findCard looks for a card by its hardware id or its location.
func findCard(root, id string) (card, error) {
	folders, err := filepath.Glob(filepath.Join(root, "*"))
	if err != nil {
		return "", err
	}
	var there []string
	for _, folder := range folders {
		c := card(folder)
		hardware, location := c.read("hardware_id"), c.read("location")
		if id != "" && (id == hardware || id == location) {
			return c, nil
		}
		there = append(there, fmt.Sprintf("%q at %q (%s)", hardware, location, c.read("type")))
	}
	if len(there) == 0 {
		return "", fmt.Errorf("there is no telephone card: load the driver of yours, such as modprobe wct4xxp or wcte13xp for an E1 card, and look for it in lspci")
	}
	return "", fmt.Errorf("there is no card with the hardware id or location %q; there is %s", id, strings.Join(there, ", "))
}

// read is an attribute, "" if the card has none.
func (c card) read(attribute string) string {
	text, _ := os.ReadFile(filepath.Join(string(c), attribute))
	return strings.TrimSpace(string(text))
}

func (c card) write(attribute, value string) error {
	return os.WriteFile(filepath.Join(string(c), attribute), []byte(value), 0)
}

// toE1 switches a port that can be T1, E1 or J1 to E1. A port that is one thing for ever says what it is and takes no order.
func (c card) toE1(port int) error {
	for _, attribute := range []string{"dahdi_spantype", "spantype"} { // Linux 4.13 and before
		for line := range strings.Lines(c.read(attribute)) {
			number, kind, _ := strings.Cut(strings.TrimSpace(line), ":")
			if number == strconv.Itoa(port) && (kind == "T1" || kind == "J1") {
				return c.write(attribute, fmt.Sprintf("%d:E1", port))
			}
		}
	}
	return nil
}

// An assignment is the numbers by which the kernel knows a port; the span's is 0 before there is one.
type assignment struct {
	span     int
	first    int // channel
	channels int
}

// assigned looks up the numbers of a port; a port that was not assigned is told by fs.ErrNotExist.
func (c card) assigned(port int) (assignment, error) {
	folders, err := filepath.Glob(filepath.Join(string(c), "span-*"))
	if err != nil {
		return assignment{}, err
	}
	for _, folder := range folders {
		s := card(folder)
		if s.read("local_spanno") != strconv.Itoa(port) {
			continue
		}
		span, err1 := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "span-"))
		first, err2 := strconv.Atoi(s.read("basechan"))
		channels, err3 := strconv.Atoi(s.read("channels"))
		return assignment{span, first, channels}, errors.Join(err1, err2, err3)
	}
	return assignment{}, fs.ErrNotExist
}

// assign gives a port the next free numbers, unless it has some from before.
func (c card) assign(port int) (assignment, error) {
	if a, err := c.assigned(port); !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	err := c.write("assign_span", fmt.Sprintf("%d:0:0", port))
	if errors.Is(err, unix.EINVAL) {
		return assignment{}, fmt.Errorf("the card %q has %s ports, and port %d is not one of them", c.read("hardware_id"), c.read("span_count"), port)
	}
	if err != nil {
		return assignment{}, err
	}
	return c.assigned(port)
}

func (c card) unassign(port int) error { return c.write("unassign_span", strconv.Itoa(port)) }
