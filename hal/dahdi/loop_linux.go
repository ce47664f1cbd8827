package dahdi

import (
	"time"

	"golang.org/x/sys/unix"
)

// A loop waits for what happens on the channels that it watches. Its goroutine (run) is the one that receives.
//
// It has an epoll of its own, for the netpoller of Go does not ask for EPOLLPRI, and an event without data would wake nobody.
type loop struct {
	epoll   int
	alert   int // an eventfd
	watched map[int32]watched
	stop    chan struct{}
	ended   chan struct{}
}

// A watched is a port whose channel the loop waits for.
type watched interface {
	// ready takes in what happened.
	ready(events uint32)
	// look reads the port's state, of which not every change is an event.
	look() error
	// tell tells what the owner had no room for. It reports whether nothing is left.
	tell() bool
}

// How often the loop looks at what no event tells, and how soon it tries again to tell a full box.
const (
	lookPeriod = time.Second
	tellPeriod = 50 * time.Millisecond
)

func newLoop() (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	alert, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, err
	}
	l := &loop{epoll: epoll, alert: alert, watched: map[int32]watched{}, stop: make(chan struct{}), ended: make(chan struct{})}
	if err := l.add(alert, unix.EPOLLIN); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// watch adds a channel, before run.
func (l *loop) watch(fd int, events uint32, w watched) error {
	l.watched[int32(fd)] = w
	return l.add(fd, events)
}

func (l *loop) add(fd int, events uint32) error {
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// wake has the loop look at every port now.
func (l *loop) wake() {
	one := [8]byte{1}
	_, _ = unix.Write(l.alert, one[:])
}

func (l *loop) run() {
	defer close(l.ended)
	wait, looked := lookPeriod, time.Now()
	for {
		woken := l.wait(wait)
		select {
		case <-l.stop:
			return
		default:
		}
		if woken || time.Since(looked) >= lookPeriod {
			looked = time.Now()
			l.look()
		}
		wait = l.tell()
	}
}

// wait takes in what happens until something has, and reports whether every port is to be looked at.
func (l *loop) wait(limit time.Duration) (woken bool) {
	var events [64]unix.EpollEvent
	n, _ := unix.EpollWait(l.epoll, events[:], int(limit.Milliseconds())) // a signal may end it early
	for _, e := range events[:max(n, 0)] {
		switch {
		case e.Fd == int32(l.alert):
			woken = l.alerted() || woken
		case e.Events&(unix.EPOLLERR|unix.EPOLLHUP) != 0: // the card is gone, and would tell so for ever
			_ = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, int(e.Fd), nil)
			woken = true
		default:
			l.watched[e.Fd].ready(e.Events)
		}
	}
	return woken
}

// alerted takes in the alert.
func (l *loop) alerted() bool {
	var count [8]byte
	_, err := unix.Read(l.alert, count[:])
	return err == nil
}

func (l *loop) look() {
	for _, w := range l.watched {
		_ = w.look()
	}
}

// tell returns how long to wait for an event.
func (l *loop) tell() time.Duration {
	wait := lookPeriod
	for _, w := range l.watched {
		if !w.tell() {
			wait = tellPeriod
		}
	}
	return wait
}

// end stops run and waits for it.
func (l *loop) end() {
	close(l.stop)
	l.wake()
	<-l.ended
}

func (l *loop) close() {
	unix.Close(l.epoll)
	unix.Close(l.alert)
}
