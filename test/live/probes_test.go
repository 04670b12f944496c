package live_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/live"
)

func probed(c *clerktest.Test) live.Target {
	return live.Target{
		Do: c.Transport().RoundTrip, BackendURL: "https://clerk.test/v1", FrontendURL: "https://clerk.test",
		SecretKey: c.SecretKey(), UserID: "user_1", OrganizationID: "org_1", ClientToken: "token",
	}
}

func seeded(t *testing.T, config clerktest.Config) *clerktest.Test {
	t.Helper()
	return config.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{}},
		Organizations: []clerktest.Organization{{}},
		Sessions:      []clerktest.Session{{UserID: "user_1", ClientToken: "token"}},
	})
}

func TestNotApplicable(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*live.Target){
		"UnknownToken":   func(to *live.Target) { to.FrontendURL = "" },
		"UnknownSession": func(to *live.Target) { to.ClientToken = "" },
		"RotatedToken":   func(*live.Target) {}, // no rotation here
	} {
		to := probed(seeded(t, clerktest.Config{}))
		change(&to)
		answer, err := live.Probes()[name](t.Context(), to)
		require.ErrorIs(t, err, live.ErrNotApplicable)
		require.Empty(t, answer)
	}
}

func TestFailuresAreNoAnswers(t *testing.T) {
	t.Parallel()
	limited := clerktest.Answer(429, "too_many_requests")
	t.Run("while preparing", func(t *testing.T) {
		t.Parallel()
		c := seeded(t, clerktest.Config{})
		c.Script(clerktest.ReplaceUserMetadata, limited)
		answer, err := live.Probes()["SizeLimit"](t.Context(), probed(c))
		require.ErrorContains(t, err, "too_many_requests")
		require.Empty(t, answer)
	})
	t.Run("while asking", func(t *testing.T) {
		t.Parallel()
		c := seeded(t, clerktest.Config{})
		c.Script(clerktest.ReplaceUserMetadata, clerktest.Pass(), limited)
		answer, err := live.Probes()["SizeLimit"](t.Context(), probed(c))
		require.NoError(t, err)
		require.Equal(t, "too_many_requests", answer)
	})
	t.Run("HTML", func(t *testing.T) {
		t.Parallel()
		c := seeded(t, clerktest.Config{})
		c.Script(clerktest.UpdateUserMetadata, clerktest.AnswerBody(502, "text/html", "<p>"))
		answer, err := live.Probes()["EmptyPatch"](t.Context(), probed(c))
		require.NoError(t, err)
		require.Equal(t, "status 502", answer)
	})
	t.Run("a body cut short", func(t *testing.T) {
		t.Parallel()
		c := seeded(t, clerktest.Config{})
		c.Script(clerktest.ReplaceUserMetadata, clerktest.Truncate())
		_, err := live.Probes()["EmptyPatch"](t.Context(), probed(c))
		require.Error(t, err)
	})
	t.Run("no connection", func(t *testing.T) {
		t.Parallel()
		to, lost := probed(seeded(t, clerktest.Config{})), errors.New("lost")
		to.Do = func(*http.Request) (*http.Response, error) { return nil, lost }
		_, err := live.Probes()["EmptyPatch"](t.Context(), to)
		require.ErrorIs(t, err, lost)
	})
	t.Run("no address", func(t *testing.T) {
		t.Parallel()
		to := probed(seeded(t, clerktest.Config{}))
		to.BackendURL = "://"
		_, err := live.Probes()["NoFields"](t.Context(), to)
		require.Error(t, err)
	})
	t.Run("an unexpected merge is the answer", func(t *testing.T) {
		t.Parallel()
		c := seeded(t, clerktest.Config{})
		c.Script(clerktest.UpdateUserMetadata, clerktest.AnswerBody(200, "application/json", `{"unsafe_metadata": {"a": [1, [2]]}}`))
		answer, err := live.Probes()["ArrayMerge"](t.Context(), probed(c))
		require.NoError(t, err)
		require.Equal(t, `{"a":[1,[2]]}`, answer)
	})
	t.Run("no limit found", func(t *testing.T) {
		t.Parallel()
		c := seeded(t, clerktest.Config{Guesses: map[clerktest.GuessName]string{clerktest.BodyLimit: "10485760"}})
		c.Script(clerktest.UpdateUserMetadata, clerktest.Pass(), clerktest.Pass(), clerktest.Answer(200, ""))
		answer, err := live.Probes()["BodyLimit"](t.Context(), probed(c))
		require.NoError(t, err)
		require.Equal(t, "above 10485760", answer)
	})
}
