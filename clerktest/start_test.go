package clerktest_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// fakeTB is a test that may fail.
type fakeTB struct {
	cleanups []func()
	errors   []string
	fatals   []string
}

func (f *fakeTB) Helper()            {}
func (f *fakeTB) Cleanup(end func()) { f.cleanups = append(f.cleanups, end) }
func (f *fakeTB) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.fatals = append(f.fatals, fmt.Sprintf(format, args...))
}

func (f *fakeTB) end() {
	for _, end := range f.cleanups {
		end()
	}
}

func TestUnusedFaultFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	c := clerktest.Start(tb, clerktest.Seed{Users: []clerktest.User{{}}})
	c.Script(clerktest.GetUser, clerktest.Pass(), clerktest.Answer(500, "internal_clerk_error").And(clerktest.Truncate()))
	backend(t, c, "GET", "/users/user_1", "").field(t)
	tb.end()
	require.Equal(t, []string{"clerktest: scripted fault not used: GetUser: answer 500 internal_clerk_error, truncate"}, tb.errors)
	require.Empty(t, tb.fatals)
}

func TestEndOfTestStopsTheServer(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	c := clerktest.Start(tb, clerktest.Seed{})
	u := c.URL()
	tb.end()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	require.NoError(t, err)
	_, err = http.DefaultTransport.RoundTrip(req)
	require.Error(t, err)
	require.Empty(t, tb.errors)
}

func TestMistakesAreFatal(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	require.Nil(t, clerktest.Start(tb, clerktest.Seed{Sessions: []clerktest.Session{{}}}))
	c := clerktest.Start(tb, clerktest.Seed{})
	c.Script("None", clerktest.Pass())
	require.NoError(t, c.Close())
	require.Empty(t, c.URL())
	twice := client.WithHTTPClient(http.DefaultClient)
	c.Client(twice)
	c.Frontend(twice)
	require.Len(t, tb.fatals, 5)
	require.Contains(t, tb.fatals[0], "does not exist")
	require.Contains(t, tb.fatals[1], `operation "None" is unknown`)
	require.Contains(t, tb.fatals[2], "closed")
	require.Contains(t, tb.fatals[3], "WithHTTPClient")
	require.Contains(t, tb.fatals[4], "WithHTTPClient")
}

func TestClient(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	api := c.Client()
	u, err := api.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": metadata.Delete},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"nested":{"a":1,"b":2}}`, u.PublicMetadata.String())
	held, ok := c.User("user_1")
	require.True(t, ok)
	require.Equal(t, held, u)

	m, err := api.Organizations.UpdateOrganizationMembershipMetadata(t.Context(), "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{
		PrivateMetadata: metadata.Patch{"note": "x"},
	})
	require.NoError(t, err)
	heldMember, ok := c.Membership("org_1", "user_1")
	require.True(t, ok)
	require.Equal(t, heldMember, m)

	o, err := api.Organizations.GetOrganization(t.Context(), "acme")
	require.NoError(t, err)
	heldOrganization, ok := c.Organization("org_1")
	require.True(t, ok)
	require.Equal(t, heldOrganization, o)

	_, err = api.Users.GetUser(t.Context(), "user_9")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
}

func TestFrontend(t *testing.T) {
	t.Parallel()
	for name, credential := range map[string]me.Credential{
		"browser":             me.Cookie("client_token_1"),
		"development browser": me.DevBrowser("dvb_1"),
		"native app":          me.NativeToken("client_token_1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, clerktest.Config{Rotation: true})
			u, rotation, err := c.Frontend().UpdateMetadata(t.Context(), credential, metadata.Patch{"theme": "light"})
			require.NoError(t, err)
			require.JSONEq(t, `{"theme":"light"}`, u.UnsafeMetadata.String())
			require.Equal(t, name == "development browser", rotation.IsZero())
			require.Equal(t, name, c.Requests()[0].Credential)
		})
	}
}

// The client waits out a 429 on the bubble's clock.
func TestClientInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := seeded(t)
		c.Script(clerktest.GetUser, clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(7*time.Second)))
		start := time.Now()
		_, err := c.Client().Users.GetUser(t.Context(), "user_1")
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(start), 7*time.Second)
		require.Len(t, c.Requests(clerktest.GetUser), 2)
	})
}
