package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"

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

// typedValue changes one typed value: a read, and a write of what changed. By hand it is
// a read and a write of the whole struct, which overwrites concurrent changes.
func typedValue(tb testing.TB) []Case {
	tb.Helper()
	after := bytes.Replace(answer, []byte("cus_123"), []byte("cus_456"), 1)
	t := target{"https://api.clerk.com/v1", inMemory(func(r *http.Request) []byte {
		if r.Method == http.MethodGet {
			return answer
		}
		return after
	})}
	type values struct {
		Private account `json:"private_metadata"`
	}
	view, hand := users.As[values](newClient(tb, t).Users), newByHand(t)
	const group, task = "A typed value", "read, change, write"
	return []Case{
		{Group: group, Task: task, By: "by hand", Run: func(ctx context.Context) error { return modifyByHand(ctx, hand) }},
		{Group: group, Task: task, By: "clerkmeta", Run: func(ctx context.Context) error {
			m, err := view.Modify(ctx, userID, func(v *values) error {
				v.Private.StripeID = "cus_456"
				return nil
			})
			return read(err, func() string { return m.User.ID })
		}},
	}
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
	if err == nil {
		err = json.Unmarshal(u.PrivateMetadata, &a)
	}
	return read(err, func() string { return u.ID })
}
