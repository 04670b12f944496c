// Code generated from docs/guides/testing.md. DO NOT EDIT.

package shop

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

func TestPlanIsStored(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{
		ID:             "user_1",
		PublicMetadata: map[string]any{"plan": "free", "since": 2024},
	}}})
	shop := &Shop{clerk.Client()}

	require.NoError(t, shop.setPlan(t.Context(), "user_1", "pro"))

	user, _ := clerk.User("user_1")
	require.Equal(t, `{"plan":"pro","since":2024}`, user.PublicMetadata.String())
}

func TestPlanIsSentOnce(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	shop := &Shop{clerk.Client()}
	require.NoError(t, shop.setPlan(t.Context(), "user_1", "pro"))

	requests := clerk.Requests(clerktest.UpdateUserMetadata)
	require.Len(t, requests, 1)
	require.Equal(t, `{"public_metadata":{"plan":"pro"}}`, string(requests[0].Body))
}

func TestPlanSurvivesFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
		clerk.Script(clerktest.UpdateUserMetadata,
			clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(3*time.Second)),
			clerktest.Drop().And(clerktest.Applied()), // written, and the answer is lost
			clerktest.AnswerBody(http.StatusBadGateway, "text/html", "<h1>Bad gateway</h1>"),
		)
		shop := &Shop{clerk.Client()}

		require.NoError(t, shop.setPlan(t.Context(), "user_1", "pro"))

		require.Len(t, clerk.Requests(), 4)
	})
}

func TestPlanOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Drop().And(clerktest.Applied()))
	shop := &Shop{clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None}))}

	err := shop.setPlan(t.Context(), "user_1", "pro")

	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, clerkerr.OutcomeUnknown, e.Outcome)
}

func TestPlanWithinTheLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := clerktest.Config{Limits: clerktest.LimitsDevelopment}
		clerk := config.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
		shop := &Shop{clerk.Client(client.WithRateLimit(client.DevelopmentLimit))}
		for range 25 {
			require.NoError(t, shop.setPlan(t.Context(), "user_1", "pro"))
		}
		require.Len(t, clerk.Requests(), 25, "no 429 among them")
	})
}

func TestPlanUnderEitherGuess(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]error{"field": nil, "sum": clerkerr.ErrTooLarge} {
		config := clerktest.Config{Guesses: map[clerktest.GuessName]string{clerktest.SizeScope: answer}}
		clerk := config.Start(t, clerktest.Seed{Users: []clerktest.User{{
			ID: "user_1", PrivateMetadata: map[string]any{"notes": strings.Repeat("n", 5000)},
		}}})
		shop := &Shop{clerk.Client()}
		require.ErrorIs(t, shop.setPlan(t.Context(), "user_1", strings.Repeat("p", 5000)), want)
	}
}
