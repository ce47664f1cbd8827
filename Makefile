# Two commands do everything: `make run` and `make test`. Each installs what it misses.

GO       ?= go
APP      := webui/app
GOFUMPT  := $(GO) run mvdan.cc/gofumpt@v0.12.0
STATIC   := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
# A tag names a release. Between two the commits are counted, so that a box can tell the older of two builds; a shallow clone, which cannot
# count, is as old as its clone is deep, and what is no clone is 0.
TAG      := $(shell git describe --tags --exact-match --match 'v[0-9]*' --dirty 2>/dev/null)
COMMITS  := $(or $(shell git rev-list --count HEAD 2>/dev/null),0)
VERSION  := $(or $(filter-out %-dirty,$(TAG:v%=%)),0.9.$(COMMITS)+$(or $(shell git describe --always --exclude '*' --dirty=.dirty 2>/dev/null),unknown))
export CGO_ENABLED ?= 0

BOARD    ?= x86-64
EPOCH    := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

.PHONY: image test-image test-image-tools test-image-arm64 powercut start reproducible run build page test test-hw race check fmt bench load soak fuzz day prompts screenshots docs tools clean

run: build ## start the box on the simulated board: page on http://127.0.0.1:8080, SIP on 127.0.0.1:5060
	bin/boxd --board sim --data ./var --http 127.0.0.1:8080 --sip 127.0.0.1:5060

build: page
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/ ./cmd/boxd ./cmd/boxctl

page: $(APP)/dist/index.html

$(APP)/node_modules/.package-lock.json: $(APP)/package-lock.json
	cd $(APP) && npm ci --no-audit --no-fund

$(APP)/dist/index.html: $(APP)/node_modules/.package-lock.json $(shell find $(APP)/src $(APP)/index.html -type f 2>/dev/null)
	cd $(APP) && npm run build

test: tools build ## everything that must hold, in a quarter of an hour on two cores
	CALLBOX_REAL=1 $(GO) test -timeout 20m ./...
	cd $(APP) && npm run check && npm test

test-hw: ## the drivers on the kernel's own DAHDI, I2C and GPIO, in QEMU on Debian's stock kernel (3 minutes; the first time 2 more, and 230 MB)
	GO="$(GO)" .ci/hw ./hal/dahdi/hwtest -test.run=TestHardware
	GO="$(GO)" .ci/hw ./hal/dahdi/hwtest -test.run=TestWire
	GO="$(GO)" .ci/hw ./board/hwtest

race: ## the same under the race detector (long)
	CGO_ENABLED=1 $(GO) test -race -timeout 40m ./...

check: $(APP)/node_modules/.package-lock.json
	$(GO) vet ./...
	$(STATIC) ./...
	@test -z "$$($(GOFUMPT) -l $$(git ls-files '*.go') | tee /dev/stderr)" || { echo "run: make fmt"; exit 1; }
	cd $(APP) && npm run check

fmt:
	$(GOFUMPT) -w $$(git ls-files '*.go')

bench: build ## figures for docs/BENCHMARKS.md
	$(GO) test -run '^$$' -bench . -benchmem ./...
	cd $(APP) && node --test test/first.mjs

fuzz: ## each decoder for FUZZTIME (default 60s)
	@.ci/fuzz $(or $(FUZZTIME),60s)

day: ## SEEDS busy days by seed with their invariants (default 1000), HOURS of talk (10) without a tone or digit in it, an hour of echo; SEED=n replays a day
	CALLBOX_SEEDS=$(or $(SEEDS),1000) CALLBOX_SEED=$(SEED) $(GO) test -run 'TestBusyDay' -timeout 24h -v ./cmd/boxd
	CALLBOX_HOURS=$(or $(HOURS),10) $(GO) test -run 'TestNothingFalse|ForLong' -timeout 24h ./telephony/dsp

load: ## CALLS bridged and recorded calls (600) for MINUTES (10), the same of SIPp, and then a rush to a box rated for so many, for half of that, with figures; nothing else should run
	CALLBOX_CALLS=$(or $(CALLS),600) CALLBOX_MINUTES=$(or $(MINUTES),10) $(GO) test -run '^TestLoad$$' -timeout 2h -v ./cmd/boxd

soak: ## CALLS recorded calls (300, half of what issue 5 asks for at once) that come and go for MINUTES (30): what the box holds each minute must not grow
	CALLBOX_SOAK_CALLS=$(or $(CALLS),300) CALLBOX_SOAK_MINUTES=$(or $(MINUTES),30) $(GO) test -run '^TestSoak$$' -timeout 3h -v ./cmd/boxd

IMAGE_TESTERS := openssl sfdisk:fdisk qemu-system-x86_64:qemu-system-x86 /usr/share/ovmf/OVMF.fd:ovmf sipp:sip-tester
IMAGE_TOOLS := mmdebstrap genimage faketime mksquashfs:squashfs-tools mcopy:mtools mkfs.vfat:dosfstools \
	rauc zstd xz:xz-utils depmod:kmod grub-mkimage:grub-common /usr/lib/grub/i386-pc/boot.img:grub-pc-bin \
	gcc-12 make strip:binutils

