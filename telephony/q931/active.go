package q931

// active takes in what may come while the call is up. A CONNECT ACKNOWLEDGE is the calling user's, and says nothing (5.1.8).
func (c *call) active(m *Message) (expected bool) {
	switch m.Type {
	case TypeConnectAcknowledge, TypeInformation, TypeProgress:
		return true
	}
	return false
}
