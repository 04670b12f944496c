package docs_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// stripeWebhook is the handler of docs/guides/stripe-webhook.md.
type stripeWebhook struct {
	clerk *client.Client
	// verify is webhook.ConstructEvent of Stripe's library.
	verify func(payload []byte, signature string) error
	log    *slog.Logger
}

func (h *stripeWebhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	if err := h.verify(payload, r.Header.Get("Stripe-Signature")); err != nil {
		http.Error(w, "bad signature", http.StatusBadRequest)
		return
	}
	var event struct {
		Type string `json:"type"`
		Data struct {
			Object struct {
				Customer          string `json:"customer"`
				ClientReferenceID string `json:"client_reference_id"` // the Clerk user's id
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		http.Error(w, "not an event", http.StatusBadRequest)
		return
	}
	checkout := event.Data.Object
	if event.Type != "checkout.session.completed" || checkout.Customer == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
	defer cancel()
	_, err = h.clerk.Users.UpdateUserMetadata(ctx, checkout.ClientReferenceID, users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeCustomerId": checkout.Customer},
	})
	if err != nil {
		h.log.Error("customer id", "err", err)
	}
	w.WriteHeader(answer(err))
}

// answer is the status, by which Stripe decides whether to send the event again.
func answer(err error) int {
	var e *clerkerr.Error
	switch {
	case err == nil:
		return http.StatusNoContent
	case errors.As(err, &e) && e.Outcome == clerkerr.OutcomeApplied:
		return http.StatusNoContent // stored; only Clerk's answer got lost
	case errors.Is(err, clerkerr.ErrNotFound), errors.Is(err, clerkerr.ErrInvalid), errors.Is(err, clerkerr.ErrManaged):
		return http.StatusNoContent // it will never work: the log has it
	default:
		return http.StatusServiceUnavailable // it may work later
	}
}

const completed = `{"type":"checkout.session.completed","data":{"object":{"customer":"cus_123","client_reference_id":"user_1"}}}`

// deliver hands an event to a handler as Stripe does.
func deliver(t *testing.T, h http.Handler, event, signature string) int {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/stripe", strings.NewReader(event))
	r.Header.Set("Stripe-Signature", signature)
	h.ServeHTTP(w, r)
	return w.Code
}

func webhookFor(c *client.Client, log io.Writer) *stripeWebhook {
	return &stripeWebhook{c, func(_ []byte, signature string) error {
		if signature != "good" {
			return errors.New("no match")
		}
		return nil
	}, slog.New(slog.NewTextHandler(log, nil))}
}

// TestGuideStripeWebhook has a row for each row of the guide's table: what went
// wrong, the answer to Stripe, and what is stored then.
func TestGuideStripeWebhook(t *testing.T) {
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
				require.Equal(t, tc.status, deliver(t, h, tc.event, "good"))
				holds(tc.stored)
				require.NotContains(t, log.String(), "cus_123", "the log holds no metadata")
				if tc.retried {
					require.Equal(t, http.StatusNoContent, deliver(t, h, tc.event, "good"), "Stripe sends it again")
					holds(`{"stripeCustomerId":"cus_123"}`)
				}
			})
		})
	}
}

func TestGuideStripeWebhookIsSigned(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	h := webhookFor(clerk.Client(), io.Discard)
	require.Equal(t, http.StatusBadRequest, deliver(t, h, completed, "forged"))
	require.Equal(t, http.StatusBadRequest, deliver(t, h, strings.Repeat(" ", 2<<20), "good"))
	require.Empty(t, clerk.Requests())
}
