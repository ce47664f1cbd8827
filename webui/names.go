package webui

import "context"

// Names are what people call the things whose ids live state, call records and the journal carry. What has no name of its
// own is not among them.
type Names struct {
	Lines     map[string]string `json:"lines"` // by line id: "fxo/1", "trunk/ctc", "phone/801"
	Queues    map[string]string `json:"queues"`
	Agents    map[string]string `json:"agents"`
	Menus     map[string]string `json:"menus"`
	Mailboxes map[string]string `json:"mailboxes"`
	Rooms     map[string]string `json:"rooms"`
}

type namesAnswer struct{ Body Names }

func (s *Server) getNames(ctx context.Context, _ *struct{}) (*namesAnswer, error) {
	c := s.Configs.Config()
	n := Names{
		Lines: map[string]string{}, Queues: map[string]string{}, Agents: map[string]string{},
		Menus: map[string]string{}, Mailboxes: map[string]string{}, Rooms: map[string]string{},
	}
	for l := range c.Outside {
		note(n.Lines, l.ID, l.Name)
	}
	for _, p := range c.Phones {
		note(n.Lines, "phone/"+p.Extension, p.Name)
	}
	for _, q := range c.Queues {
		note(n.Queues, q.ID, q.Name)
	}
	for _, a := range c.Agents {
		note(n.Agents, a.ID, a.Name)
	}
	for _, m := range c.Menus {
		note(n.Menus, m.ID, m.Name)
	}
	for _, m := range c.Mailboxes {
		note(n.Mailboxes, m.ID, m.Name)
	}
	for _, r := range c.Rooms {
		note(n.Rooms, r.ID, r.Name)
	}
	if asker(ctx).hasTeam() { // an agent puts callers through to all of them
		team := s.team(ctx)
		ownNames(n.Queues, team.HasQueue)
		ownNames(n.Agents, team.HasAgent)
	}
	return &namesAnswer{n}, nil
}

func note(names map[string]string, id, name string) {
	if name != "" {
		names[id] = name
	}
}
