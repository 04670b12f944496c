package main

import (
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// TestBeforeAndAfter runs both against the same Clerk: they agree where all is
// well, and the guide says where they do not.
func TestBeforeAndAfter(t *testing.T) {
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
				err := byHand.store(t.Context(), tc.id, tc.customer)
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

func TestProgram(t *testing.T) {
	fake := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	t.Setenv(client.EnvSecretKey, fake.SecretKey())
	t.Setenv(client.EnvAPIURL, fake.URL())
	os.Args = []string{"store", "user_1", "cus_123"}
	main()
	user, _ := fake.User("user_1")
	require.Equal(t, `{"stripeId":"cus_123"}`, user.PrivateMetadata.String())
}
