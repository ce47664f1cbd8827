package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A computer is what an image starts on.
type computer struct {
	arch      string   // the processor, as Debian and Go name it
	libraries string   // Debian's folder of them, under usr/lib
	loader    string   // of programs; libraries do not name it
	efi       string   // GRUB's platform
	efiFile   string   // where firmware looks for it on a disk that it does not know (UEFI 2.10, 3.5.1.1)
	bios      bool     // it may start without UEFI
	cards     bool     // it takes cards with lines
	plain     bool     // its kernel is not compressed: GRUB is to do it
	modules   []string // beside those of every computer
	early     []string // likewise, before theirs
}

// computers are those of the boards.
var computers = map[string]computer{
	"x86-64": {
		arch: "amd64", libraries: "x86_64-linux-gnu", loader: "ld-linux-x86-64.so.2", efi: "x86_64-efi", efiFile: "BOOTX64.EFI", bios: true, cards: true,
		modules: []string{
			"arch/x86/crypto/aesni", "arch/x86/crypto/sha", "arch/x86/crypto/crc32c", dahdiDir, "drivers/hwmon/coretemp", "drivers/hwmon/k10temp",
			"drivers/mfd/lpc_ich",
		},
		// Of the watchdogs the first one that the computer has is watchdog0, which init starts and systemd feeds. iTCO_wdt is on one of the
		// two before it.
		early: []string{"ata_piix", "aesni_intel", "i6300esb", "lpc_ich", "i2c_i801", "iTCO_wdt", "sp5100_tco"},
	},
	"arm64": {
		arch: "arm64", libraries: "aarch64-linux-gnu", loader: "ld-linux-aarch64.so.1", efi: "arm64-efi", efiFile: "BOOTAA64.EFI", plain: true,
		modules: []string{"arch/arm64/crypto/aes-ce", "arch/arm64/crypto/sha", "drivers/net/phy/", "drivers/pinctrl/", "drivers/rtc/"},
		early:   []string{"aes_ce_blk", "sbsa_gwdt"},
	},
}

// computerOf is the computer of a board.
func computerOf(board string) (computer, error) {
	c, ok := computers[board]
	if !ok {
		return c, fmt.Errorf("there is no image for the board %q: choose %s", board, strings.Join(slices.Sorted(maps.Keys(computers)), " or "))
	}
	return c, nil
}
