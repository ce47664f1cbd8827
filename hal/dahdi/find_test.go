package dahdi

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// A box of an E1 card with two ports and of an analogue one with an FXO, an empty socket and an FXS, and what udev made of a network
// interface, which is no card.
var fullBox = map[string]string{
	"pci:0000:04:00.0/hardware_id": "TDM410\n", "pci:0000:04:00.0/spantype": "1:ANALOG_MIXED\n",
	"pci:0000:04:00.0/span-3/local_spanno": "1\n", "pci:0000:04:00.0/span-3/basechan": "63\n", "pci:0000:04:00.0/span-3/channels": "3\n",
	"pci:0000:05:00.0/hardware_id": "\n", "pci:0000:05:00.0/location": "PCI Bus 05 Slot 01\n", "pci:0000:05:00.0/spantype": "1:E1\n2:E1\n",
	"dynamic:eth:0/hardware_id": "DYN/eth/tap0\n", "dynamic:eth:0/spantype": "1:DYNAMIC\n",
}

func TestFindPorts(t *testing.T) {
	kinds := map[int]socketKind{63: fxoSocket, 65: fxsSocket}
	o, err := findPorts(sysfs(t, fullBox), func(channel int) (socketKind, error) { return kinds[channel], nil })
	want := Options{
		Spans: []SpanOptions{
			{Card: "PCI Bus 05 Slot 01", Port: 1, CRC4: true, Timing: 1}, {Card: "PCI Bus 05 Slot 01", Port: 2, CRC4: true, Timing: 2},
		},
		FXO: []PortOptions{{Card: "TDM410", Port: 1}},
		FXS: []PortOptions{{Card: "TDM410", Port: 3}},
	}
	if err != nil || !reflect.DeepEqual(o, want) {
		t.Errorf("found %+v, %v, want %+v", o, err, want)
	}
}

func TestFindPortsWithoutCards(t *testing.T) {
	if o, err := findPorts(t.TempDir(), nil); err != nil || !reflect.DeepEqual(o, Options{}) {
		t.Errorf("found %+v, %v", o, err)
	}
}

// A card that does not answer is told of, for its lines would be missed.
func TestFindPortsTellsOfFaults(t *testing.T) {
	_, err := findPorts(sysfs(t, fullBox), func(int) (socketKind, error) { return 0, errors.New("no answer") })
	if err == nil || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("%v", err)
	}
}
