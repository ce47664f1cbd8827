package q931

import "slices"

// mandatory are the elements without which a message means nothing (3.1). In clearing messages after the first, a cause is not.
func (m *Message) mandatory(at Side, first bool) []element {
	switch m.Type {
	case TypeSetup:
		if at == User {
			return []element{elementBearer, elementChannel}
		}
		return []element{elementBearer}
	case TypeDisconnect:
		return []element{elementCause}
	case TypeRelease, TypeReleaseComplete:
		if first {
			return []element{elementCause}
		}
	case TypeStatus:
		return []element{elementCause, elementState}
	case TypeProgress:
		return []element{elementProgress}
	case TypeRestart, TypeRestartAcknowledge:
		if m.Restart != nil && *m.Restart == RestartChannels {
			return []element{elementRestart, elementChannel}
		}
		return []element{elementRestart}
	}
	return nil
}

func (m *Message) has(id element) bool {
	switch id {
	case elementBearer:
		return m.Bearer != (Bearer{})
	case elementCause:
		return m.Reason.Cause != 0
	case elementState:
		return m.State != nil
	case elementChannel:
		return m.Channels != nil
	case elementProgress:
		return len(m.Progress) > 0
	case elementRestart:
		return m.Restart != nil
	}
	return false
}

// fault is what is wrong with the elements of a message that came to a side, worst first, and whether the message is not to
// be acted upon for it (5.8.6, 5.8.7). First says that no clearing message came before. Reason.Cause 0: nothing is wrong.
func (m *Message) fault(at Side, first bool) (complaint Reason, grave bool) {
	var missing, bad, needed []element
	for _, id := range m.mandatory(at, first) {
		switch {
		case m.has(id):
		case slices.Contains(m.bad, id):
			bad = append(bad, id)
		default:
			missing = append(missing, id)
		}
	}
	for _, id := range m.unknown {
		if id.needed() {
			needed = append(needed, id)
		}
	}
	switch {
	case len(missing) > 0: // 5.8.6.1
		return at.reason(causeElementMissing, octets(missing)...), true
	case len(needed) > 0: // 5.8.7.1: as if a mandatory element were missing
		return at.reason(causeElementMissing, octets(needed)...), true
	case len(bad) > 0: // 5.8.6.2
		return at.reason(causeBadElement, octets(bad)...), true
	case len(m.unknown) > 0: // 5.8.7.1
		return at.reason(causeUnknownElement, octets(m.unknown)...), false
	case len(m.bad) > 0: // 5.8.7.2
		return at.reason(causeBadElement, octets(m.bad)...), false
	}
	return Reason{}, false
}

func octets(ids []element) (b []byte) {
	for _, id := range ids {
		b = append(b, byte(id))
	}
	return b
}
