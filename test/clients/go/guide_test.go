package goclient_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// ours is this module's client, pointed at the same emulator.
func (c *clients) ours(t *testing.T) *client.Client {
	t.Helper()
	ours, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithBaseURL(c.url))
	require.NoError(t, err)
	return ours
}

// TestGuideCalls runs each call of the table in docs/guides/from-clerk-sdk-go.md, before and
// after, and requires the same to be stored. test/guides runs the page's program.
func TestGuideCalls(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, tt := range map[string]struct {
		before func(*clients) error
		after  func(*client.Client) error
	}{
		"merge": {
			before: func(c *clients) error {
				patch := json.RawMessage(`{"plan":"pro","limits":{"trial":null}}`)
				_, err := c.users.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{
					PublicMetadata: &patch,
				})
				return err
			},
			after: func(c *client.Client) error {
				_, err := c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{
					PublicMetadata: metadata.Patch{"plan": "pro", "limits": metadata.Patch{"trial": metadata.Delete}},
				})
				return err
			},
		},
		"replace": {
			before: func(c *clients) error {
				_, err := c.users.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{
					PublicMetadata: clerk.JSONRawMessage([]byte(`{"plan":"pro"}`)),
					UnsafeMetadata: clerk.JSONRawMessage([]byte(`{}`)),
				})
				return err
			},
			after: func(c *client.Client) error {
				_, err := c.Users.ReplaceUserMetadata(ctx, "user_1", users.ReplaceUserMetadataParams{
					PublicMetadata: metadata.Of(map[string]any{"plan": "pro"}),
					UnsafeMetadata: metadata.Empty(),
				})
				return err
			},
		},
		"the deprecated fields": {
			before: func(c *clients) error {
				_, err := c.users.Update(ctx, "user_1", &user.UpdateParams{
					PublicMetadata: clerk.JSONRawMessage([]byte(`{"plan":"pro"}`)),
				})
				return err
			},
			after: func(c *client.Client) error {
				_, err := c.Users.ReplaceUserMetadata(ctx, "user_1", users.ReplaceUserMetadataParams{
					PublicMetadata: metadata.Of(map[string]any{"plan": "pro"}),
				})
				return err
			},
		},
		"organizations": {
			before: func(c *clients) error {
				_, err := c.organizations.UpdateMetadata(ctx, "org_1", &organization.UpdateMetadataParams{
					PrivateMetadata: clerk.JSONRawMessage([]byte(`{"vat":"X1"}`)),
				})
				return err
			},
			after: func(c *client.Client) error {
				_, err := c.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{
					PrivateMetadata: metadata.Patch{"vat": "X1"},
				})
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, now := start(t), start(t)
			require.NoError(t, tt.before(old))
			require.NoError(t, tt.after(now.ours(t)))
			for _, c := range []*clients{old, now} {
				require.Len(t, c.emulator.Requests(), 1)
			}
			require.Equal(t, stored(old.emulator), stored(now.emulator))
			require.NotEqual(t, stored(start(t).emulator), stored(now.emulator))
		})
	}
}

// stored is what an emulator holds, except the times.
func stored(emulator *clerktest.Test) []string {
	u, _ := emulator.User("user_1")
	o, _ := emulator.Organization("org_1")
	return []string{
		u.PublicMetadata.String(), u.PrivateMetadata.String(), u.UnsafeMetadata.String(),
		o.PublicMetadata.String(), o.PrivateMetadata.String(),
	}
}

// TestGuideUpdateCanFailHalfway is why the guide takes metadata out of Update.
func TestGuideUpdateCanFailHalfway(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.emulator.Script(clerktest.ReplaceUserMetadata, clerktest.Answer(http.StatusConflict, "resource_locked"))
	_, err := c.users.Update(t.Context(), "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: raw(`{"plan":"pro"}`)})
	require.Equal(t, http.StatusConflict, refusal(t, err).HTTPStatusCode)
	u, err := c.users.Get(t.Context(), "user_1")
	require.NoError(t, err)
	require.Equal(t, "Ada", *u.FirstName, "the first of the two calls stays")
}

// TestGuideWhatChanges pins what the guide says of the official client and no
// other test shows.
func TestGuideWhatChanges(t *testing.T) {
	t.Parallel()
	c := start(t)
	_, err := c.users.ReplaceMetadata(t.Context(), "user_1", &user.ReplaceMetadataParams{PublicMetadata: clerk.JSONRawMessage(nil)})
	require.NoError(t, err)
	require.JSONEq(t, `{"public_metadata":null}`, string(c.emulator.Requests()[0].Body))

	config := clerk.BackendConfig{}
	clerk.NewBackend(&config)
	require.Equal(t, 5*time.Second, config.HTTPClient.Timeout)
}
