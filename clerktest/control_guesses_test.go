package clerktest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestSetGuesses(t *testing.T) {
	t.Parallel()
	c := configured(t, guessing(clerktest.NoFields, "refused"))
	none := func() int { return backend(t, c, "PATCH", "/users/user_1/metadata", `{"public_metadata":null}`).status }
	require.Equal(t, http.StatusUnprocessableEntity, none())
	require.NoError(t, c.SetGuesses(map[clerktest.GuessName]string{clerktest.PatchFieldNull: "ignored", clerktest.NoFields: "accepted"}))
	require.Equal(t, http.StatusOK, none())
	require.Equal(t, http.StatusOK, backend(t, c, "PATCH", "/users/user_1/metadata", `{}`).status)

	for _, wrong := range []map[clerktest.GuessName]string{
		{clerktest.PatchFieldNull: "refused", "Weather": "fair"},
		{clerktest.PatchFieldNull: "refused", clerktest.NoFields: "sometimes"},
	} {
		require.Error(t, c.SetGuesses(wrong))
		require.Equal(t, http.StatusOK, none(), "all or nothing")
	}

	c.Reset()
	require.Equal(t, http.StatusUnprocessableEntity, none())
	require.Equal(t, http.StatusUnprocessableEntity, backend(t, c, "PATCH", "/users/user_1/metadata", `{}`).status)
}

func TestControlGuesses(t *testing.T) {
	t.Parallel()
	type list struct {
		Guesses []struct {
			Name, Question, Answer, Default, Strict, Lenient string
			Alternatives                                     []string
		}
	}
	c := configured(t, clerktest.Config{Strict: true})
	all := controlled[list](t, control(c, "GET", "guesses", "")).Guesses
	require.Len(t, all, len(clerktest.Guesses()))
	for i, g := range clerktest.Guesses() {
		require.Equal(t, string(g.Name), all[i].Name)
		require.Equal(t, []string{g.Question, g.Strict, g.Default, g.Strict, g.Lenient},
			[]string{all[i].Question, all[i].Answer, all[i].Default, all[i].Strict, all[i].Lenient})
		require.Equal(t, g.Alternatives, all[i].Alternatives)
	}

	put := controlled[list](t, control(c, "PUT", "guesses", `{"EmptyPatch":"cleared","SizeLimit":"8192"}`)).Guesses
	require.Equal(t, "cleared", put[0].Answer)
	backend(t, c, "PATCH", "/users/user_1/metadata", `{"public_metadata":{}}`)
	user, _ := c.User("user_1")
	require.JSONEq(t, `{}`, user.PublicMetadata.String())

	before := control(c, "GET", "guesses", "").Body.String()
	for body, reason := range map[string]string{
		"":                                   "there is no text",
		`{"EmptyPatch":true}`:                "line 1, column 15: EmptyPatch is a boolean; expected type string",
		`["EmptyPatch"]`:                     "the document is an array; expected type object",
		`{"EmptyPatch":"unchanged","X":"y"}`: `guess "X" is unknown`,
		`{"EmptyPatch":"unchanged","SizeLimit":"9"}`: `guess SizeLimit: answer "9" is unknown; expected "8192" or one of ["8000"]`,
	} {
		requireRefused(t, control(c, "PUT", "guesses", body), http.StatusBadRequest, reason)
		require.Equal(t, before, control(c, "GET", "guesses", "").Body.String())
	}
}

func TestControlOperations(t *testing.T) {
	t.Parallel()
	type operation struct {
		ID, API  string
		Modelled bool
	}
	c := seeded(t)
	all := controlled[struct{ Operations []operation }](t, control(c, "GET", "operations", "")).Operations
	require.Contains(t, all, operation{"GetUser", "bapi", true})
	require.Contains(t, all, operation{"getUser", "fapi", true})
	require.Contains(t, all, operation{"BanUser", "bapi", false})
	for _, o := range all {
		require.NoError(t, c.Clerk.Script(clerktest.Operation(o.ID), clerktest.Pass()), o.ID)
	}
	control(c, "DELETE", "faults", "")
}
