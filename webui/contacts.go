package webui

import "context"

// A Contact is an entry of somebody's own address book (A5.12).
type Contact struct {
	Number string `json:"number"` // as it is dialled
	Name   string `json:"name"`
	Note   string `json:"note,omitempty"`
}

// Contacts are the verbs of people's own address books. They are known by the names of their accounts.
type Contacts interface {
	Contacts(user string) ([]Contact, error)
	// PutContact writes one down, in the place of the one with its number and of the one that had another number until now.
	PutContact(ctx context.Context, user, was string, c Contact) error
	DeleteContact(ctx context.Context, user, number string) error
}

type contactsAnswer struct {
	Body struct {
		Contacts []Contact `json:"contacts"`
	}
}

func (s *Server) getContacts(ctx context.Context, _ *struct{}) (*contactsAnswer, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	answer := &contactsAnswer{}
	answer.Body.Contacts, err = s.Accounts.Contacts(user)
	return answer, err
}

type contactInput struct {
	Was  string `query:"was" maxLength:"32" pattern:"^[0-9+*#]*$" doc:"The number that it had until now, where that is another one"`
	Body Contact
}

func (s *Server) postContact(ctx context.Context, in *contactInput) (*struct{}, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	return nil, s.Accounts.PutContact(ctx, user, in.Was, in.Body)
}

type contactPath struct {
	Number string `path:"number" maxLength:"32" pattern:"^[0-9+*#]+$"`
}

func (s *Server) deleteContact(ctx context.Context, in *contactPath) (*struct{}, error) {
	user, err := accountOf(ctx)
	if err != nil {
		return nil, err
	}
	return nil, s.Accounts.DeleteContact(ctx, user, in.Number)
}

// contactName is what the asker's own address book calls a number; a program has none. Who sees numbers masked is not told: the hidden
// digits could be tried out by writing contacts.
func (s *Server) contactName(ctx context.Context, number string) (name string, err error) {
	user, err := accountOf(ctx)
	if err != nil || s.masks(asker(ctx).Role) {
		return "", nil
	}
	list, err := s.Accounts.Contacts(user)
	for _, c := range list {
		if c.Number == number {
			name = c.Name
		}
	}
	return name, err
}
