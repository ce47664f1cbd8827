package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// tell gives QEMU's monitor an order, which says nothing where all is well.
func (m *machine) tell(order string) {
	m.t.Helper()
	c, err := net.Dial("unix", m.monitor)
	if err != nil {
		m.t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	const prompt = "(qemu) "
	said := ""
	for _, end := range []string{prompt, "\n", prompt} { // the greeting, the order as it is typed, the answer
		for said = ""; !strings.HasSuffix(said, end); {
			b, err := r.ReadByte()
			if err != nil {
				m.t.Fatalf("QEMU's monitor, %s: %v", order, err)
			}
			said += string(b)
		}
		if end == prompt {
			fmt.Fprintln(c, order)
		}
	}
	if strings.Contains(said, "Error") {
		m.t.Fatalf("QEMU's monitor, %s: %s", order, said)
	}
}

// hang stops the processor for ever, as a kernel does that spins with its interrupts off: by QEMU's debugger.
func (m *machine) hang() {
	m.t.Helper()
	socket := filepath.Join(m.life.TempDir(), "debugger")
	m.tell("gdbserver unix:" + socket + ",server=on,wait=off")
	c, err := net.Dial("unix", socket)
	if err != nil {
		m.t.Fatal(err)
	}
	d := debugger{m, c, bufio.NewReader(c)}
	defer c.Close()
	const instruction, flags = 16 * 8, 17 * 8 // octets, in the registers of x86-64
	registers, err := hex.DecodeString(d.ask("g"))
	if err != nil || len(registers) < flags+4 {
		m.t.Fatalf("the registers of the processor are %x: %v", registers, err)
	}
	at := binary.LittleEndian.Uint64(registers[instruction:])
	d.ask(fmt.Sprintf("M%x,2:ebfe", at)) // a jump to itself
	registers[flags+1] &^= 0x02          // no interrupts
	d.ask(fmt.Sprintf("G%x", registers))
	d.ask("D")
}

// A debugger speaks GDB's remote protocol (GDB manual, appendix E).
type debugger struct {
	*machine
	c net.Conn
	r *bufio.Reader
}

// ask sends a packet, and gives what the answer has. QEMU acknowledges with a + before it, and has said before why it stopped.
func (d debugger) ask(order string) string {
	d.t.Helper()
	var sum byte
	for _, b := range []byte(order) {
		sum += b
	}
	fmt.Fprintf(d.c, "$%s#%02x", order, sum)
	for {
		packet, err := d.r.ReadString('#')
		if err == nil {
			_, err = d.r.Discard(2) // its sum
		}
		_, answer, _ := strings.Cut(strings.TrimSuffix(packet, "#"), "$")
		switch {
		case err != nil || answer == "" || answer[0] == 'E':
			d.t.Fatalf("QEMU's debugger, %.20s: %q %v", order, answer, err)
		case answer[0] != 'T':
			return answer
		}
		fmt.Fprint(d.c, "+")
	}
}
