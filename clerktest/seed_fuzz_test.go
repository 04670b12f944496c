package clerktest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// What is taken for a seed makes an instance, whose state is a seed again.
func FuzzParseSeed(f *testing.F) {
	text, err := json.Marshal(full())
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"users":[{}],"organizations":[{}],"memberships":[{"user_id":"user_1","organization_id":"org_1"}],"sessions":[{"user_id":"user_1"}]}`))
	f.Add([]byte(`{"users":[{"public_metadata":{"a":[1e400,"\ud800"]}}]}`))
	f.Add([]byte("{\"users\":\n[{\"id\":\"\xff\"}]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		seed, err := clerktest.ParseSeed(text)
		if err != nil {
			require.ErrorContains(t, err, "clerktest: line ")
			return
		}
		c, err := clerktest.New(seed)
		require.NoError(t, err)
		state, err := json.Marshal(c.State())
		require.NoError(t, err)
		again, err := clerktest.ParseSeed(state)
		require.NoError(t, err)
		require.Equal(t, c.State(), again)
	})
}
