package docs_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Answers are what the sign-up form asks.
type Answers struct {
	Company string `json:"company"`
	Seats   int    `json:"seats"`
}

// Said is what the browser wrote.
type Said struct {
	Onboarding *Answers `json:"onboarding,omitempty"`
}

// Known is what the backend made of it.
type Known struct {
	Company   string `json:"company,omitempty"`
	Seats     int    `json:"seats,omitempty"`
	Onboarded bool   `json:"onboarded,omitempty"`
}

// Newcomer is a user on the way from the one to the other.
type Newcomer struct {
	Public Known `json:"public_metadata"`
	Unsafe Said  `json:"unsafe_metadata"`
}

var (
	errNotYet  = errors.New("the form was not sent")
	errAnswers = errors.New("a company's name has up to 80 bytes, and 1 to 50 seats")
)

func (a *Answers) check() error {
	switch {
	case a == nil:
		return errNotYet
	case strings.TrimSpace(a.Company) == "", len(a.Company) > 80, a.Seats < 1, a.Seats > 50:
		return errAnswers
	}
	return nil
}

func finishOnboarding(ctx context.Context, c *client.Client, userID string) error {
	newcomers := users.As[Newcomer](c.Users)
	_, err := newcomers.Modify(ctx, userID, func(n *Newcomer) error {
		if n.Public.Onboarded {
			return nil // sent twice
		}
		said := n.Unsafe.Onboarding
		if err := said.check(); err != nil {
			return err
		}
		n.Public = Known{Company: said.Company, Seats: said.Seats, Onboarded: true}
		n.Unsafe.Onboarding = nil
		return nil
	})
	return err
}

// statusFor returns the status for the browser.
func statusFor(err error) int {
	switch {
	case err == nil:
		return http.StatusNoContent
	case errors.Is(err, errNotYet), errors.Is(err, errAnswers), errors.Is(err, metadata.ErrMismatch):
		return http.StatusUnprocessableEntity // the user's answers
	default:
		return http.StatusBadGateway // Clerk could not be asked: the page may try again
	}
}

func TestGuideOnboarding(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		said   string
		status int
		public string
		unsafe string
	}{
		"good answers":       {`{"onboarding":{"company":"Acme","seats":5},"theme":"dark"}`, 204, `{"company":"Acme","onboarded":true,"seats":5}`, `{"onboarding":{},"theme":"dark"}`},
		"keys of their own":  {`{"onboarding":{"company":"Acme","seats":5,"role":"admin"}}`, 204, `{"company":"Acme","onboarded":true,"seats":5}`, `{"onboarding":{"role":"admin"}}`},
		"too many seats":     {`{"onboarding":{"company":"Acme","seats":5000}}`, 422, `{}`, ""},
		"no name":            {`{"onboarding":{"company":" ","seats":5}}`, 422, `{}`, ""},
		"an endless name":    {`{"onboarding":{"company":"` + strings.Repeat("a", 81) + `","seats":5}}`, 422, `{}`, ""},
		"another type":       {`{"onboarding":{"company":["Acme"],"seats":5}}`, 422, `{}`, ""},
		"not an object":      {`{"onboarding":"done"}`, 422, `{}`, ""},
		"nothing":            {`{}`, 422, `{}`, ""},
		"a forged promotion": {`{"onboarded":true,"company":"Acme"}`, 422, `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, err := metadata.ParseObject([]byte(tc.said))
			require.NoError(t, err)
			clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", UnsafeMetadata: said}}})
			c := clerk.Client()
			require.Equal(t, tc.status, statusFor(finishOnboarding(t.Context(), c, "user_1")))
			user, _ := clerk.User("user_1")
			require.Equal(t, tc.public, user.PublicMetadata.String())
			if tc.unsafe == "" {
				tc.unsafe = tc.said
			}
			require.JSONEq(t, tc.unsafe, user.UnsafeMetadata.String())
			if tc.status == http.StatusNoContent {
				clerk.ResetRequests()
				require.NoError(t, finishOnboarding(t.Context(), c, "user_1"), "sent twice")
				require.Len(t, clerk.Requests(), 1, "it is read and not written")
			}
		})
	}
}

// What is promoted is what was checked, even if the browser writes in between.
func TestGuideOnboardingInARace(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1"}},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1"}},
	})
	svc, cookie := clerk.Frontend(), "client-token-1"
	send := func(ctx context.Context, seats int) error {
		_, _, err := svc.UpdateMetadata(ctx, me.Cookie(cookie), metadata.Patch{
			"onboarding": metadata.Patch{"company": "Acme", "seats": seats},
		})
		return err
	}
	require.NoError(t, send(t.Context(), 5))
	forge := client.WithAttemptHook(func(ctx context.Context, a observe.Attempt) {
		if a.Operation == "GetUser" {
			require.NoError(t, send(ctx, 5000))
		}
	})
	require.NoError(t, finishOnboarding(t.Context(), clerk.Client(forge), "user_1"))
	user, _ := clerk.User("user_1")
	require.Equal(t, `{"company":"Acme","onboarded":true,"seats":5}`, user.PublicMetadata.String())
}

func TestGuideOnboardingWhereClerkIsDown(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{})
	err := finishOnboarding(t.Context(), clerk.Client(), "user_unknown")
	require.Equal(t, http.StatusBadGateway, statusFor(err))
}
