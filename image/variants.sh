#!/usr/bin/env bash
# variants.sh DIR EPOCH: an image and the bundles that image_test.go wants, in DIR. Compressed in a hurry.
set -euo pipefail
dir=$1 epoch=$2
make_one() { # NAME VERSION [options]
	local name=$1 version=$2 overlay
	shift 2
	mkdir -p "$dir/$name/bin"
	case $name in
	good) overlay='"cmd/boxd/wedge.go": "image/testdata/wedge.go"' ;;
	unfit) overlay='"storage/later.go": "image/testdata/later.go", "telephony/dsp/hears.go": "image/testdata/deaf.go"' ;;
	*) overlay= ;;
	esac
	echo "{\"Replace\": {$overlay}}" >"$dir/$name/overlay.json"
	CGO_ENABLED=0 GOARCH=amd64 go build -overlay "$dir/$name/overlay.json" -trimpath -ldflags "-s -w -X main.version=$version" -o "$dir/$name/bin/" \
		./cmd/boxctl ./cmd/boxd ./image/init
	[ "$name" != bad ] || cp "$dir/$name/bin/init" "$dir/$name/bin/boxd" # a program that does nothing here but end
	cp -al "$dir"/../x86-64/{debian,dahdi,lean}-* "$dir/$name/" 2>/dev/null || cp -al "$dir"/first/{debian,dahdi,lean}-* "$dir/$name/" 2>/dev/null || true
	go run ./image --version "$version" --bin "$dir/$name/bin" --work "$dir/$name" --out "$dir/$name" --epoch "$epoch" --level 1 "$@"
	mv "$dir/$name"/*.raucb "$dir/$name.raucb"
}
make_one first 0.1.0
make_one good 0.2.0
make_one bad 0.3.0
make_one unfit 0.4.0
cp --sparse=always "$dir/first/disk.img" "$dir/disk.img"

# What is refused is refused for what it says of itself, or for a flipped bit; there is no system in it.
repack() { # NAME COMPATIBLE VERSION KEY CERT
	rm -rf "$dir/repack" "$dir/$1.raucb"
	mkdir "$dir/repack"
	head -c 64K "$dir/good/bin/boxd" | tee "$dir/repack/root.img" >"$dir/repack/kernel.img" # RAUC refuses one that shrinks to nothing
	sed "s/^compatible=.*/compatible=$2/; s/^version=.*/version=$3/" "$dir/good/bundle/manifest.raucm" >"$dir/repack/manifest.raucm"
	rauc --cert "$5" --key "$4" bundle "$dir/repack" "$dir/$1.raucb"
}
repack older callbox-x86-64 0.0.9 image/keys/dev.key image/keys/dev.crt
repack small callbox-x86-64 0.2.0 image/keys/dev.key image/keys/dev.crt
repack board callbox-arm64 0.2.0 image/keys/dev.key image/keys/dev.crt
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=stranger" \
	-keyout "$dir/stranger.key" -out "$dir/stranger.crt" 2>/dev/null
repack stranger callbox-x86-64 0.2.0 "$dir/stranger.key" "$dir/stranger.crt"
