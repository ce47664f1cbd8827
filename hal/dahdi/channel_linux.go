package dahdi

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const (
	controlDevice = "/dev/dahdi/ctl"
	channelDevice = "/dev/dahdi/channel"
	timerDevice   = "/dev/dahdi/timer"
)

// openDevice opens a file of DAHDI. None of them ever makes us wait.
func openDevice(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("%s: %w", path, err)
	}
	return fd, nil
}

// openChannel opens a channel by its number in the kernel, with count buffers of size octets each way. Channels are not
// opened by a name of their own: those names are udev's, and end at 250.
func openChannel(number, count, size int) (int, error) {
	fd, err := openDevice(channelDevice)
	if err != nil {
		return -1, err
	}
	if err = set(fd, ioSpecify, number); err == nil {
		err = ioctl(fd, ioSetBufInfo, &bufferInfo{count: int32(count), size: int32(size)})
	}
	if err != nil {
		unix.Close(fd)
		if err == unix.EBUSY {
			return -1, fmt.Errorf("channel %d is in use: end the other program that drives the card", number)
		}
		return -1, fmt.Errorf("channel %d: %w", number, err)
	}
	return fd, nil
}
