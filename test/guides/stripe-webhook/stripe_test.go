package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v84/webhook"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

const completed = `{"type":"checkout.session.completed","data":{"object":{"customer":"cus_123","client_reference_id":"user_1"}}}`

// deliver hands an event to a handler as Stripe does.
func deliver(t *testing.T, h http.Handler, event, secret string) int {
	t.Helper()
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(event), Secret: secret})
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/stripe", strings.NewReader(event))
	r.Header.Set("Stripe-Signature", signed.Header)
	h.ServeHTTP(w, r)
	return w.Code
}

const secret = "whsec_example"

func webhookFor(c *client.Client, log io.Writer) *stripeWebhook {
	return &stripeWebhook{c, secret, slog.New(slog.NewTextHandler(log, nil))}
}

// TestWebhook has a row for each row of the guide's table: what went
// wrong, the answer to Stripe, and what is stored then.
func TestWebhook(t *testing.T) {
	t.Parallel()
	everyTime := func(f clerktest.Fault) []clerktest.Fault { return []clerktest.Fault{f, f, f, f} }
	for name, tc := range map[string]struct {
		event   string
		faults  []clerktest.Fault
		status  int
		stored  string
		retried bool
	}{
		"stored":                {event: completed, status: 204, stored: `{"stripeCustomerId":"cus_123"}`},
		"a 429 that passes":     {event: completed, faults: []clerktest.Fault{clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(2*time.Second))}, status: 204, stored: `{"stripeCustomerId":"cus_123"}`},
		"a 429 that stays":      {event: completed, faults: []clerktest.Fault{clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(10*time.Second))}, status: 503, stored: `{}`, retried: true},
		"Clerk is down":         {event: completed, faults: everyTime(clerktest.Answer(503, "service_unavailable")), status: 503, stored: `{}`, retried: true},
		"outcome unknown":       {event: completed, faults: everyTime(clerktest.Drop().And(clerktest.Applied())), status: 503, stored: `{"stripeCustomerId":"cus_123"}`, retried: true},
		"answer cut short":      {event: completed, faults: everyTime(clerktest.Truncate()), status: 204, stored: `{"stripeCustomerId":"cus_123"}`},
		"key revoked":           {event: completed, faults: []clerktest.Fault{clerktest.Answer(401, "clerk_key_invalid")}, status: 503, stored: `{}`, retried: true},
		"directory sync":        {event: completed, faults: []clerktest.Fault{clerktest.Answer(409, "attribute_managed_by_scim")}, status: 204, stored: `{}`},
		"no such user":          {event: strings.ReplaceAll(completed, "user_1", "user_gone"), status: 204, stored: `{}`},
		"no user":               {event: strings.ReplaceAll(completed, "user_1", ""), status: 204, stored: `{}`},
		"another kind of event": {event: `{"type":"invoice.paid","data":{"object":{"customer":"cus_123"}}}`, status: 204, stored: `{}`},
		"not an event":          {event: `[]`, status: 400, stored: `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
				if tc.faults != nil {
					clerk.Script(clerktest.UpdateUserMetadata, tc.faults...)
				}
				holds := func(want string) {
					user, _ := clerk.User("user_1")
					require.Equal(t, want, user.PrivateMetadata.String())
				}
				var log strings.Builder
				h := webhookFor(clerk.Client(), &log)
				require.Equal(t, tc.status, deliver(t, h, tc.event, secret))
				holds(tc.stored)
				require.NotContains(t, log.String(), "cus_123", "the log holds no metadata")
				if tc.retried {
					require.Equal(t, http.StatusNoContent, deliver(t, h, tc.event, secret), "Stripe sends it again")
					holds(`{"stripeCustomerId":"cus_123"}`)
				}
			})
		})
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	h := webhookFor(clerk.Client(), io.Discard)
	require.Equal(t, http.StatusBadRequest, deliver(t, h, completed, "whsec_other"))
	require.Equal(t, http.StatusBadRequest, deliver(t, h, strings.Repeat(" ", 2<<20), secret))
	require.Empty(t, clerk.Requests())
}
