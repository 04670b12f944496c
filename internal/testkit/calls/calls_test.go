package calls_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// noCalls are the exported methods that make no request.
var noCalls = map[string]bool{
	"me.CloseIdleConnections": true,
	"users.View.Decode":       true, "users.View.With": true,
	"organizations.View.Decode": true, "organizations.View.With": true,
	"organizations.MembershipView.Decode": true, "organizations.MembershipView.With": true,
	"me.View.With": true,
}

// callers are the types whose exported methods are calls: each service, and the
// typed views of it.
func callers() []reflect.Type {
	type anything struct{}
	all := []reflect.Type{
		reflect.TypeFor[*users.View[anything]](), reflect.TypeFor[*organizations.View[anything]](),
		reflect.TypeFor[*organizations.MembershipView[anything]](), reflect.TypeFor[*me.View[anything]](),
	}
	for _, holder := range []reflect.Type{reflect.TypeFor[client.Client](), reflect.TypeFor[calls.SDK]()} {
		for i := range holder.NumField() {
			if f := holder.Field(i); f.IsExported() && !f.Anonymous {
				all = append(all, f.Type)
			}
		}
	}
	return all
}

// TestEveryCallIsListed compares the list with the exported methods.
func TestEveryCallIsListed(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, c := range calls.All() {
		require.False(t, listed[c.Name], "%s is listed twice", c.Name)
		listed[c.Name] = true
	}
	found := map[string]bool{}
	for _, caller := range callers() {
		path := caller.Elem().PkgPath()
		receiver := path[strings.LastIndex(path, "/")+1:] + "."
		if name, _, _ := strings.Cut(caller.Elem().Name(), "["); name != "Service" {
			receiver += name + "."
		}
		for i := range caller.NumMethod() {
			name := receiver + caller.Method(i).Name
			found[name] = true
			require.True(t, listed[name] != noCalls[name], "%s is no entry of package calls", name)
		}
	}
	for name := range listed {
		require.True(t, found[name], "%s is no method", name)
	}
	for name := range noCalls {
		require.True(t, found[name], "%s is no method", name)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestCallsAreAsListed makes every call and compares what it does with its entry.
func TestCallsAreAsListed(t *testing.T) {
	t.Parallel()
	for _, c := range calls.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var made []calls.Request
			hook := client.WithCallHook(func(ctx context.Context, begun observe.Call) (context.Context, func(observe.Result)) {
				made = append(made, calls.Request{Operation: begun.Operation, Method: begun.Method, Route: begun.Route})
				return ctx, nil
			})
			clerk, err := clerktest.New(calls.Seed(map[string]int{"b": 2}))
			require.NoError(t, err)
			before := clerk.State()
			s, err := calls.New(clerk.SecretKey(), "https://clerk.test/v1", "https://clerk.test", clerk.Transport(), hook)
			require.NoError(t, err)
			r := c.Do(t.Context(), s, calls.Valid())
			require.NoError(t, r.Err)
			require.NotEmpty(t, r.Found)
			require.Empty(t, r.Before)
			want := make([]calls.Request, len(c.Requests))
			for i, request := range c.Requests {
				request.Partial = false
				want[i] = request
			}
			require.Equal(t, want, made)
			require.Equal(t, c.IsWrite(), c.Requests[len(c.Requests)-1].IsWrite())
			if c.IsWrite() {
				require.NotEqual(t, before, clerk.State())
			} else {
				require.Equal(t, before, clerk.State())
			}
		})
	}
}

// TestWalksEnd at the limit, and at an error, which comes last.
func TestWalksEnd(t *testing.T) {
	t.Parallel()
	clerk, err := clerktest.New(calls.Seed(nil))
	require.NoError(t, err)
	pages := 0
	s, err := calls.New(clerk.SecretKey(), "https://clerk.test/v1", "https://clerk.test", roundTripper(func(r *http.Request) (*http.Response, error) {
		if pages++; pages > 1 {
			return nil, http.ErrServerClosed
		}
		return clerk.Transport().RoundTrip(r)
	}), client.WithRetry(client.Retry{MaxRetries: client.None}))
	require.NoError(t, err)
	in := calls.Valid()
	in.PageSize, in.Limit = 1, 1
	walk := calls.Named("users.All")
	require.Len(t, walk.Do(t.Context(), s, in).Found, 1)
	pages, in.Limit = 0, 0
	r := walk.Do(t.Context(), s, in)
	require.ErrorIs(t, r.Err, http.ErrServerClosed)
	require.Len(t, r.Before, 1)
	require.Empty(t, r.Found)
}
