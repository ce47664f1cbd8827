package main

import (
	"crypto/sha256"
	"crypto/sha512"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A document is an SPDX 2.3 bill of materials: the Debian packages that files come from, the Go modules of the programs, and the npm
// packages of the page.
type document struct {
	Version     string        `json:"spdxVersion"`
	DataLicense string        `json:"dataLicense"`
	ID          string        `json:"SPDXID"`
	Name        string        `json:"name"`
	Namespace   string        `json:"documentNamespace"`
	Creation    creation      `json:"creationInfo"`
	Packages    []spdxPackage `json:"packages"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	ID        string         `json:"SPDXID"`
	Name      string         `json:"name"`
	Version   string         `json:"versionInfo"`
	Download  string         `json:"downloadLocation"`
	License   string         `json:"licenseDeclared,omitempty"`
	Source    string         `json:"sourceInfo,omitempty"`
	Checksums []spdxChecksum `json:"checksums,omitempty"`
	Refs      []spdxRef      `json:"externalRefs"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

// sbom writes what the image is made of. Packages whose files were all left out are named too: too much is no harm.
func (b *build) sbom(d debian) error {
	doc := document{
		Version: "SPDX-2.3", DataLicense: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: "callbox-" + b.board + "-" + b.version,
		Creation: creation{b.when.Format("2006-01-02T15:04:05Z"), []string{"Tool: callbox-image"}},
	}
	list, err := os.ReadFile(d.list)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			return fmt.Errorf("%s: %q is no package", d.list, line)
		}
		doc.Packages = append(doc.Packages, spdxPackage{
			ID: "SPDXRef-deb-" + f[0], Name: f[0], Version: f[1], Download: "NOASSERTION", Source: "Debian source package " + f[3],
			Checksums: []spdxChecksum{{"SHA256", f[4]}},
			Refs:      []spdxRef{{"PACKAGE-MANAGER", "purl", "pkg:deb/debian/" + f[0] + "@" + f[1] + "?arch=" + f[2]}},
		})
	}
	modules, err := b.goModules()
	if err != nil {
		return err
	}
	scripts, err := npmPackages(filepath.Join(b.source, "..", "webui", "app", "package-lock.json"))
	if err != nil {
		return err
	}
	doc.Packages = append(append(doc.Packages, modules...), scripts...)
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	doc.Namespace = "https://callbox.invalid/spdx/" + hex.EncodeToString(sum[:16])
	if text, err = json.MarshalIndent(doc, "", " "); err != nil {
		return err
	}
	return os.WriteFile(b.result("spdx.json"), append(text, '\n'), 0o644)
}

// goModules are those that boxd was linked from.
func (b *build) goModules() (list []spdxPackage, err error) {
	info, err := buildinfo.ReadFile(filepath.Join(b.bin, "boxd"))
	if err != nil {
		return nil, errors.Join(errors.New("bin/boxd does not say what it is made of"), err)
	}
	for _, m := range info.Deps {
		list = append(list, spdxPackage{
			ID: "SPDXRef-go-" + strings.NewReplacer("/", "-", "_", "-").Replace(m.Path), Name: m.Path, Version: m.Version, Download: "NOASSERTION",
			Refs: []spdxRef{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + m.Version}},
		})
	}
	return list, nil
}

// npmPackages are those that the page is built from: what package.json names under "dependencies", and what these need. What only builds
// or tests it is marked "dev" in the lock file and reaches no box.
func npmPackages(lockFile string) (list []spdxPackage, err error) {
	text, err := os.ReadFile(lockFile)
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version, License, Integrity string
			Dev                         bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("%s: %w", lockFile, err)
	}
	for _, folder := range slices.Sorted(maps.Keys(lock.Packages)) {
		p := lock.Packages[folder]
		if folder == "" || p.Dev {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Integrity, "sha512-"))
		if err != nil || len(sum) != sha512.Size {
			return nil, fmt.Errorf("%s: %s has no SHA-512", lockFile, folder)
		}
		name := folder[strings.LastIndex(folder, "node_modules/")+len("node_modules/"):]
		list = append(list, spdxPackage{
			ID:   "SPDXRef-npm-" + strings.NewReplacer("node_modules/", "", "/", "-", "_", "-", "@", "").Replace(folder),
			Name: name, Version: p.Version, Download: "NOASSERTION", License: p.License,
			Checksums: []spdxChecksum{{"SHA512", hex.EncodeToString(sum)}},
			Refs:      []spdxRef{{"PACKAGE-MANAGER", "purl", "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version}},
		})
	}
	return list, nil
}
