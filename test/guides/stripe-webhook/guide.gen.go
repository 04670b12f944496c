// Code generated from docs/guides/stripe-webhook.md. DO NOT EDIT.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/stripe/stripe-go/v84/webhook"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type stripeWebhook struct {
	clerk  *client.Client
	secret string // of the webhook endpoint, whsec_…
	log    *slog.Logger
}

func (h *stripeWebhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	if err := webhook.ValidatePayload(payload, r.Header.Get("Stripe-Signature"), h.secret); err != nil {
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

func main() {
	c, err := client.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	hook := &stripeWebhook{clerk: c, secret: os.Getenv("STRIPE_WEBHOOK_SECRET"), log: slog.Default()}
	if hook.secret == "" {
		log.Fatal("set STRIPE_WEBHOOK_SECRET to the endpoint's signing secret")
	}
	http.Handle("POST /stripe", hook)
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}
