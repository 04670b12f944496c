package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestStart(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, start(t.Context(), &out, false, ""))
	require.Equal(t, `On an in-process Clerk, without an account:

GetUser
  public   {}
  private  {"crmId":9007199254740993}

UpdateUserMetadata: a role and a Stripe id, merged with what was there
  public   {"role":"shopper"}
  private  {"crmId":9007199254740993,"stripeId":"cus_example"}

UpdateUserMetadata: the role removed, nothing else touched
  public   {}
  private  {"crmId":9007199254740993,"stripeId":"cus_example"}

The Stripe id, decoded: cus_example
`, out.String())
}

func TestRunLeavesTheStripeID(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	require.NoError(t, run(t.Context(), &bytes.Buffer{}, clerk.Client(), "user_1"))
	user, ok := clerk.User("user_1")
	require.True(t, ok)
	private, err := metadata.Decode[map[string]string](user.PrivateMetadata)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"stripeId": "cus_example"}, private)
	require.Len(t, clerk.Requests(), 3)
}

func TestLiveRefuses(t *testing.T) {
	t.Setenv(client.EnvSecretKey, "sk_live_example")
	require.ErrorContains(t, start(t.Context(), &bytes.Buffer{}, true, ""), "-user")
	require.ErrorContains(t, start(t.Context(), &bytes.Buffer{}, true, "user_1"), "live key")
	t.Setenv(client.EnvSecretKey, "")
	require.ErrorContains(t, start(t.Context(), &bytes.Buffer{}, true, "user_1"), "is empty")
}
