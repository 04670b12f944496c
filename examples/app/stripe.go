package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

const (
	stripeSecret    = "whsec_made_up_for_this_example"
	stripeTolerance = 5 * time.Minute // as in Stripe's own libraries
	maxStripeEvent  = 1 << 20
)

// stripeEvent is what the app reads of Stripe's events.
type stripeEvent struct {
	Type string `json:"type"`
	Data struct {
		Object struct {
			Customer          string `json:"customer"`
			ClientReferenceID string `json:"client_reference_id"` // the user's id, which the app gave to the checkout
			Items             struct {
				Data []struct {
					Price struct {
						LookupKey string `json:"lookup_key"` // the plan
					} `json:"price"`
				} `json:"data"`
			} `json:"items"`
		} `json:"object"`
	} `json:"data"`
}

// receiveStripe answers 503 to what may work later, since Stripe then sends it again.
func (s *site) receiveStripe(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStripeEvent))
	if err != nil || !isStripes(r.Header.Get("Stripe-Signature"), body) {
		http.Error(w, "no event of Stripe's", http.StatusBadRequest)
		return
	}
	var e stripeEvent
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "unreadable event", http.StatusBadRequest)
		return
	}
	status := http.StatusNoContent
	if err := s.handleStripe(r.Context(), e); err != nil {
		s.log.WarnContext(r.Context(), "event of Stripe's", "type", e.Type, "err", err)
		if !errors.Is(err, clerkerr.ErrNotFound) && !errors.Is(err, clerkerr.ErrInvalidArgument) {
			status = http.StatusServiceUnavailable
		}
	}
	w.WriteHeader(status)
}

// isStripes reports whether one of the v1 in the header, "t=SECONDS,v1=HEX,…", signs the
// body, and not long ago. The guide to Stripe's webhooks leaves this to Stripe's library.
func isStripes(header string, body []byte) bool {
	var at string
	var signatures []string
	for part := range strings.SplitSeq(header, ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			at = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > stripeTolerance {
		return false
	}
	expected := []byte(stripeSignature(stripeSecret, at, body))
	return slices.ContainsFunc(signatures, func(given string) bool { return hmac.Equal(expected, []byte(given)) })
}

func stripeSignature(secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// handleStripe writes absolute values, so that an event may come twice. Stripe's events
// come in any order: where a user can change plans, read the subscription from Stripe.
func (s *site) handleStripe(ctx context.Context, e stripeEvent) error {
	o := e.Data.Object
	if o.Customer == "" {
		return nil
	}
	switch e.Type {
	case "checkout.session.completed":
		return s.update(ctx, o.ClientReferenceID, users.UpdateUserMetadataParams{
			PrivateMetadata: metadata.Patch{"stripeId": o.Customer},
		})
	case "customer.subscription.created", "customer.subscription.updated":
		for _, item := range o.Items.Data {
			if plan := item.Price.LookupKey; slices.Contains(plans, plan) {
				return s.setPlan(ctx, o.Customer, plan)
			}
		}
	case "customer.subscription.deleted":
		return s.setPlan(ctx, o.Customer, free)
	}
	return nil
}

var errNoCustomer = errors.New("no user has this customer yet")

// setPlan sets the plan of the user whom the mirror finds by a customer of Stripe's.
func (s *site) setPlan(ctx context.Context, customer, plan string) error {
	var id string
	for found, err := range mirror.Find[person](ctx, s.mirror, mirror.Where("private_metadata.stripeId", customer)) {
		if err != nil {
			return err
		}
		id = found.ID
	}
	if id == "" {
		return errNoCustomer
	}
	return s.update(ctx, id, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"plan": plan}})
}

// update writes to Clerk, and stores the answer in the mirror before the next event needs it.
func (s *site) update(ctx context.Context, userID string, params users.UpdateUserMetadataParams) error {
	user, err := s.client.Users.UpdateUserMetadata(ctx, userID, params)
	if err != nil {
		return err
	}
	return s.mirror.ApplyUser(ctx, user)
}
