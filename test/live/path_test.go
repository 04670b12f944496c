package live_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/test/live"
)

// variables are all that a live run reads: a test sets each of them, so that
// nothing of the real environment counts.
func variables() []string {
	return []string{
		client.EnvSecretKey, client.EnvAPIURL, client.EnvPublishableKey, client.EnvFrontendURL,
		envUser, envOrganization, envClientToken, envDevBrowser,
	}
}

// The live run itself, over a socket and from the environment.
func TestLiveRun(t *testing.T) {
	for name, more := range map[string]map[string]string{
		"a native app":          {envClientToken: "native_1", envOrganization: "org_1"},
		"a browser":             {envDevBrowser: "browser_1", envOrganization: "org_2"},
		"no more than the user": {},
	} {
		t.Run(name, func(t *testing.T) {
			clerk := rotating().Start(t, seeds())
			unchanged(t, clerk)
			set := map[string]string{client.EnvSecretKey: clerk.SecretKey(), client.EnvAPIURL: clerk.URL(), client.EnvFrontendURL: clerk.URL(), envUser: "user_1"}
			maps.Copy(set, more)
			for _, name := range variables() {
				t.Setenv(name, set[name])
			}
			runLive(t)
			require.NotEmpty(t, clerk.Requests(clerktest.ReplaceUserMetadata))
		})
	}
}

func TestFromEnv(t *testing.T) {
	const publishable = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k" // clerk.example.com
	for _, tc := range []struct {
		name string
		set  map[string]string
		want string // of the error, or the two addresses
	}{
		{"live key", map[string]string{client.EnvSecretKey: "sk_live_example", envUser: "user_1"}, "a live key"},
		{"live publishable key", map[string]string{client.EnvSecretKey: "sk_test_example", envUser: "user_1", client.EnvPublishableKey: "pk_live_example"}, "a live key"},
		{"no key", map[string]string{envUser: "user_1"}, "CLERK_SECRET_KEY"},
		{"another key", map[string]string{client.EnvSecretKey: "example", envUser: "user_1"}, "sk_test_…"},
		{"no user", map[string]string{client.EnvSecretKey: "sk_test_example"}, envUser},
		{"no URL", map[string]string{client.EnvSecretKey: "sk_test_example", envUser: "user_1", client.EnvAPIURL: "://"}, client.EnvAPIURL},
		{"no address for me", map[string]string{client.EnvSecretKey: "sk_test_example", envUser: "user_1", envClientToken: "native_1"}, "publishable"},
		{"defaults", map[string]string{client.EnvSecretKey: "sk_test_example", envUser: "user_1"}, "https://api.clerk.com/v1 "},
		{"addresses", map[string]string{
			client.EnvSecretKey: "sk_test_example", envUser: "user_1", client.EnvAPIURL: "https://clerk.example.com/",
			envClientToken: "native_1", client.EnvPublishableKey: publishable,
		}, "https://clerk.example.com/v1 https://clerk.example.com"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, name := range variables() {
				t.Setenv(name, tc.set[name])
			}
			c, err := fromEnv()
			if err != nil {
				require.ErrorContains(t, err, tc.want)
				require.NotContains(t, err.Error(), "example")
				return
			}
			require.Equal(t, tc.want, c.backendURL+" "+c.frontendURL)
		})
	}
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*config)
		want   string
	}{
		"unknown user":          {func(c *config) { c.userID = nobody }, "the user"},
		"unknown key":           {func(c *config) { c.secretKey = "sk_test_other" }, "clerk_key_invalid"},
		"bad key":               {func(c *config) { c.secretKey = "other" }, "is not a secret key"},
		"bad address":           {func(c *config) { c.frontendURL = "http://clerk.example.com" }, "plain http"},
		"another user's token":  {func(c *config) { c.clientToken = "native_2" }, "another user"},
		"unknown token":         {func(c *config) { c.clientToken = "native_3" }, "the signed-in user"},
		"organizations are off": {func(*config) {}, "the organization: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := seeds()
			seed.Users = append(seed.Users, clerktest.User{ID: "user_2"})
			seed.Sessions = append(seed.Sessions, clerktest.Session{ID: "sess_other", UserID: "user_2", ClientToken: "native_2"})
			clerk := rotating().Start(t, seed)
			if name == "organizations are off" {
				clerk.Script(clerktest.ListOrganizationMemberships, clerktest.Answer(http.StatusForbidden, "organization_not_enabled_in_instance"))
			}
			c := fake(t, rotating().Start(t, seeds()), "").config
			c.transport, c.organizationID = clerk.Transport(), "org_1"
			tc.change(&c)
			clerk.ResetRequests()
			_, err := connect(t.Context(), c)
			require.ErrorContains(t, err, tc.want)
			require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata, clerktest.ReplaceUserMetadata, clerktest.UpdateMeMetadata))
		})
	}
}

