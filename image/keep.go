package main

// programs are what runs in the image. The libraries that they need come along by themselves. There is no shell.
var programs = []string{
	"usr/lib/systemd/systemd", "usr/lib/systemd/systemd-journald",
	"usr/lib/systemd/systemd-networkd", "usr/lib/systemd/systemd-networkd-wait-online", "usr/lib/systemd/systemd-shutdown",
	"usr/lib/systemd/systemd-timesyncd", "usr/lib/systemd/systemd-udevd",
	"usr/lib/systemd/systemd-cgroups-agent",
	"usr/bin/journalctl", "usr/bin/networkctl", "usr/bin/systemctl", "usr/bin/systemd-repart", "usr/bin/systemd-tmpfiles",
	"usr/bin/udevadm", "usr/bin/dbus-daemon", "usr/bin/rauc", "usr/bin/grub-editenv", "usr/bin/kmod", "usr/bin/mount",
	"usr/bin/umount", "usr/sbin/e2fsck", "usr/sbin/mke2fs", "usr/sbin/nft", "usr/sbin/smartctl",
}

// libraries are those that programs open by name.
var libraries = []string{"libnss_files.so.2", "libcryptsetup.so.12"}

// links are other names of programs.
var links = map[string]string{
	"usr/sbin/init": "../lib/systemd/systemd", "usr/sbin/modprobe": "../bin/kmod", "usr/sbin/mkfs.ext4": "mke2fs",
	"usr/sbin/reboot": "../bin/systemctl", "usr/sbin/poweroff": "../bin/systemctl", "usr/bin/systemd-udevd": "udevadm",
}

// folders are taken whole.
var folders = []string{
	"etc/udev", "usr/lib/udev/rules.d", "usr/lib/systemd/system", "usr/lib/systemd/network",
	"usr/lib/modprobe.d", "usr/share/dbus-1", "usr/lib/tmpfiles.d",
}

// dropped are parts of folders that are of no use here.
var dropped = []string{
	"usr/lib/udev/rules.d/60-persistent-alsa", "usr/lib/udev/rules.d/60-persistent-v4l", "usr/lib/udev/rules.d/70-camera",
	"usr/lib/udev/rules.d/70-joystick", "usr/lib/udev/rules.d/78-sound-card", "usr/lib/udev/rules.d/60-cdrom_id",
	"usr/lib/udev/rules.d/55-dm", "usr/lib/udev/rules.d/60-autosuspend", "usr/lib/udev/rules.d/60-drm", "usr/lib/udev/rules.d/60-evdev",
	"usr/lib/udev/rules.d/60-fido-id", "usr/lib/udev/rules.d/60-infiniband", "usr/lib/udev/rules.d/60-input-id",
	"usr/lib/udev/rules.d/60-persistent-input", "usr/lib/udev/rules.d/60-persistent-storage-", "usr/lib/udev/rules.d/60-sensor",
	"usr/lib/udev/rules.d/64-btrfs", "usr/lib/udev/rules.d/70-memory", "usr/lib/udev/rules.d/70-mouse", "usr/lib/udev/rules.d/70-touchpad",
	"usr/lib/udev/rules.d/70-uaccess", "usr/lib/udev/rules.d/71-seat", "usr/lib/udev/rules.d/73-seat", "usr/lib/udev/rules.d/75-probe_mtd",
	"usr/lib/udev/rules.d/95-dm", "usr/lib/udev/rules.d/96-e2scrub", "usr/lib/udev/rules.d/99-systemd",
	"usr/lib/systemd/system/apt", "usr/lib/systemd/system/grub",
	"usr/lib/systemd/system/e2scrub", "usr/lib/systemd/system/fstrim", "usr/lib/tmpfiles.d/passwd.conf",
	"usr/lib/tmpfiles.d/home.conf", "usr/lib/tmpfiles.d/provision.conf", "usr/lib/tmpfiles.d/debian.conf", "usr/lib/tmpfiles.d/legacy.conf",
	"usr/lib/tmpfiles.d/systemd-nologin.conf", "usr/lib/tmpfiles.d/x11.conf", "usr/lib/tmpfiles.d/etc.conf",
	"usr/share/dbus-1/system-services/org.freedesktop",
}

// modules are the parts of the kernel that the image has, by the beginnings of their paths under kernel/. What they need
// comes along.
var modules = []string{
	"crypto/blake2b", "crypto/crc32c", "crypto/ecb", "crypto/xts", "drivers/ata/", "drivers/block/loop",
	"drivers/block/virtio_blk", "drivers/char/hw_random/", "drivers/gpio/", "drivers/hid/hid-cp2112", "drivers/hid/hid-generic",
	"drivers/hid/hid-mcp2221", "drivers/hid/hid.", "drivers/hid/usbhid/usbhid", "drivers/i2c/", "drivers/md/dm-crypt", "drivers/md/dm-mod", "drivers/md/dm-verity", "drivers/mmc/",
	"drivers/net/ethernet/amd/pcnet32", "drivers/net/ethernet/broadcom/tg3", "drivers/net/ethernet/intel/e100.", "drivers/net/ethernet/intel/e1000", "drivers/net/ethernet/intel/e1000e/",
	"drivers/net/ethernet/intel/igb/", "drivers/net/ethernet/intel/igc/", "drivers/net/ethernet/realtek/", "drivers/net/phy/realtek",
	"drivers/net/usb/asix", "drivers/net/usb/ax88179", "drivers/net/usb/r8152", "drivers/net/virtio_net", "drivers/nvme/host/nvme.",
	"drivers/nvme/host/nvme-core", "drivers/scsi/sd_mod", "drivers/scsi/virtio_scsi", "drivers/tty/serial/8250/", "drivers/usb/host/ehci", "drivers/usb/host/ohci", "drivers/usb/host/uhci", "drivers/usb/host/xhci",
	"drivers/usb/storage/", "drivers/virtio/", "drivers/watchdog/", "fs/autofs/", "fs/exfat/", "fs/ext4/", "fs/fat/", "fs/nls/nls_ascii", "fs/nls/nls_cp437",
	"fs/nls/nls_iso8859-1", "fs/squashfs/", "net/8021q/", "net/netfilter/nf_tables", "net/netfilter/nfnetlink.",
	"net/netfilter/nft_",
}

// unwanted are those among them that are left out with what they alone need: they are for PC cards, parallel ports and Intel's management
// engine, which no box has or uses.
var unwanted = []string{
	"drivers/ata/pata_pcmcia", "drivers/i2c/busses/i2c-parport", "drivers/mmc/host/sdricoh_cs", "drivers/mmc/host/vub300",
	"drivers/tty/serial/8250/serial_cs", "drivers/watchdog/mei_wdt",
}

// early are the modules that find and check the root, in the initramfs, by their names, after those of the computer; what a disk is on before the
// disk. init loads those for whose devices it has a use. The last two everybody needs: by name, modprobe would find them one after the other,
// in a process each.
var early = []string{
	"virtio_pci", "virtio_blk", "virtio_scsi", "ahci", "nvme", "xhci_pci", "ehci_pci", "uas", "usb_storage", "sd_mod",
	"sdhci_pci", "sdhci_acpi", "mmc_block", "crc32c_generic", "loop", "dm_mod", "blake2b_generic", "dm_verity", "ecb", "xts", "dm_crypt",
	"squashfs", "ext4", "nft_ct", "i2c_dev",
}
