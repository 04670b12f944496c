package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/clerkmeta/clerkmeta-go/users"
)

// addAnswers reads the answer: the id, the two times and copies of the three
// metadata fields, with a copy of the whole.
func addAnswers(s *Set) error {
	text := answer()
	c := Case{Group: "Reading an answer", Name: "a user of 3.2 KB"}
	for _, way := range []struct {
		name string
		read func([]byte) (user, error)
	}{
		{"encoding/json", unmarshal},
		{"users.ParseUser", parseUser},
	} {
		c.Candidates = append(c.Candidates, Candidate{Name: way.name, Run: func(context.Context) error {
			u, err := way.read(text)
			if err == nil && (!bytes.HasPrefix(u.PrivateMetadata, []byte(`{"stripeId"`)) || u.UpdatedAt != 1700000000001) {
				err = errNoUser
			}
			return isUser(u.ID, err)
		}})
	}
	s.Cases = append(s.Cases, c)
	return nil
}

// raw keeps the copy of the whole from being optimized away.
type raw struct{ text []byte }

func unmarshal(text []byte) (u user, err error) {
	kept := &raw{bytes.Clone(text)}
	err = json.Unmarshal(kept.text, &u)
	return u, err
}

func parseUser(text []byte) (user, error) {
	u, err := users.ParseUser(text)
	return user{ID: u.ID, PrivateMetadata: json.RawMessage(u.PrivateMetadata.String()), UpdatedAt: u.UpdatedAt.UnixMilli()}, err
}
