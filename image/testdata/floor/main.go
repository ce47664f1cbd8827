// Command floor is the least that a computer can do from power to a page: the kernel starts it from the initramfs, it loads the network's driver,
// takes an address of QEMU's network and answers by https, with a key that it makes. What the box takes longer is its own (start_test.go).
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func main() {
	if err := serve(); err != nil {
		fmt.Println("floor:", err)
	}
	select {}
}

func serve() error {
	if err := loadModules("/lib/modules"); err != nil {
		return err
	}
	if err := setAddress("eth0", []byte{10, 0, 2, 15}); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		return err
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	listener, err := tls.Listen("tcp", ":443", config)
	if err != nil {
		return err
	}
	fmt.Println("floor: here is a page")
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "floor") }))
}

// loadModules loads those of the file order.
func loadModules(dir string) error {
	order, err := os.Open(filepath.Join(dir, "order"))
	if err != nil {
		return err
	}
	defer order.Close()
	for lines := bufio.NewScanner(order); lines.Scan(); {
		files, _, _ := strings.Cut(lines.Text(), " ")
		for _, file := range strings.Split(files, ",") {
			if err := loadModule(filepath.Join(dir, file)); err != nil && !errors.Is(err, unix.EEXIST) {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

func loadModule(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}

// setAddress gives a wire an address and switches it on.
func setAddress(wire string, address []byte) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	request, err := unix.NewIfreq(wire)
	if err != nil {
		return err
	}
	if err := request.SetInet4Addr(address); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(s, unix.SIOCSIFADDR, request); err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, request)
}
