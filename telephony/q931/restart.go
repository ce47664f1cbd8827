package q931

import (
	"slices"

	"callbox/telephony"
	"callbox/telephony/machine"
)

// maxRestarts bounds the restarts that wait for each other: there is one global call reference.
const maxRestarts = 32

// A restart is one of ours (5.5.1).
type restart struct {
	channels []int  // as the owner asked
	slots    uint32 // the same; 0: the interface
	octets   []byte // the RESTART, once it is sent
	sent     int
}

// restart takes a restart in.
func (i *Interface) restart(channels []int) {
	r := restart{channels: slices.Clone(channels)}
	for _, n := range channels {
		ch := Channel{Number: n}
		r.slots |= ch.slot()
	}
	switch {
	case len(channels) > 0 && r.slots == 0, len(i.restarts) == maxRestarts:
		i.do(RestartDone{Channels: channels, Failed: true})
	case !i.up:
		i.do(RestartDone{Channels: channels, Failed: true}, Establish{})
	default:
		if i.restarts = append(i.restarts, r); len(i.restarts) == 1 {
			i.beginRestart()
		}
	}
}

// beginRestart sends the RESTART whose turn it is.
func (i *Interface) beginRestart() {
	r := &i.restarts[0]
	i.vacate(r.slots, true)
	m := &Message{Type: TypeRestart}
	class := RestartInterface
	if r.slots != 0 {
		class = RestartChannels
		m.Channels = &Channels{Slots: r.slots, Exclusive: true}
	}
	m.Restart = &class
	r.octets, r.sent = i.send(m), 1
	i.do(machine.Start{Timer: t316, After: lasts[t316][i.side]})
}

// vacate ends the calls on channels, without a message: RESTART is one for all of them. No slots means every channel.
func (i *Interface) vacate(slots uint32, byUs bool) {
	for _, c := range slices.Clone(i.calls) {
		if slots == 0 || c.channel.slot()&slots != 0 {
			if byUs {
				c.because(telephony.CauseTemporary)
			} else {
				c.blame(Reason{Cause: telephony.CauseTemporary})
			}
			c.end(false)
		}
	}
}

// restartUnanswered is T316: RESTART goes out once more, and then somebody has to look (5.5.1).
func (i *Interface) restartUnanswered() {
	if len(i.restarts) == 0 {
		return
	}
	r := &i.restarts[0]
	if r.sent == maxRestartsSent {
		i.endRestart(RestartDone{Channels: r.channels, Failed: true})
		return
	}
	r.sent++
	i.do(Send{r.octets}, machine.Start{Timer: t316, After: lasts[t316][i.side]})
}

// endRestart tells what came of a restart and goes on to the next.
func (i *Interface) endRestart(done ...Action) {
	i.do(done...)
	if i.restarts = i.restarts[1:]; len(i.restarts) > 0 {
		i.beginRestart()
	}
}

// failRestarts is the end of all restarts: the data link that they need is lost.
func (i *Interface) failRestarts() {
	if len(i.restarts) > 0 {
		i.do(machine.Stop{Timer: t316})
	}
	for _, r := range i.restarts {
		i.do(RestartDone{Channels: r.channels, Failed: true})
	}
	i.restarts = nil
}

// acknowledged takes in RESTART ACKNOWLEDGE. Channels that it leaves out are not idle at the far end (5.5.1).
func (i *Interface) acknowledged(m *Message) {
	if len(i.restarts) == 0 {
		i.odd(Ref{}, m.String()+" without a restart")
		return
	}
	r := i.restarts[0]
	var done, failed []int
	for _, n := range r.channels {
		if ch := (Channel{Number: n}); m.Channels == nil || ch.slot()&m.Channels.Slots != 0 {
			done = append(done, n)
		} else {
			failed = append(failed, n)
		}
	}
	news := []Action{machine.Stop{Timer: t316}}
	if len(done) > 0 || len(r.channels) == 0 {
		news = append(news, RestartDone{Channels: done})
	}
	if len(failed) > 0 {
		news = append(news, RestartDone{Channels: failed, Failed: true})
	}
	i.endRestart(news...)
}

// restarted does what the far end's RESTART asks for, and acknowledges it (5.5.2).
func (i *Interface) restarted(m *Message) {
	var named uint32
	if *m.Restart == RestartChannels {
		named = m.Channels.Slots
	}
	i.vacate(named, false)
	var channels []int
	for n := range 32 {
		if named>>n&1 != 0 {
			channels = append(channels, n)
		}
	}
	i.do(Restarted{Channels: channels})
	i.send(&Message{Flag: !m.Flag, Type: TypeRestartAcknowledge, Channels: m.Channels, Restart: m.Restart})
}