// A guess that Clerk answers otherwise is found, alone, and the user is kept.
func TestGuesses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   clerktest.GuessName
		answer string // "" for the default
	}{
		{"", ""},
		{clerktest.ArrayMerge, "appended"},
		{clerktest.SizeScope, "sum"},
		{clerktest.MissingMembership, "not_a_member_in_organization"},
		{clerktest.UnknownCursor, "empty"},
		{clerktest.RotatedToken, "refused"},
	} {
		t.Run(string(tc.name), func(t *testing.T) {
			t.Parallel()
			config := rotating()
			if tc.name != "" {
				config = guessing(tc.name, tc.answer)
			}
			clerk := config.Start(t, seeds())
			unchanged(t, clerk)
			verdicts, err := fake(t, clerk, "org_2").settle(t.Context())
			require.NoError(t, err)
			require.Len(t, verdicts, len(clerktest.Guesses()))
			for _, v := range verdicts {
				require.Equal(t, v.Name == tc.name, v.failed(), v)
				want := "confirmed"
				if v.Name == tc.name {
					want = `Clerk's "` + tc.answer + `": REFUTED`
				}
				require.Contains(t, v.String(), want)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	g := clerktest.Guesses()[0]
	for _, tc := range []struct {
		verdict
		failed bool
		want   string
	}{
		{verdict{g, g.Default, nil}, false, `EmptyPatch: ours is "unchanged", Clerk's "unchanged": confirmed`},
		{verdict{g, "cleared", nil}, true, `EmptyPatch: ours is "unchanged", Clerk's "cleared": REFUTED`},
		{verdict{g, "status 404", nil}, true, `EmptyPatch: ours is "unchanged", Clerk's "status 404": REFUTED, and none of the answers that clerktest knows`},
		{verdict{g, "", errors.New("lost")}, true, `EmptyPatch: ours is "unchanged": no answer (lost)`},
		{verdict{g, "", live.ErrNotApplicable}, false, `EmptyPatch: ours is "unchanged": not applicable to this target`},
	} {
		require.Equal(t, tc.want, tc.String())
		require.Equal(t, tc.failed, tc.verdict.failed())
	}
	clerk := rotating().Start(t, seeds())
	v := fake(t, clerk, "org_1").ask(t.Context(), clerktest.Guess{Name: "Weather", Default: "fine"})
	require.True(t, v.failed())
	require.Contains(t, v.String(), "there is no probe")
}

// However the cases end, the metadata is put back, or the run says that it is not.
func TestKeep(t *testing.T) {
	t.Parallel()
	messUp := func(i *instance) group {
		user, other := i.user(), metadata.Of(map[string]any{"other": 1})
		return group{"", user, []testcase{{"", func(ctx context.Context, _ fields) error {
			_, err := user.replace(ctx, calls.Same(other))
			return errors.Join(err, errors.New("failed"))
		}}}}
	}
	t.Run("after a failure", func(t *testing.T) {
		t.Parallel()
		clerk := rotating().Start(t, seeds())
		unchanged(t, clerk)
		g := messUp(fake(t, clerk, ""))
		require.NoError(t, g.each(t.Context(), func(_ string, do func() error) { require.EqualError(t, do(), "failed") }))
	})
	t.Run("after the end of the context", func(t *testing.T) {
		t.Parallel()
		clerk := rotating().Start(t, seeds())
		unchanged(t, clerk)
		ctx, cancel := context.WithCancel(t.Context())
		g := messUp(fake(t, clerk, ""))
		require.NoError(t, g.each(ctx, func(_ string, do func() error) { _ = do(); cancel() }))
	})
	t.Run("and says where that fails", func(t *testing.T) {
		t.Parallel()
		clerk := rotating().Start(t, seeds())
		g := messUp(fake(t, clerk, ""))
		refused := clerktest.Answer(http.StatusForbidden, "no")
		clerk.Script(clerktest.ReplaceUserMetadata, clerktest.Pass(), refused)
		err := g.each(t.Context(), func(_ string, do func() error) { _ = do() })
		require.ErrorContains(t, err, "the user is NOT as it was")
		require.ErrorContains(t, err, "status 403")
	})
	t.Run("and says where Clerk did otherwise", func(t *testing.T) {
		t.Parallel()
		clerk := guessing(clerktest.BigNumbers, "rounded").Start(t, seeds())
		g := messUp(fake(t, clerk, ""))
		err := g.each(t.Context(), func(_ string, do func() error) { _ = do() })
		require.ErrorContains(t, err, `public_metadata differs at ["/n"]`)
	})
}

// A case that Clerk answers otherwise fails, and names no value.
func TestCasesFail(t *testing.T) {
	t.Parallel()
	clerk := guessing(clerktest.ArrayMerge, "appended").Start(t, seeds())
	unchanged(t, clerk)
	failed := map[string]string{}
	for _, g := range fake(t, clerk, "org_1").semantics() {
		require.NoError(t, g.each(t.Context(), func(name string, do func() error) {
			if err := do(); err != nil {
				failed[g.name+" "+name] = err.Error()
			}
		}))
	}
	const want = "is not what it should be, at [\"/clerkmetaLive/a\"]"
	for _, name := range []string{"user", "organization", "membership", "me"} {
		require.Contains(t, failed[name+" PATCH array (ArrayMerge)"], want)
		delete(failed, name+" PATCH array (ArrayMerge)")
	}
	require.Empty(t, failed)
}

// Too many requests are waited out, by the SDK and by the probes alike.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := rotating().Start(t, seeds())
		i := fake(t, clerk, "org_2")
		limited := clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(10*time.Second))
		clerk.Script(clerktest.UpdateUserMetadata, limited, limited)
		started := time.Now()
		verdicts, err := i.settle(t.Context())
		require.NoError(t, err)
		for _, v := range verdicts {
			require.False(t, v.failed(), v)
		}
		require.GreaterOrEqual(t, time.Since(started), 20*time.Second)

		clerk.Script(clerktest.UpdateUserMetadata, limited, limited)
		started = time.Now()
		_, err = i.user().merge(t.Context(), calls.Only(unsafe, metadata.Patch{key: 1}))
		require.NoError(t, err)
		require.GreaterOrEqual(t, time.Since(started), 20*time.Second)
	})
}
