package dahdi

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Find looks for the ports of all cards that are there. A computer without a card, or without DAHDI, has none.
func Find() (Options, error) {
	control, err := openDevice(controlDevice)
	if errors.Is(err, unix.ENOENT) {
		return Options{}, nil
	}
	if err != nil {
		return Options{}, err
	}
	defer unix.Close(control)
	return findPorts(cards, func(channel int) (socketKind, error) {
		p := params{channel: int32(channel)}
		if err := ioctl(control, ioGetParams, &p); err != nil {
			return emptySocket, fmt.Errorf("channel %d tells nothing of itself: %w", channel, err)
		}
		switch {
		case p.can&sigFXS == sigFXS:
			return fxoSocket, nil
		case p.can&sigFXO == sigFXO:
			return fxsSocket, nil
		}
		return emptySocket, nil
	})
}
