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

// noting is a Limiter that notes the requests that it is asked for and those that were refused.
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

// refusing answers each request with 429.
type refusing struct{ closed bool }

func (*refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Header: http.Header{}}, nil
}

func (r *refusing) CloseIdleConnections() { r.closed = true }

func outgoing(t *testing.T, request string) *http.Request {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), method, "https://clerk.test"+path, strings.NewReader("{}"))
	require.NoError(t, err)
	return r
}

// What a request of another client counts for, and what a 429 of it holds back.
func TestLimitedCounts(t *testing.T) {
	t.Parallel()
	entity := func(id string) observe.Request { return observe.Request{Entity: id} }
	operation := func(name string) observe.Request { return observe.Request{Operation: name} }
	for request, want := range map[string]observe.Request{
		"GET /v1/users/user_1":                                      {},
		"DELETE /v1/users/user_1":                                   {},
		"POST /v1/users/user_1/ban":                                 {},
		"PATCH /v1/users/user_1":                                    entity("user/user_1"),
		"PATCH /v1/users/user%5F1":                                  entity("user/user_1"),
		"PATCH /v1/users/a%2Fb":                                     entity("user/a/b"),
		"PATCH /proxied/clerk/v1/users/user_1/metadata":             entity("user/user_1"),
		"PUT /v1/users/user_1/email_address":                        entity("user/user_1"),
		"PUT /v1/organizations/org_1/logo":                          entity("organization/org_1"),
		"PATCH /v1/organizations/org_1/domains/orgdmn_1":            entity("organization/org_1"),
		"PATCH /v1/organizations/org_1/memberships/user_1":          entity("membership/org_1/user_1"),
		"PATCH /v1/organizations/org_1/memberships/user_1/metadata": entity("membership/org_1/user_1"),
		"PATCH /v1/instance":                                        {},
		"PATCH /v1/jwt_templates/jtmp_1":                            {},
		"PATCH /elsewhere":                                          {},
		"POST /v1/invitations":                                      operation("CreateInvitation"),
		"POST /v1/invitations/bulk":                                 operation("CreateInvitations"),
		"POST /v1/organizations/org_1/invitations":                  operation("CreateOrganizationInvitation"),
		"POST /v1/organizations/org_1/invitations/bulk":             operation("CreateOrganizationInvitations"),
	} {
		n := &noting{}
		limited := &transport.Limited{Limiter: n, Base: &refusing{}}
		resp, err := limited.RoundTrip(outgoing(t, request))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, []observe.Request{want}, n.asked, request)
		require.Equal(t, []observe.Request{want}, n.refused, request)
	}
}

func TestLimitedSends(t *testing.T) {
	t.Parallel()
	n, base := &noting{err: errors.New("asked")}, &refusing{}
	limited := &transport.Limited{Limiter: n, Base: base}
	_, err := limited.RoundTrip(outgoing(t, "GET /v1/users"))
	require.ErrorIs(t, err, n.err)
	resp, err := limited.RoundTrip(outgoing(t, "GET /v1/jwks"))
	require.NoError(t, err, "Clerk does not limit it")
	require.NoError(t, resp.Body.Close())
	require.Empty(t, n.refused)
	limited.CloseIdleConnections()
	require.True(t, base.closed)
}
