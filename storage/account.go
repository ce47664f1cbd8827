package storage

var (
	usersBucket  = []byte("users")
	tokensBucket = []byte("tokens")
)
