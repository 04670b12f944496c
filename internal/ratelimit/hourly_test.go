package ratelimit_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/ratelimit"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// invitations are the operations with hourly limits.
var invitations = map[string]int{
	"CreateInvitation": 100, "CreateInvitations": 25,
	"CreateOrganizationInvitation": 250, "CreateOrganizationInvitations": 50,
}

func TestHourlyLimits(t *testing.T) {
	t.Parallel()
	for operation, most := range invitations {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, r, start := ratelimit.New(1000, 10), observe.Request{Operation: operation}, time.Now()
				for range most {
					require.NoError(t, l.Wait(t.Context(), r))
				}
				require.Zero(t, time.Since(start))
				for other := range invitations {
					if other != operation {
						require.NoError(t, l.Wait(t.Context(), observe.Request{Operation: other}), "another window")
					}
				}
				require.NoError(t, l.Wait(t.Context(), observe.Request{Operation: "CreateUser"}))

				ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
				defer cancel()
				err := l.Wait(ctx, r)
				require.ErrorIs(t, err, clerkerr.ErrLocalLimit)
				require.ErrorContains(t, err, "room in 1h0m0.35s")
				require.Zero(t, time.Since(start), "at once")

				require.NoError(t, l.Wait(t.Context(), r))
				require.Equal(t, ratelimit.InvitationWindow+ratelimit.Margin, time.Since(start))
			})
		})
	}
}

// A 429 of an invitation says nothing of other requests.
func TestTooManyInvitations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, r, start := ratelimit.New(1000, 10), observe.Request{Operation: "CreateInvitation"}, time.Now()
		l.TooMany(t.Context(), observe.Request{Operation: "CreateInvitations"}, time.Minute)
		l.TooMany(t.Context(), r, 20*time.Minute)
		for _, other := range []observe.Request{
			{}, {Entity: "user/user_1"}, {Operation: "CreateOrganizationInvitation"}, {Operation: "CreateUser"},
		} {
			require.NoError(t, l.Wait(t.Context(), other))
		}
		require.Zero(t, time.Since(start))
		require.NoError(t, l.Wait(t.Context(), r))
		require.Equal(t, 20*time.Minute, time.Since(start))

		l.TooMany(t.Context(), r, 100*time.Hour)
		require.NoError(t, l.Wait(t.Context(), r))
		require.Equal(t, 80*time.Minute, time.Since(start), "an hour at most")
	})
}
