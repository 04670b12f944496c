package clerktest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestControlState(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	w := control(clerk, "GET", "state", "")
	state := controlled[clerktest.Seed](t, w)
	require.Equal(t, clerk.SecretKey(), state.SecretKey)
	require.Len(t, state.Users, 2)
	require.Len(t, state.Sessions, 2)

	// What was read can be put back.
	require.JSONEq(t, w.Body.String(), control(clerk, "PUT", "state", w.Body.String()).Body.String())

	put := controlled[clerktest.Seed](t, control(clerk, "PUT", "state", `{"users":[{"private_metadata":{"a":"<"}}]}`))
	require.Equal(t, "user_1", put.Users[0].ID, "the answer has the defaults")
	require.Empty(t, put.Organizations)
	require.Equal(t, clerk.SecretKey(), put.SecretKey)
	require.Contains(t, control(clerk, "GET", "state", "").Body.String(), `"a": "<"`)
	require.Equal(t, http.StatusNotFound, backend(t, clerk, "GET", "/users/user_2", "").status)
}

func TestControlStateRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, reason string }{
		{"empty", "", ""},
		{"no JSON", "{\n\n}}", "line 3"},
		{"unknown member", "{\n\"user\":[]}", "line 2"},
		{"unsound", "{\"users\":[{}],\n\"sessions\":[{\"user_id\":\"user_9\"}]}", "line 2"},
		{"live key", `{"secret_key":"sk_live_hidden"}`, "secret_key is a live key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			clerk := seeded(t)
			before := control(clerk, "GET", "state", "").Body.String()
			w := control(clerk, "PUT", "state", tc.body)
			requireRefused(t, w, http.StatusBadRequest, tc.reason)
			require.NotContains(t, w.Body.String(), "hidden")
			require.NotContains(t, w.Body.String(), "clerktest")
			require.JSONEq(t, before, control(clerk, "GET", "state", "").Body.String(), "all or nothing")
		})
	}
	clerk := seeded(t)
	announced := func(r *http.Request) { r.ContentLength = 64<<20 + 1 }
	requireRefused(t, control(clerk, "PUT", "state", "", announced), http.StatusRequestEntityTooLarge, "67108864")
}

func TestControlReset(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	backend(t, clerk, "PATCH", "/users/user_1/metadata", `{"public_metadata":{"new":1}}`)
	require.NoError(t, clerk.Clerk.Script(clerktest.GetUser, clerktest.Drop()))
	require.Equal(t, object{"status": "ok"}, controlled[object](t, control(clerk, "POST", "reset", "")))
	user, _ := clerk.User("user_1")
	require.NotContains(t, user.PublicMetadata.String(), "new")
	require.Empty(t, clerk.Unused())
	require.Empty(t, clerk.Requests())
}
