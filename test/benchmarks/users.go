package benchmarks

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	clerkuser "github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// calls are the operations that are compared, as one client makes them.
type calls struct {
	by          string
	update, get func(context.Context) error
}

// userCalls updates and reads a user. Each client gets a separate target.
func userCalls(tb testing.TB, group string, t func() target) []Case {
	tb.Helper()
	var cases []Case
	for _, c := range []calls{
		newByHand(t()).calls("by hand"), ours(tb, t()), newRetryable(t()).calls("go-retryablehttp"), official(t()),
	} {
		cases = append(cases,
			Case{Group: group, Task: "update", By: c.by, Parallel: true, Run: c.update},
			Case{Group: group, Task: "get", By: c.by, Parallel: true, Run: c.get})
	}
	return cases
}

func newClient(tb testing.TB, t target) *client.Client {
	tb.Helper()
	c, err := client.New(client.SecretKey(key), client.WithBaseURL(t.baseURL), client.WithHTTPClient(&http.Client{Transport: t.transport}))
	require.NoError(tb, err)
	return c
}

func ours(tb testing.TB, t target) calls {
	tb.Helper()
	c := newClient(tb, t)
	return calls{
		by: "clerkmeta",
		update: func(ctx context.Context) error {
			u, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{PrivateMetadata: change()})
			return read(err, func() string { return u.ID })
		},
		get: func(ctx context.Context) error {
			u, err := c.Users.GetUser(ctx, userID)
			return read(err, func() string { return u.ID })
		},
	}
}

// official is Clerk's own client, with the http.Client that all are given.
func official(t target) calls {
	config := &clerk.ClientConfig{}
	config.HTTPClient = &http.Client{Transport: t.transport}
	config.URL, config.Key = clerk.String(t.baseURL), clerk.String(key)
	c := clerkuser.NewClient(config)
	return calls{
		by: "clerk-sdk-go",
		update: func(ctx context.Context) error {
			raw, err := json.Marshal(change())
			if err != nil {
				return err
			}
			u, err := c.UpdateMetadata(ctx, userID, &clerkuser.UpdateMetadataParams{PrivateMetadata: clerk.JSONRawMessage(raw)})
			return read(err, func() string { return u.ID })
		},
		get: func(ctx context.Context) error {
			u, err := c.Get(ctx, userID)
			return read(err, func() string { return u.ID })
		},
	}
}
