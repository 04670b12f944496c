package benchmarks

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	clerkuser "github.com/clerk/clerk-sdk-go/v2/user"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// calls are the operations that are compared.
type calls struct {
	update, get func(context.Context) error
}

// target is where a client sends its requests, and through what.
type target struct {
	baseURL   string
	transport http.RoundTripper
}

// change is what is written.
func change() map[string]any { return map[string]any{"stripeId": "cus_123"} }

func addUserCalls(s *Set) error {
	for _, network := range []struct {
		group  string
		target func() target
	}{
		{"A user, in memory", func() target { return target{baseURL, always(answer())} }},
		{"A user, over loopback", func() target { return overLoopback(s.server) }},
	} {
		clients, err := everyClient(network.target)
		if err != nil {
			return err
		}
		update, get := Case{Group: network.group, Name: "update"}, Case{Group: network.group, Name: "get"}
		for _, client := range clients {
			update.Candidates = append(update.Candidates, Candidate{Name: client.name, Run: client.update})
			get.Candidates = append(get.Candidates, Candidate{Name: client.name, Run: client.get})
		}
		s.add(update)
		s.add(get)
	}
	return nil
}

// overLoopback gives each client a separate pool, with room for all goroutines.
func overLoopback(server *httptest.Server) target {
	return target{server.URL + "/v1", &http.Transport{MaxIdleConnsPerHost: 2 * goroutines}}
}

type namedCalls struct {
	name string
	calls
}

func everyClient(t func() target) ([]namedCalls, error) {
	ours, err := ours(t())
	if err != nil {
		return nil, err
	}
	return []namedCalls{
		{"by hand", newByHand(t()).calls()},
		{"clerkmeta", ours},
		{"go-retryablehttp", newRetryable(t()).calls()},
		{"clerk-sdk-go", official(t())},
	}, nil
}

func newClient(t target) (*client.Client, error) {
	return client.New(client.SecretKey(key), client.WithBaseURL(t.baseURL), client.WithHTTPClient(&http.Client{Transport: t.transport}))
}

func ours(t target) (calls, error) {
	c, err := newClient(t)
	if err != nil {
		return calls{}, err
	}
	return calls{
		update: func(ctx context.Context) error {
			u, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{PrivateMetadata: change()})
			return ourUser(u, err)
		},
		get: func(ctx context.Context) error {
			u, err := c.Users.GetUser(ctx, userID)
			return ourUser(u, err)
		},
	}, nil
}

func ourUser(u *users.User, err error) error {
	if err != nil {
		return err
	}
	return isUser(u.ID, nil)
}

// official is Clerk's own client, with the http.Client that all are given.
func official(t target) calls {
	config := &clerk.ClientConfig{}
	config.HTTPClient = &http.Client{Transport: t.transport}
	config.URL, config.Key = clerk.String(t.baseURL), clerk.String(key)
	c := clerkuser.NewClient(config)
	return calls{
		update: func(ctx context.Context) error {
			raw, err := json.Marshal(change())
			if err != nil {
				return err
			}
			u, err := c.UpdateMetadata(ctx, userID, &clerkuser.UpdateMetadataParams{PrivateMetadata: clerk.JSONRawMessage(raw)})
			return officialUser(u, err)
		},
		get: func(ctx context.Context) error {
			u, err := c.Get(ctx, userID)
			return officialUser(u, err)
		},
	}
}

func officialUser(u *clerk.User, err error) error {
	if err != nil {
		return err
	}
	return isUser(u.ID, nil)
}
