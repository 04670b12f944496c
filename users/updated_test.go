package users_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// The walk ends at since, which it includes, and pages overlap by 20 users.
func TestUpdatedSince(t *testing.T) {
	t.Parallel()
	var seed []clerktest.User
	for i, id := range ids(250) {
		seed = append(seed, clerktest.User{ID: id, CreatedAt: 1, UpdatedAt: int64(1000 + i)})
	}
	clerk := testkit.Start(t, clerktest.Seed{Users: seed})
	walk := func(since int64) []string {
		clerk.ResetRequests()
		var found []*users.User
		for user, err := range clerk.Client().Users.UpdatedSince(t.Context(), time.UnixMilli(since)) {
			require.NoError(t, err)
			found = append(found, user)
		}
		return idsOf(found)
	}
	wanted := ids(250)
	slices.Reverse(wanted)
	require.Equal(t, wanted[:1], walk(1249))
	require.Equal(t, wanted[:20], walk(1230))
	require.Len(t, clerk.Requests(), 1)
	require.Empty(t, walk(1250))

	all := walk(1)
	require.Len(t, clerk.Requests(), 3, "at 0, 80 and 160")
	require.Equal(t, "limit=100&offset=160&order_by=-updated_at", clerk.Requests()[2].Query.Encode())
	require.Equal(t, wanted[80:100], all[100:120], "the second page begins within the first")
	require.Len(t, all, 100+100+90)
	slices.Sort(all)
	require.Equal(t, ids(250), slices.Compact(all))
}

func TestUpdatedSinceNoTime(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 1)
	for user, err := range clerk.Client().Users.UpdatedSince(t.Context(), time.Time{}) {
		require.Nil(t, user)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	}
	require.Empty(t, clerk.Requests())
}
