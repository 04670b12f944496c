package clerktest_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/live"
)

// Strict and lenient choose every answer at once, and a probe gets it.
func TestStrictAndLenient(t *testing.T) {
	t.Parallel()
	for name, attitude := range map[string]struct {
		config clerktest.Config
		answer func(clerktest.Guess) string
	}{
		"strict":  {clerktest.Config{Strict: true, Rotation: true}, func(g clerktest.Guess) string { return g.Strict }},
		"lenient": {clerktest.Config{Lenient: true, Rotation: true}, func(g clerktest.Guess) string { return g.Lenient }},
		"neither": {clerktest.Config{Rotation: true}, func(g clerktest.Guess) string { return g.Default }},
	} {
		if testing.Short() && name == "lenient" {
			continue // it takes a body of 10 MB
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			differ := 0
			for _, g := range clerktest.Guesses() {
				want := attitude.answer(g)
				require.True(t, want == g.Default || slices.Contains(g.Alternatives, want), g.Name)
				if g.Strict != g.Lenient {
					differ++
				}
				c := configured(t, attitude.config)
				got, err := live.Probes()[string(g.Name)](t.Context(), live.Target{
					Do: c.Transport().RoundTrip, BackendURL: "https://clerk.test/v1", FrontendURL: "https://clerk.test",
					SecretKey: c.SecretKey(), UserID: "user_1", OrganizationID: "org_2", ClientToken: "client_token_1",
				})
				require.NoError(t, err, g.Name)
				require.Equal(t, want, got, g.Name)
			}
			require.Greater(t, differ, 10)
		})
	}
}

func TestAttitudesAndGuesses(t *testing.T) {
	t.Parallel()
	config := guessing(clerktest.EmptyBody, "accepted")
	config.Strict = true
	c := configured(t, config)
	require.Equal(t, 200, backend(t, c, "PATCH", "/users/user_1/metadata", "").status)
	requireFailed(t, backend(t, c, "PATCH", "/users/user_1/metadata", "{}"), 422, "form_param_missing", "public_metadata")

	_, err := clerktest.Config{Strict: true, Lenient: true}.New(clerktest.Seed{})
	require.ErrorContains(t, err, "exclude each other")
}
