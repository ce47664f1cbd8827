package telephony

import "slices"

// Mask stands for a secret that is set, on every way out of the box. Given back on a way in, it keeps the secret that is.
const Mask = "********"

// Masked is the configuration without its secrets, for pages, the API and logs.
func (c *Config) Masked() *Config {
	m := *c
	m.Trunks, m.Phones = slices.Clone(c.Trunks), slices.Clone(c.Phones)
	m.Agents, m.Mailboxes = slices.Clone(c.Agents), slices.Clone(c.Mailboxes)
	m.Rooms, m.Webhooks = slices.Clone(c.Rooms), slices.Clone(c.Webhooks)
	m.eachSecret(func(_ string, s *string) {
		if *s != "" {
			*s = Mask
		}
	})
	return &m
}

// Unmasked puts the secrets of old where a mask stands. A masked secret of something new stays a mask, which Validate
// refuses.
func (c *Config) Unmasked(old *Config) *Config {
	m := *c
	m.Trunks, m.Phones = slices.Clone(c.Trunks), slices.Clone(c.Phones)
	m.Agents, m.Mailboxes = slices.Clone(c.Agents), slices.Clone(c.Mailboxes)
	m.Rooms, m.Webhooks = slices.Clone(c.Rooms), slices.Clone(c.Webhooks)
	known := map[string]string{}
	if old != nil {
		old.eachSecret(func(name string, s *string) { known[name] = *s })
	}
	m.eachSecret(func(name string, s *string) {
		if was, ok := known[name]; ok && *s == Mask {
			*s = was
		}
	})
	return &m
}

// eachSecret visits every secret of the configuration under a name that does not depend on its place in a list.
func (c *Config) eachSecret(visit func(name string, s *string)) {
	for i := range c.Trunks {
		visit("trunk/"+c.Trunks[i].ID, &c.Trunks[i].Password)
	}
	for i := range c.Phones {
		visit("phone/"+c.Phones[i].Extension, &c.Phones[i].Password)
	}
	for i := range c.Agents {
		visit("agent/"+c.Agents[i].ID, &c.Agents[i].PIN)
	}
	for i := range c.Mailboxes {
		visit("mailbox/"+c.Mailboxes[i].ID, &c.Mailboxes[i].PIN)
	}
	for i := range c.Rooms {
		visit("room/"+c.Rooms[i].ID, &c.Rooms[i].PIN)
	}
	visit("mail", &c.Mail.Password)
	visit("sms", &c.SMS.Secret)
	for i := range c.Webhooks {
		visit("webhook/"+c.Webhooks[i].ID, &c.Webhooks[i].Secret)
	}
}
