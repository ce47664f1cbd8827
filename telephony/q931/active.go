package q931

// active takes in what may come while the call is up, none of which changes anything: the CONNECT ACKNOWLEDGE of a calling user
// (5.1.8), digits and displays, news of the call's way.
func (c *call) active(m *Message) (expected bool) {
	switch m.Type {
	case TypeConnectAcknowledge, TypeInformation, TypeProgress:
		return true
	}
	return false
}
