package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

// What stands in for Clerk and for Stripe. A real shop has nothing of this file.

// newClerk returns a Clerk in this process, in which three users are signed in. Its
// dashboard has the endpoint of the app, and the session token of claims.Template.
func newClerk(siteURL string) (*clerktest.Clerk, error) {
	text, err := claims.Template[member]()
	if err != nil {
		return nil, err
	}
	seed := clerktest.Seed{Webhooks: []clerktest.Webhook{{URL: siteURL + "/clerk"}}}
	if err := json.Unmarshal([]byte(text), &seed.SessionClaims); err != nil {
		return nil, err
	}
	for _, user := range []struct{ id, name, role string }{
		{"user_ada", "Ada", admin},
		{"user_alan", "Alan", "member"},
		{"user_grace", "Grace", admin},
	} {
		seed.Users = append(seed.Users, clerktest.User{
			ID: user.id, FirstName: user.name, PublicMetadata: profile{Role: user.role, Plan: free},
		})
		seed.Sessions = append(seed.Sessions, clerktest.Session{
			ID: "sess_" + user.id, UserID: user.id, ClientToken: "client_token_" + user.id,
		})
	}
	return clerktest.Config{RequestLog: 100}.New(seed)
}

// sessionToken requests a session token as Clerk's browser client does each minute, with
// the cookie that Clerk sets at sign-in.
func (s *site) sessionToken(ctx context.Context, userID string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.clerkURL+"/v1/client/sessions/"+url.PathEscape("sess_"+userID)+"/tokens", http.NoBody)
	if err != nil {
		return "", err
	}
	r.Header.Set("Origin", s.url)
	r.AddCookie(&http.Cookie{Name: "__client", Value: "client_token_" + userID})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("no session token: status %d", answer.StatusCode)
	}
	var token struct{ JWT string }
	err = json.NewDecoder(answer.Body).Decode(&token)
	return token.JWT, err
}

// stripeEvents are what Stripe sends when a user has bought a plan.
func stripeEvents(userID string) []string {
	customer := "cus_" + userID
	return []string{
		fmt.Sprintf(`{"type":"checkout.session.completed","data":{"object":{"customer":%q,"client_reference_id":%q}}}`, customer, userID),
		fmt.Sprintf(`{"type":"customer.subscription.created","data":{"object":{"customer":%q,"items":{"data":[{"price":{"lookup_key":"pro"}}]}}}}`, customer),
	}
}

// sendStripeEvent sends an event as Stripe does.
func sendStripeEvent(ctx context.Context, siteURL, event string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, siteURL+"/stripe", strings.NewReader(event))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Stripe-Signature", stripeHeader(stripeSecret, []byte(event)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// stripeHeader signs an event now.
func stripeHeader(secret string, event []byte) string {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	return "t=" + now + ",v1=" + stripeSignature(secret, now, event)
}
