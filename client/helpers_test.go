package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

const (
	key         = "sk_test_example"
	fapi        = "https://clerk.example.com"
	userJSON    = `{"id":"user_1","public_metadata":{"a":1},"private_metadata":{},"unsafe_metadata":{}}`
	lockedJSON  = `{"errors":[{"code":"resource_locked","message":"Please try again."}]}`
	managedJSON = `{"errors":[{"code":"attribute_managed_by_scim","message":"no"}]}`
)

// roundTripper answers one attempt.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a complete answer; headers are names and values in turn.
func answer(status int, body string, headers ...string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: h, Request: r,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// cut is an answer whose connection is lost after body.
func cut(status int, body string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := answer(status, "")(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), failingReader{}))
		resp.ContentLength = int64(len(body)) + 1
		return resp, err
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func broken(err error) roundTripper {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hangs answers when the attempt's context ends, as net/http does: with the
// context's cause.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// script answers with its steps in turn, the last of them for ever, and keeps
// what it saw.
type script struct {
	steps []roundTripper

	mu   sync.Mutex
	seen []*http.Request
	sent []string
	at   []time.Time
}

func play(steps ...roundTripper) *script { return &script{steps: steps} }

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		body = string(b)
	}
	s.mu.Lock()
	step := s.steps[min(len(s.seen), len(s.steps)-1)]
	s.seen = append(s.seen, r.Clone(context.WithoutCancel(r.Context())))
	s.sent = append(s.sent, body)
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	return step(r)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// waits are the times between the attempts.
func (s *script) waits() []time.Duration {
	var all []time.Duration
	for i := 1; i < len(s.at); i++ {
		all = append(all, s.at[i].Sub(s.at[i-1]))
	}
	return all
}

func over(rt http.RoundTripper, opts ...client.Option) []client.Option {
	return append(opts[:len(opts):len(opts)], client.WithHTTPClient(&http.Client{Transport: rt}))
}

func newClient(t *testing.T, rt http.RoundTripper, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(client.SecretKey(key), over(rt, opts...)...)
	require.NoError(t, err)
	return c
}

func newFrontend(t *testing.T, rt http.RoundTripper, opts ...client.Option) *me.Service {
	t.Helper()
	s, err := client.NewFrontend(fapi, over(rt, opts...)...)
	require.NoError(t, err)
	return s
}

// overLoopback talks to a real server.
func overLoopback(t *testing.T, baseURL string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(client.SecretKey(key), append(opts, client.WithBaseURL(baseURL))...)
	require.NoError(t, err)
	return c
}

// quick is r without waits between the attempts, and without timeouts that a busy machine
// could run into, unless r has its own.
func quick(r client.Retry) client.Option {
	r.BaseDelay = client.None
	if r.Timeout == 0 && r.AttemptTimeout == 0 {
		r.Timeout, r.AttemptTimeout = time.Hour, client.None
	}
	return client.WithRetry(r)
}

func atOnce() client.Option { return quick(client.Retry{}) }

var onePatch = users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"plan": "s3cret-value"}}

func update(ctx context.Context, c *client.Client) (*users.User, error) {
	return c.Users.UpdateUserMetadata(ctx, "user_1", onePatch)
}

// asFailure is the typed error that every failed call returns.
func asFailure(t *testing.T, err error) *clerkerr.Error {
	t.Helper()
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	return e
}

// newSDK is every service over rt.
func newSDK(t *testing.T, rt http.RoundTripper, opts ...client.Option) calls.SDK {
	t.Helper()
	s, err := calls.New(key, client.DefaultBaseURL, fapi, rt, opts...)
	require.NoError(t, err)
	return s
}

func codeJSON(code string) string {
	return fmt.Sprintf(`{"errors":[{"code":%q,"message":"m"}],"clerk_trace_id":"trace_1"}`, code)
}
