package goclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
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

// TestGuideCalls runs the calls of docs/guides/from-clerk-sdk-go.md, before and
// after, and requires the same to be stored.
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

// TestGuideErrors reads the same refusal as both clients report it.
func TestGuideErrors(t *testing.T) {
	t.Parallel()
	c := start(t)
	_, err := c.users.Get(t.Context(), "user_unknown")
	var refused *clerk.APIErrorResponse
	notFound := errors.As(err, &refused) && refused.HTTPStatusCode == http.StatusNotFound
	require.True(t, notFound)

	_, err = c.ours(t).Users.GetUser(t.Context(), "user_unknown")
	notFound = errors.Is(err, clerkerr.ErrNotFound)
	require.True(t, notFound)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, refused.Errors[0].Code, e.Code())
}

// account is what the session token of the guide's application carries.
type account struct {
	Metadata metadata.Object `json:"metadata"`
}

type plan struct {
	Plan  string `json:"plan"`
	Limit int64  `json:"limit"`
}

func planOf(ctx context.Context, params jwt.VerifyParams) (plan, error) {
	params.CustomClaimsConstructor = func(context.Context) any { return &account{} }
	verified, err := jwt.Verify(ctx, &params)
	if err != nil {
		return plan{}, err
	}
	custom, ok := verified.Custom.(*account)
	if !ok {
		return plan{}, errors.New("the token has no claims of ours")
	}
	return metadata.Decode[plan](custom.Metadata)
}

// TestGuideSideBySide verifies a token with the official client, and reads the
// metadata in it with this module.
func TestGuideSideBySide(t *testing.T) {
	t.Parallel()
	emulator := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", PublicMetadata: value(t, `{"plan":"free","limit":9007199254740993}`)}},
		Sessions:      []clerktest.Session{{ID: "sess_1", UserID: "user_1", ClientToken: "client-1"}},
		SessionClaims: map[string]string{"metadata": "public_metadata"},
	})
	transport := &http.Client{Transport: emulator.Transport()}
	key := emulator.SecretKey()

	config := &clerk.ClientConfig{}
	config.Key, config.HTTPClient = clerk.String(key), transport
	official := user.NewClient(config)
	c, err := client.New(client.SecretKey(key), client.WithHTTPClient(transport))
	require.NoError(t, err)

	made, err := official.Update(t.Context(), "user_1", &user.UpdateParams{FirstName: clerk.String("Ada")})
	require.NoError(t, err)
	u, err := c.Users.UpdateUserMetadata(t.Context(), made.ID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"plan": "pro"},
	})
	require.NoError(t, err)
	require.Equal(t, `{"limit":9007199254740993,"plan":"pro"}`, u.PublicMetadata.String())

	token, err := sessionToken(t.Context(), transport)
	require.NoError(t, err)
	p, err := planOf(t.Context(), jwt.VerifyParams{
		Token: token, JWKSClient: jwks.NewClient(config),
		// The official client takes no issuer but Clerk's own domains and that of a proxy.
		ProxyURL: clerk.String("https://clerk.test"),
	})
	require.NoError(t, err)
	require.Equal(t, plan{"pro", 9007199254740993}, p)

	_, err = planOf(t.Context(), jwt.VerifyParams{Token: token + "x", JWKSClient: jwks.NewClient(config)})
	require.Error(t, err)
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
