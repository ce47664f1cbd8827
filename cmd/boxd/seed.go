package main

import (
	"crypto/rand"
	"math/big"

	"callbox/board"
	"callbox/telephony"
)

// initialConfig is what a new data directory begins with: the board's demonstration, or the least that a box has. Whatever
// needs a secret gets a random one of its own: there is no default password anywhere.
func initialConfig(b *board.Board) (*telephony.Config, error) {
	cfg, err := b.Config()
	if err != nil {
		return nil, err
	}
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

// randomPIN is six digits, the first not zero.
func randomPIN() string {
	n, err := rand.Int(rand.Reader, big.NewInt(900_000))
	if err != nil {
		panic(err) // crypto/rand does not fail on Linux
	}
	return n.Add(n, big.NewInt(100_000)).String()
}
