package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// realisticUser is as long as what Clerk answers for a user with little
// metadata, some 3.3 KB.
func realisticUser() []byte {
	var b strings.Builder
	b.WriteString(`{"id":"user_2aBcDeFgHiJkLmNoPqRsTuVwXyZ","object":"user","username":null,"first_name":"Ada","last_name":"Lovelace","image_url":"https://img.example.com/` + strings.Repeat("a", 120) + `","has_image":true,`)
	b.WriteString(`"primary_email_address_id":"idn_1","password_enabled":true,"two_factor_enabled":false,"totp_enabled":false,"backup_code_enabled":false,"email_addresses":[`)
	for i := range 4 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"idn_%d","object":"email_address","email_address":"ada%d@example.com","reserved":false,"verification":{"object":"verification_otp","status":"verified","strategy":"email_code","attempts":1,"expire_at":1700000600000},"linked_to":[{"type":"oauth_google","id":"idn_9%d"}],"matches_sso_connection":false,"created_at":1700000000000,"updated_at":1700000000000}`, i, i, i)
	}
	b.WriteString(`],"phone_numbers":[],"web3_wallets":[],"passkeys":[],"external_accounts":[{"object":"google_account","id":"gac_1","provider_user_id":"100000000000000000000","approved_scopes":"email https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile openid profile","email_address":"ada@example.com","first_name":"Ada","last_name":"Lovelace","avatar_url":"https://example.com/` + strings.Repeat("b", 200) + `","public_metadata":{},"label":null,"created_at":1700000000000}],"saml_accounts":[],"enterprise_accounts":[],`)
	b.WriteString(`"public_metadata":{"role":"admin","features":["export","audit"],"seats":12},"private_metadata":{"stripeId":"cus_123","billing":{"plan":"pro","until":"2027-01-01"}},"unsafe_metadata":{"theme":"dark","onboarding":{"step":3,"done":false}},`)
	b.WriteString(`"external_id":null,"last_sign_in_at":1700000000000,"banned":false,"locked":false,"lockout_expires_in_seconds":null,"verification_attempts_remaining":100,"created_at":1700000000000,"updated_at":1700000000001,"delete_self_enabled":true,"create_organization_enabled":true,"last_active_at":1700000000000,"legal_accepted_at":null,"mfa_enabled_at":null,"mfa_disabled_at":null}`)
	return []byte(b.String())
}

// inMemory answers as a server would, but for the network.
func inMemory(body []byte) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	})
}

func BenchmarkUpdateUserMetadata(b *testing.B) {
	body := realisticUser()
	c, err := client.New(client.SecretKey(key), over(inMemory(body))...)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		user, err := c.Users.UpdateUserMetadata(b.Context(), "user_1", users.UpdateUserMetadataParams{
			PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
		})
		if err != nil || user.ID == "" {
			b.Fatal(err)
		}
	}
}

// BenchmarkBaselineNetHTTP is the same call written by hand, with the same two
// timeouts and without retries.
func BenchmarkBaselineNetHTTP(b *testing.B) {
	answer := realisticUser()
	h := &http.Client{Transport: inMemory(answer)}
	type user struct {
		ID              string          `json:"id"`
		PublicMetadata  json.RawMessage `json:"public_metadata"`
		PrivateMetadata json.RawMessage `json:"private_metadata"`
		UnsafeMetadata  json.RawMessage `json:"unsafe_metadata"`
		CreatedAt       int64           `json:"created_at"`
		UpdatedAt       int64           `json:"updated_at"`
	}
	attempt := func(ctx context.Context, body []byte) (*user, error) {
		ctx, cancel := context.WithTimeout(ctx, client.DefaultAttemptTimeout)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPatch, client.DefaultBaseURL+"/users/user_1/metadata", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		req.Header.Set("User-Agent", "baseline/1.0")
		req.Header.Set("Clerk-API-Version", client.APIVersion)
		resp, err := h.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("status %d", resp.StatusCode)
		}
		var u user
		return &u, json.NewDecoder(resp.Body).Decode(&u)
	}
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), client.DefaultTimeout)
		body, err := json.Marshal(map[string]any{"private_metadata": map[string]any{"stripeId": "cus_123"}})
		if err != nil {
			b.Fatal(err)
		}
		u, err := attempt(ctx, body)
		if err != nil || u.ID == "" {
			b.Fatal(err)
		}
		cancel()
	}
}
