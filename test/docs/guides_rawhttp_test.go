package docs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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

// rawAPI is what a program without a client for Clerk has.
type rawAPI struct {
	http    *http.Client
	baseURL string
	key     string
}

// storeByHand is the "before" of docs/guides/from-raw-http.md.
func (a rawAPI) storeByHand(ctx context.Context, userID string, customer *string) error {
	body, err := json.Marshal(map[string]any{
		"private_metadata": map[string]any{"stripeId": customer},
	})
	if err != nil {
		return err
	}
	address := a.baseURL + "/users/" + userID + "/metadata"
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Clerk-API-Version", "2026-05-12")
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("clerk: %s", resp.Status)
	}
	return nil
}

// store is the same with this module.
func store(ctx context.Context, c *client.Client, userID string, customer *string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": customer},
	})
	return err
}

// TestGuideFromRawHTTP runs both against the same Clerk: they agree where all is
// well, and the guide says where they do not.
func TestGuideFromRawHTTP(t *testing.T) {
	t.Parallel()
	customer := "cus_123"
	const stored = `{"stripeId":"cus_old"}`
	for name, tc := range map[string]struct {
		id        string
		customer  *string
		fault     clerktest.Fault
		byHand    string // in the error, "" for none
		with      error
		left      string // by hand
		leftWith  string
		operation clerktest.Operation // that the request by hand became
	}{
		"all is well":       {"user_1", &customer, clerktest.Pass(), "", nil, `{"stripeId":"cus_123"}`, `{"stripeId":"cus_123"}`, clerktest.UpdateUserMetadata},
		"a nil pointer":     {"user_1", nil, clerktest.Pass(), "", metadata.ErrNull, `{}`, stored, clerktest.UpdateUserMetadata},
		"too many requests": {"user_1", &customer, clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second)), "429", nil, stored, `{"stripeId":"cus_123"}`, clerktest.UpdateUserMetadata},
		"a locked user":     {"user_1", &customer, clerktest.Answer(409, "resource_locked"), "409", nil, stored, `{"stripeId":"cus_123"}`, clerktest.UpdateUserMetadata},
		"a lost connection": {"user_1", &customer, clerktest.Drop(), "EOF", nil, stored, `{"stripeId":"cus_123"}`, clerktest.UpdateUserMetadata},
		"an id with a hash": {"user_1#f", &customer, clerktest.Pass(), "422", clerkerr.ErrInvalidArgument, stored, stored, clerktest.UpdateUser},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := func() *clerktest.Test {
					clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PrivateMetadata: map[string]any{"stripeId": "cus_old"}}}})
					if tc.id == "user_1" {
						clerk.Script(clerktest.UpdateUserMetadata, tc.fault)
					}
					return clerk
				}
				holds := func(clerk *clerktest.Test, want string) {
					user, _ := clerk.User("user_1")
					require.Equal(t, want, user.PrivateMetadata.String())
				}

				clerk := start()
				byHand := rawAPI{&http.Client{Transport: clerk.Transport()}, "https://clerk.test/v1", clerk.SecretKey()}
				err := byHand.storeByHand(t.Context(), tc.id, tc.customer)
				if tc.byHand == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, tc.byHand)
				}
				holds(clerk, tc.left)
				require.Equal(t, tc.operation, clerk.Requests()[0].Operation)

				clerk = start()
				c := clerk.Client()
				if tc.with != nil {
					clerk.Reset() // nothing is sent that could meet the fault
				}
				require.ErrorIs(t, store(t.Context(), c, tc.id, tc.customer), tc.with)
				holds(clerk, tc.leftWith)
			})
		})
	}
}

// TestGuideFromRawHTTPKeepsYourTransport is the guide's last snippet.
func TestGuideFromRawHTTPKeepsYourTransport(t *testing.T) {
	t.Parallel()
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	require.NoError(t, err)
	yours := &http.Client{Transport: clerk.Transport()}
	key := clerk.SecretKey()

	c, err := client.New(client.SecretKey(key), client.WithHTTPClient(yours))
	require.NoError(t, err)

	customer := "cus_123"
	require.NoError(t, store(t.Context(), c, "user_1", &customer))
	require.Len(t, clerk.Requests(), 1)
}