image: page ## the disk image and the update bundle of BOARD (x86-64, arm64), in build/
	@.ci/install $(IMAGE_TOOLS)
	CGO_ENABLED=0 GOARCH=$(if $(filter arm64,$(BOARD)),arm64,amd64) $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" \
		-o build/$(BOARD)/bin/ ./cmd/boxd ./cmd/boxctl ./image/init
	nice -n 10 $(GO) run ./image --board $(BOARD) --version $(VERSION) --bin build/$(BOARD)/bin --work build/$(BOARD) --out build --epoch $(EPOCH)

test-image: page test-image-tools ## the lives of two boxes side by side in QEMU: start, claim, updates good and bad, hangs, resets, sticks, recovery, and 25 power cuts (see powercut); SHORT=1: to the updates, and 2
	nice -n 10 image/variants.sh build/test $(EPOCH)
	CALLBOX_CUTS=$(if $(SHORT),2,25) CALLBOX_SEED=$(SEED) CALLBOX_IMAGE=$(CURDIR)/build/test \
		nice -n 5 $(GO) test -count 1 -timeout 90m $(if $(SHORT),-parallel 2 -short,-parallel 3) -v -run 'TestLife|TestLaterLife|TestPowerCuts' ./image

test-image-tools:
	@.ci/install $(IMAGE_TOOLS) $(IMAGE_TESTERS)

test-image-arm64: page ## the image of the board arm64 in QEMU: start, claim, self-test, update
	@.ci/install $(IMAGE_TOOLS) sfdisk:fdisk qemu-system-aarch64:qemu-system-arm /usr/share/qemu-efi-aarch64/QEMU_EFI.fd:qemu-efi-aarch64
	for version in 0.2.0 0.1.0; do \
		CGO_ENABLED=0 GOARCH=arm64 $(GO) build -trimpath -ldflags "-s -w -X main.version=$$version" -o build/arm64/bin/ ./cmd/boxd ./cmd/boxctl ./image/init && \
		nice -n 10 $(GO) run ./image --board arm64 --version $$version --bin build/arm64/bin --work build/arm64 --out build/arm64 --epoch $(EPOCH) --level 1 || exit; \
	done
	mv build/arm64/callbox-arm64-0.2.0.raucb build/arm64/update.raucb
	CALLBOX_IMAGE_ARM64=$(CURDIR)/build/arm64 nice -n 5 $(GO) test -count 1 -timeout 60m -v -run 'TestARM64' ./image

powercut: ## N times (default 25) the power of such an image goes at a random moment; after make test-image. SEED=n replays; LOSSY=1: the disk loses and tears what it was not told to flush
	CALLBOX_CUTS=$(or $(N),25) CALLBOX_SEED=$(SEED) CALLBOX_LOSSY=$(LOSSY) CALLBOX_IMAGE=$(CURDIR)/build/test \
		$(GO) test -count 1 -timeout 48h -parallel 2 -v -run 'TestPowerCuts' ./image

start: ## how long such an image takes from power to the page, beside the least that this computer can; after make test-image
	CALLBOX_STARTS=1 CALLBOX_IMAGE=$(CURDIR)/build/test $(GO) test -count 1 -timeout 60m -v -run 'TestStartTime' ./image

reproducible: image ## two builds of this tree are the same octets; after packages are there (10 minutes beside other work)
	CALLBOX_PACKAGES=$(CURDIR)/build/x86-64 nice -n 5 $(GO) test -count 1 -timeout 60m -v -run 'TestReproducible' ./image

prompts: ## speak the box's prompts anew (espeak-ng, sox)
	@.ci/install espeak-ng sox
	telephony/ivr/prompts/make.sh

screenshots: build ## every page in both languages and themes into docs/pages
	@.ci/install chromium:chromium /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc:fonts-noto-cjk
	cd $(APP) && node test/page.mjs --pictures && PAGES=../../docs/pages node --test test/pages.mjs

docs: ## docs/API.md from the OpenAPI document
	$(GO) generate ./webui

tools: bin/pebble
	@.ci/install baresip:baresip-core linphonec:linphone-cli sipp:sip-tester chromium:chromium tshark:tshark \
		espeak-ng openssl curl gcc /usr/include/stdio.h:libc6-dev /usr/include/libpri.h:libpri-dev /usr/include/spandsp:libspandsp-dev zbarimg:zbar-tools ip:iproute2 nft:nftables \
		mariadbd:mariadb-server-core mariadb:mariadb-client-core pg_ctlcluster:postgresql xmllint:libxml2-utils /usr/lib/python3/dist-packages/zeep:python3-zeep

bin/pebble: # an independent ACME server, of Let's Encrypt
	GOBIN=$(CURDIR)/bin $(GO) install github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.3

clean:
	rm -rf bin build var $(APP)/dist/assets $(APP)/dist/index.html $(APP)/node_modules
