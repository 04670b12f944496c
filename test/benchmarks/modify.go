package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/users"
)

// account is the private metadata of the answer, as a program would declare it.
type account struct {
	StripeID string `json:"stripeId"`
	Billing  struct {
		Plan  string `json:"plan"`
		Until string `json:"until"`
	} `json:"billing"`
}

// addModify changes one typed value: a read, and a write of what changed. By hand it
// is a read and a write of the whole struct, which overwrites concurrent changes.
func addModify(s *Set) error {
	before := answer()
	after := bytes.Replace(before, []byte("cus_123"), []byte("cus_456"), 1)
	t := target{baseURL, inMemory(func(r *http.Request) []byte {
		if r.Method == http.MethodGet {
			return before
		}
		return after
	})}
	c, err := newClient(t)
	if err != nil {
		return err
	}
	type values struct {
		Private account `json:"private_metadata"`
	}
	view := users.As[values](c.Users)
	hand := newByHand(t)
	s.Cases = append(s.Cases, Case{Group: "A typed value", Name: "read, change, write, in memory", Candidates: []Candidate{
		{Name: "by hand", Run: func(ctx context.Context) error { return modifyByHand(ctx, hand) }},
		{Name: "clerkmeta", Run: func(ctx context.Context) error {
			m, err := view.Modify(ctx, userID, func(v *values) error {
				v.Private.StripeID = "cus_456"
				return nil
			})
			if err != nil {
				return err
			}
			return isUser(m.User.ID, nil)
		}},
	}})
	return nil
}

func modifyByHand(ctx context.Context, c *byHand) error {
	u, err := c.get(ctx)
	if err != nil {
		return err
	}
	var a account
	if err := json.Unmarshal(u.PrivateMetadata, &a); err != nil {
		return err
	}
	a.StripeID = "cus_456"
	u, err = c.write(ctx, userID, map[string]any{"private_metadata": a})
	if err != nil {
		return err
	}
	return isUser(u.ID, json.Unmarshal(u.PrivateMetadata, &a))
}
