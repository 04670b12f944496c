package calls_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// methods returns every exported method that takes a context, of each type of this module that is named
// Service or ends in View. It reads the sources, so that a service which no client holds counts too.
func methods(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../../*/*.go")
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range parsed.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() || len(f.Type.Params.List) == 0 {
				continue
			}
			receiver := strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*")
			receiver, _, _ = strings.Cut(receiver, "[")
			isCaller := receiver == "Service" || strings.HasSuffix(receiver, "View")
			if isCaller && types.ExprString(f.Type.Params.List[0].Type) == "context.Context" {
				names = append(names, strings.Replace(parsed.Name.Name+"."+receiver+"."+f.Name.Name, ".Service.", ".", 1))
			}
		}
	}
	return names
}

// TestEveryCallIsListed compares the list with the methods.
func TestEveryCallIsListed(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, c := range calls.All() {
		listed = append(listed, c.Name)
	}
	require.ElementsMatch(t, methods(t), listed)
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
