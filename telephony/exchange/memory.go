package exchange

import "sync"

// memorySize bounds how many callers the box remembers; the oldest goes first.
const memorySize = 10000

// memory knows which agent a caller last spoke with (A2.6). Its lock is held for a few instructions only.
type memory struct {
	mu     sync.Mutex
	agents map[string]string
	order  []string
}

// Spoke remembers who spoke with whom. At the start of the box the call records are told again.
func (x *Exchange) Spoke(number, agent string) {
	m := &x.spoke
	if number == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.agents == nil {
		m.agents = map[string]string{}
	}
	if _, known := m.agents[number]; !known {
		m.order = append(m.order, number)
		if len(m.order) > memorySize {
			delete(m.agents, m.order[0])
			m.order = m.order[1:]
		}
	}
	m.agents[number] = agent
}

// LastAgent is the agent who last spoke with the number, or "".
func (x *Exchange) LastAgent(number string) string {
	x.spoke.mu.Lock()
	defer x.spoke.mu.Unlock()
	return x.spoke.agents[number]
}
