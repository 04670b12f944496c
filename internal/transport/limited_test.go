package transport_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// noting is a Limiter that notes what it is asked and told.
type noting struct {
	asked, refused []observe.Request
	err            error
}

func (n *noting) Wait(_ context.Context, r observe.Request) error {
	n.asked = append(n.asked, r)
	return n.err
}

func (n *noting) TooMany(_ context.Context, r observe.Request, _ time.Duration) {
	n.refused = append(n.refused, r)
}

type base struct{ closed bool }

func (*base) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Header: http.Header{}}, nil
}

func (b *base) CloseIdleConnections() { b.closed = true }

func TestLimitedCounts(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]observe.Request{
		"GET /v1/users/user_1":                          {},
		"PATCH /v1/users/user%5F1/metadata":             {Entity: "user/user_1"},
		"PUT /v1/organizations/org_1/metadata":          {Entity: "organization/org_1"},
		"PATCH /v1/organizations/o/memberships/u":       {Entity: "membership/o/u"},
		"PATCH /v1/instance":                            {},
		"PATCH /v1/domains/d":                           {},
		"POST /v1/invitations":                          {Operation: "CreateInvitation"},
		"POST /v1/invitations/bulk":                     {Operation: "CreateInvitations"},
		"POST /v1/organizations/org_1/invitations":      {Operation: "CreateOrganizationInvitation"},
		"POST /v1/organizations/org_1/invitations/bulk": {Operation: "CreateOrganizationInvitations"},
	} {
		method, path, _ := strings.Cut(request, " ")
		n, b := &noting{}, &base{}
		limited := &transport.Limited{Limiter: n, Base: b}
		r, err := http.NewRequestWithContext(t.Context(), method, "https://api.clerk.test"+path, strings.NewReader("{}"))
		require.NoError(t, err)
		resp, err := limited.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, []observe.Request{want}, n.asked, request)
		require.Equal(t, n.asked, n.refused, request)
		n.err = errors.New("late")
		_, err = limited.RoundTrip(r)
		require.ErrorIs(t, err, n.err)
		limited.CloseIdleConnections()
		require.True(t, b.closed)
	}
}
