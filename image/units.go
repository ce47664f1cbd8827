package main

// wanted are the units that are started.
var wanted = []string{"boot-efi.automount", "callbox.service", "callbox-confirm.service", "callbox-reboot.path", "callbox-firewall.path", "callbox-time.path", "callbox-again.timer", "callbox-disk.timer", "nftables.service", "systemd-networkd.service"}

// masked are units that would write to the root, wait for somebody, or cost time for nothing.
var masked = []string{
	"getty.target", "getty-static.service", "systemd-firstboot.service", "systemd-hwdb-update.service", "ldconfig.service",
	"systemd-machine-id-commit.service", "systemd-boot-system-token.service", "systemd-update-utmp.service",
	"systemd-update-utmp-runlevel.service", "systemd-logind.service", "systemd-ask-password-wall.path", "systemd-ask-password-console.path",
	"systemd-pcrphase.service", "systemd-pcrphase-sysinit.service", "systemd-pcrmachine.service", "systemd-repart.service",
	"systemd-sysusers.service", "systemd-update-done.service", "systemd-journal-catalog-update.service", "systemd-binfmt.service",
	"proc-sys-fs-binfmt_misc.automount", "dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
	"systemd-remount-fs.service", "systemd-random-seed.service", "systemd-user-sessions.service", "systemd-pstore.service",
	"systemd-network-generator.service", "systemd-networkd-wait-online.service", "systemd-journal-flush.service", "systemd-journald-audit.socket",
	"systemd-initctl.socket", "systemd-modules-load.service", "systemd-sysctl.service", "systemd-tmpfiles-setup-dev.service", "sys-fs-fuse-connections.mount", "sys-kernel-config.mount",
}

// raucSystem is RAUC's view of the box (RAUC reference, system configuration). The devices are those of the disk that the
// box booted from, whatever else is plugged in: init makes the links.
const raucSystem = `[system]
compatible=callbox-%s
bootloader=grub
grubenv=/boot/efi/EFI/BOOT/grubenv
bundle-formats=-plain
mountprefix=/run/rauc/mount
statusfile=/data/system/rauc.status

[keyring]
path=/etc/rauc/ca.crt

[slot.rootfs.0]
device=/run/callbox/disk/root-a
type=raw
bootname=A

[slot.kernel.0]
device=/run/callbox/disk/kernel-a
type=raw
parent=rootfs.0

[slot.rootfs.1]
device=/run/callbox/disk/root-b
type=raw
bootname=B

[slot.kernel.1]
device=/run/callbox/disk/kernel-b
type=raw
parent=rootfs.1

[slot.recovery.0]
device=/run/callbox/disk/root-r
type=raw
bootname=R
readonly=true
`
