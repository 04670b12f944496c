package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// closing is a body that knows whether it was closed.
type closing struct {
	io.Reader

	closed bool
}

func (b *closing) Close() error {
	b.closed = true
	return nil
}

// Another client's request counts for what this module's client counts it for.
func TestLimitTransportCountsAsAClient(t *testing.T) {
	t.Parallel()
	seed := calls.Seed(nil)
	seed.SecretKey = key
	clerk, err := clerktest.New(seed)
	require.NoError(t, err)
	for _, c := range calls.All() {
		if c.Target == calls.SignedIn {
			continue // the Frontend API
		}
		ours, theirs := &countingLimiter{}, &countingLimiter{}
		in := calls.Valid()
		in.Patch = calls.Same(metadata.Patch{c.Name: 1})
		in.Value = calls.Same(metadata.Of(in.Patch.Unsafe))
		sdk := newSDK(t, client.LimitTransport(theirs, clerk.Transport()), client.WithLimiter(ours))
		require.NoError(t, c.Do(t.Context(), sdk, in).Err)
		require.Equal(t, ours.waits, theirs.waits, c.Name)
		for i, operation := range theirs.names {
			if operation != "" {
				require.Equal(t, ours.names[i], operation)
			}
			_, hourly := invitationCalls[ours.names[i]]
			require.Equal(t, hourly, operation != "", ours.names[i])
		}
	}
}

// invitationCalls are those with a limit of an hour.
var invitationCalls = map[string]struct{}{
	"CreateInvitation": {}, "CreateInvitations": {}, "CreateOrganizationInvitation": {}, "CreateOrganizationInvitations": {},
}

// A 429 comes back as it is, and holds back both clients.
func TestLimitTransportHoldsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
		require.NoError(t, err)
		other := &http.Client{Transport: client.LimitTransport(l, answer(429, tooManyJSON, "Retry-After", "7"))}
		ours, start := newClient(t, answer(200, userJSON), client.WithLimiter(l)), time.Now()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://clerk.test/v1/users/user_1", nil)
		require.NoError(t, err)
		resp, err := other.Do(req)
		require.NoError(t, err)
		require.Equal(t, 429, resp.StatusCode)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, tooManyJSON, string(body))
		_, err = update(t.Context(), ours)
		require.NoError(t, err)
		require.Equal(t, 7*time.Second, time.Since(start))
	})
}

// A request that the limiter refuses is not sent, its body is closed, and the error is
// the limiter's.
func TestLimitTransportRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := client.NewLimiter(1, 1)
		require.NoError(t, err)
		sent := play(answer(200, "{}"))
		other := &http.Client{Transport: client.LimitTransport(l, sent), Timeout: 5 * time.Second}
		for i := range 2 {
			body := &closing{Reader: strings.NewReader("{}")}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "https://clerk.test/v1/users/user_1", body)
			require.NoError(t, err)
			resp, err := other.Do(req)
			require.True(t, body.closed)
			if i == 0 {
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				continue
			}
			require.ErrorIs(t, err, clerkerr.ErrLocalLimit)
		}
		require.Equal(t, 1, sent.count())
	})

	body := &closing{Reader: strings.NewReader("{}")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://clerk.test/v1/users", body)
	require.NoError(t, err)
	_, err = client.LimitTransport(nil, answer(200, "{}")).RoundTrip(req)
	requireInvalid(t, err, "client.LimitTransport", "limiter", "is nil")
	require.True(t, body.closed)
	req.Body = nil
	_, err = client.LimitTransport(nil, nil).RoundTrip(req)
	requireInvalid(t, err, "client.LimitTransport", "limiter", "is nil")
	_, err = client.LimitTransport(&countingLimiter{err: errors.New("no")}, nil).RoundTrip(req)
	require.EqualError(t, err, "no")
}

// idle counts how often idle connections are closed.
type idle struct {
	http.RoundTripper

	closed int
}

func (i *idle) CloseIdleConnections() { i.closed++ }

func TestLimitTransportClosesIdleConnections(t *testing.T) {
	t.Parallel()
	base := &idle{}
	(&http.Client{Transport: client.LimitTransport(&countingLimiter{}, base)}).CloseIdleConnections()
	(&http.Client{Transport: client.LimitTransport(&countingLimiter{}, answer(200, ""))}).CloseIdleConnections()
	require.Equal(t, 1, base.closed)
}
