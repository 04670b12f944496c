package clerkotel_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const (
	secretKey   = "sk_test_s3cret"
	secretUser  = "user_s3cret"
	secretOrg   = "org_s3cret"
	secretToken = "s3cret-token"

	secretInvitation = "inv_s3cret"
	secretQuery      = "dvb_s3cret"
	secretValue      = "s3cret-value"
)

// Whatever is recognisable in what goes in or comes back is in nothing that is
// exported.
func TestNothingOfTheDataIsExported(t *testing.T) {
	t.Parallel()
	patch := metadata.Patch{"s3cret_field": secretValue}
	quoting := clerktest.AnswerBody(422, "application/json",
		`{"errors":[{"code":"s3cret value","message":"s3cret-value","long_message":"s3cret-value","meta":{"param_name":"s3cret_field"}}],"clerk_trace_id":"s3cret trace"}`)
	clerk := clerktest.Start(t, clerktest.Seed{
		SecretKey:     secretKey,
		Users:         []clerktest.User{{ID: secretUser, PrivateMetadata: patch}, {ID: secretUser + "_new"}},
		Organizations: []clerktest.Organization{{ID: secretOrg}},
		Memberships:   []clerktest.Membership{{OrganizationID: secretOrg, UserID: secretUser}},
		Invitations: []clerktest.Invitation{
			{ID: secretInvitation, EmailAddress: calls.Guest}, {ID: secretInvitation + "_org", OrganizationID: secretOrg, EmailAddress: calls.Guest},
		},
		Sessions: []clerktest.Session{{UserID: secretUser, ClientToken: secretToken, DevBrowser: secretQuery}},
	})
	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(503, "service_unavailable"), clerktest.Pass(), quoting)
	collected := newCollector()
	quick := client.WithRetry(client.Retry{BaseDelay: client.None})
	c, frontend := clerk.Client(collected.options(quick)...), clerk.Frontend(collected.options(quick)...)

	require.NoError(t, updateWith(t, c, patch))
	require.Error(t, updateWith(t, c, patch))
	_, err := c.Users.GetUser(t.Context(), secretUser+"2")
	require.Error(t, err)
	in := calls.Input{User: secretUser, Organization: secretOrg, Newcomer: secretUser + "_new", Invitation: secretInvitation, MemberInvitation: secretInvitation + "_org", Password: secretValue, Patch: calls.Same(patch), Value: calls.Same(metadata.Of(patch))}
	for i, credential := range []me.Credential{me.NativeToken(secretToken), me.Cookie(secretToken), me.DevBrowser(secretQuery)} {
		in.Credential = credential
		for _, call := range calls.All() {
			if i > 0 && !call.IsFrontend() {
				continue // has no credential of a user
			}
			require.NoError(t, call.Do(t.Context(), calls.SDK{Client: c, Me: frontend}, in).Err, call.Name)
		}
	}
	quotingTransport := roundTripper(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("no way to %s with %s", r.URL, r.Header.Get("Authorization"))
	})
	require.Error(t, updateWith(t, newClient(t, clerk, quotingTransport, collected.options(quick)...), patch))

	spans, err := json.Marshal(collected.spans.GetSpans().Snapshots())
	require.NoError(t, err)
	text := fmt.Sprintf("%+v", collected.spans.GetSpans()) + string(spans)
	var all metricdata.ResourceMetrics
	require.NoError(t, collected.reader.Collect(t.Context(), &all))
	text += fmt.Sprintf("%+v", all)
	require.Greater(t, len(collected.spans.GetSpans()), len(calls.All()))
	require.Contains(t, text, "/v1/organizations/{organization_id}/memberships/{user_id}/metadata")
	require.NotContains(t, text, "s3cret")
}

func updateWith(t *testing.T, c *client.Client, patch metadata.Patch) error {
	t.Helper()
	_, err := c.Users.UpdateUserMetadata(t.Context(), secretUser, params(patch))
	return err
}
