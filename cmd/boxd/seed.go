package main

import (
	"crypto/rand"
	"math/big"
	"path/filepath"

	"golang.org/x/sys/unix"

	"callbox/board"
	"callbox/telephony"
)

// initialConfig is what a new data directory begins with: the board's demonstration, or the least that a box has. Whatever
// needs a secret gets a random one of its own: there is no default password anywhere. data is where the box keeps what it records.
func initialConfig(b *board.Board, data string) (*telephony.Config, error) {
	cfg, err := b.Config()
	if err != nil {
		return nil, err
	}
	keepFree(&cfg.Recording, diskMB(data))
	for i := range cfg.Phones {
		if cfg.Phones[i].Port == "" {
			cfg.Phones[i].Password = rand.Text()
		}
	}
	for i := range cfg.Agents {
		cfg.Agents[i].PIN = randomPIN()
	}
	for i := range cfg.Mailboxes {
		cfg.Mailboxes[i].PIN = randomPIN()
	}
	for i := range cfg.Rooms {
		cfg.Rooms[i].PIN = randomPIN()
	}
	return cfg, nil
}

// keepFree fits what is kept free to a small disk, or a new box would begin with an alarm: a tenth of it at most, and a fortieth at
// which recording stops. A disk of 0 MB is unknown.
func keepFree(r *telephony.RecordingPolicy, disk int) {
	if disk > 0 {
		r.MinFreeMB, r.StopFreeMB = min(r.MinFreeMB, max(1, disk/10)), min(r.StopFreeMB, max(1, disk/40))
	}
}

// diskMB is the size of the disk that a directory is on, or will be when it is made.
func diskMB(dir string) int {
	var files unix.Statfs_t
	for unix.Statfs(dir, &files) != nil {
		up := filepath.Dir(dir)
		if up == dir {
			return 0
		}
		dir = up
	}
	return int(int64(files.Blocks) * files.Bsize >> 20)
}

// randomPIN is six digits, the first not zero.
func randomPIN() string {
	n, err := rand.Int(rand.Reader, big.NewInt(900_000))
	if err != nil {
		panic(err) // crypto/rand does not fail on Linux
	}
	return n.Add(n, big.NewInt(100_000)).String()
}
