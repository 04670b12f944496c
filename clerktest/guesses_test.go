package clerktest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/live"
)

// Every answer that can be chosen is the answer that a probe gets.
func TestGuesses(t *testing.T) {
	t.Parallel()
	probes := live.Probes()
	require.Len(t, probes, len(clerktest.Guesses()))
	for _, g := range clerktest.Guesses() {
		require.NotEmpty(t, g.Question)
		require.NotEmpty(t, g.Basis)
		require.NotEmpty(t, g.Alternatives)
		probe := probes[string(g.Name)]
		require.NotNil(t, probe, g.Name)
		for _, answer := range append(g.Alternatives, g.Default) {
			t.Run(string(g.Name)+" "+answer, func(t *testing.T) {
				t.Parallel()
				config := clerktest.Config{Rotation: true}
				if answer != g.Default {
					config.Guesses = map[clerktest.GuessName]string{g.Name: answer}
				}
				c := configured(t, config)
				got, err := probe(t.Context(), live.Target{
					Do:             c.Transport().RoundTrip,
					BackendURL:     "https://clerk.test/v1",
					FrontendURL:    "https://clerk.test",
					SecretKey:      c.SecretKey(),
					UserID:         "user_1",
					OrganizationID: "org_2",
					ClientToken:    "client_token_1",
				})
				require.NoError(t, err)
				require.Equal(t, answer, got)
			})
		}
	}
}

func TestGuessesAreChecked(t *testing.T) {
	t.Parallel()
	_, err := clerktest.Config{Guesses: map[clerktest.GuessName]string{"Weather": "fine"}}.New(clerktest.Seed{})
	require.ErrorContains(t, err, `guess "Weather" is unknown`)
	_, err = clerktest.Config{Guesses: map[clerktest.GuessName]string{clerktest.SizeLimit: "9000"}}.New(clerktest.Seed{})
	require.ErrorContains(t, err, `answer "9000"`)
	_, err = clerktest.Config{Guesses: map[clerktest.GuessName]string{clerktest.SizeLimit: "8192"}}.New(clerktest.Seed{})
	require.NoError(t, err)

	clerktest.Guesses()[0].Alternatives[0] = "changed"
	require.Equal(t, []string{"cleared"}, clerktest.Guesses()[0].Alternatives)
}

// The merges that depart from the default, beyond what a probe asks.
func TestOtherMerges(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        clerktest.GuessName
		answer      string
		before      string
		patch, want string
	}{
		{clerktest.ArrayMerge, "appended", `{"a":{"b":[1]},"c":1}`, `{"a":{"b":[2]},"c":[3],"d":[4]}`, `{"a":{"b":[1,2]},"c":[3],"d":[4]}`},
		{clerktest.ArrayMerge, "appended", `{"a":1}`, `{"a":null,"b":{"c":null}}`, `{"b":{}}`},
		{clerktest.NewObjectNulls, "kept", `{"a":{"b":1}}`, `{"a":{"b":null,"c":{"d":null}}}`, `{"a":{"c":{"d":null}}}`},
		{clerktest.EmptyPatch, "cleared", `{"a":1}`, `{"a":{}}`, `{"a":{}}`},
		{clerktest.BigNumbers, "rounded", `{}`, `{"a":1.50,"b":1e2}`, `{"a":1.5,"b":100}`},
	} {
		t.Run(string(tc.name)+" "+tc.patch, func(t *testing.T) {
			t.Parallel()
			c := configured(t, guessing(tc.name, tc.answer))
			backend(t, c, "PUT", "/users/user_2/metadata", `{"public_metadata":`+tc.before+`}`).field(t)
			r := backend(t, c, "PATCH", "/users/user_2/metadata", `{"public_metadata":`+tc.patch+`}`)
			require.Equal(t, tc.want, r.field(t, "public_metadata"))
		})
	}
	c := configured(t, guessing(clerktest.BigNumbers, "rounded"))
	r := backend(t, c, "PATCH", "/users/user_2/metadata", `{"public_metadata":{"a":1e999}}`)
	requireFailed(t, r, 422, "form_param_value_invalid", "public_metadata")
}
