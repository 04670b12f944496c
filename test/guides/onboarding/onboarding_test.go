package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

func TestOnboarding(t *testing.T) {
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
func TestTheBrowserWritesInBetween(t *testing.T) {
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

func TestHandler(t *testing.T) {
	t.Parallel()
	fake := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{
		ID: "user_1", UnsafeMetadata: map[string]any{"onboarding": map[string]any{"company": "Acme", "seats": 5}},
	}}})
	h := handler(fake.Client())
	for _, tc := range []struct {
		user   string
		status int
	}{{"", 401}, {"user_1", 204}, {"user_1", 204}, {"user_unknown", 502}} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/onboarding", nil)
		if tc.user != "" {
			claims := &clerk.SessionClaims{RegisteredClaims: clerk.RegisteredClaims{Subject: tc.user}}
			r = r.WithContext(clerk.ContextWithSessionClaims(r.Context(), claims))
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, tc.status, w.Code, tc.user)
	}
	user, _ := fake.User("user_1")
	require.Equal(t, `{"company":"Acme","onboarded":true,"seats":5}`, user.PublicMetadata.String())
}
