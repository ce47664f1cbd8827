package telephony

import "slices"

// A Team is the part of the box that somebody has who has not all of it (A16.2): a supervisor with a team some queues, and the agents who
// are in one of them now; an agent the own desk. What is of it is decided here alone; nil is the whole box.
type Team struct {
	queues, agents map[string]bool
	desk           bool // of an agent: a call is hers if she has a part in it, whatever queue it came to
}

// Team is that of some queues, and of the agent whom the supervisor is, if any. A queue that is not there any more gives nothing.
func (c *Config) Team(queues []string, own string) *Team {
	t := &Team{queues: map[string]bool{}, agents: map[string]bool{own: own != ""}}
	for _, q := range c.Queues {
		if !slices.Contains(queues, q.ID) {
			continue
		}
		t.queues[q.ID] = true
		for _, m := range q.Members {
			t.agents[m.Agent] = true
		}
	}
	return t
}

// Desk is that of an agent: the queues that the agent is in. Whoever is no agent has none.
func (c *Config) Desk(agent string) *Team {
	t := &Team{queues: map[string]bool{}, agents: map[string]bool{agent: agent != ""}, desk: true}
	for _, q := range c.Queues {
		t.queues[q.ID] = slices.ContainsFunc(q.Members, func(m Member) bool { return m.Agent == agent })
	}
	return t
}

// HasQueue says that a queue is of the team.
func (t *Team) HasQueue(id string) bool { return t == nil || t.queues[id] }

// HasAgent says that an agent is.
func (t *Team) HasAgent(id string) bool { return t == nil || t.agents[id] }

// HasCall says that a call is: it came to one of its queues, or one of its agents took part in it.
func (t *Team) HasCall(queues, agents []string) bool {
	return t == nil || !t.desk && slices.ContainsFunc(queues, t.HasQueue) || slices.ContainsFunc(agents, t.HasAgent)
}
