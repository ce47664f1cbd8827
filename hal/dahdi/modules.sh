#!/usr/bin/env bash
# modules.sh ROOT RELEASE OPTION...: builds Debian's DAHDI for a kernel. ROOT has the packages dahdi-dkms, linux-kbuild, linux-headers-RELEASE
# and its -common unpacked; an OPTION is a driver as DAHDI's Kconfig names it, such as WCT4XXP. The modules are in ROOT/dahdi then, and are
# the same octets wherever they are built.
set -euo pipefail
root=$(cd "$1" && pwd)
release=$2
shift 2
options=("${@/#/CONFIG_DAHDI_}")
options=("${options[@]/%/=m}")

# The headers want to lie in /usr/src; the rest of their paths are relative.
headers=$root/usr/src/linux-headers-$release
sed -i "s,/usr/src/,$root/usr/src/," "$headers/Makefile"
source=$(echo "$root"/usr/src/dahdi-*)
mkdir "$root/dahdi"
{
	make -s -C "$source" include/dahdi/version.h DAHDIVERSION="$(basename "$source")"
	make -s -j"$(nproc)" -C "$headers" M="$source/drivers/dahdi" DAHDI_INCLUDE="$source/include" HOTPLUG_FIRMWARE=yes \
		KCFLAGS="-w -g0 -ffile-prefix-map=$source=dahdi" CONFIG_DAHDI=m "${options[@]}" modules
} >"$root/dahdi.log" 2>&1 || { cat "$root/dahdi.log" >&2; exit 1; }
find "$source/drivers" -name '*.ko' -exec cp -t "$root/dahdi" {} +
strip --strip-debug "$root"/dahdi/*.ko
