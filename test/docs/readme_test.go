package docs_test

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/clerkmeta/clerkmeta-go/users"
)

// inAMinute is the README's first piece of code, with its environment around it.
func inAMinute(ctx context.Context, userID string) error {
	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")))
	if err != nil {
		return err
	}
	user, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
		PublicMetadata:  metadata.Patch{"role": "shopper"},
	})
	_ = user
	return err
}

// whatNilMeans is the README's table in code.
func whatNilMeans(ctx context.Context, c *client.Client, userID string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{
			"role":    "admin",                                 // set; other keys stay
			"trial":   metadata.Delete,                         // removed
			"address": metadata.Patch{"city": metadata.Delete}, // removed one level down
		},
		PrivateMetadata: nil, // left alone
	})
	if err != nil {
		return err
	}
	_, err = c.Users.ReplaceUserMetadata(ctx, userID, users.ReplaceUserMetadataParams{
		PublicMetadata:  metadata.Of(map[string]any{"role": "admin"}), // exactly this
		PrivateMetadata: metadata.Empty(),                             // cleared
		UnsafeMetadata:  metadata.Value{},                             // left alone
	})
	return err
}

// yourCode is what a reader of the README has.
func yourCode(ctx context.Context, c *client.Client, userID string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
	})
	return err
}

func TestInAMinute(t *testing.T) {
	t.Setenv("CLERK_SECRET_KEY", "")
	require.ErrorContains(t, inAMinute(t.Context(), "user_1"), "set CLERK_SECRET_KEY")
	t.Setenv("CLERK_SECRET_KEY", "sk_test_example")
	require.ErrorIs(t, inAMinute(t.Context(), "no/user"), clerkerr.ErrInvalidArgument, "the key is taken")
}

func TestWhatNilMeans(t *testing.T) {
	t.Parallel()
	object := func(json string) metadata.Value {
		o, err := metadata.ParseObject([]byte(json))
		require.NoError(t, err)
		return metadata.Of(o)
	}
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{
		ID:              "user_1",
		PublicMetadata:  object(`{"trial":true,"address":{"city":"Utrecht","zip":"3511"},"plan":"free"}`),
		PrivateMetadata: object(`{"stripeId":"cus_123"}`),
		UnsafeMetadata:  object(`{"theme":"dark"}`),
	}}})
	var states []string
	clerk.Script(clerktest.ReplaceUserMetadata, clerktest.Answer(http.StatusForbidden, "not_now"))
	require.ErrorIs(t, whatNilMeans(t.Context(), clerk.Client(), "user_1"), clerkerr.ErrForbidden)
	for range 2 {
		user, _ := clerk.User("user_1")
		states = append(states, fmt.Sprint(user.PublicMetadata, user.PrivateMetadata, user.UnsafeMetadata))
		require.NoError(t, whatNilMeans(t.Context(), clerk.Client(), "user_1"))
	}
	require.Equal(t, []string{
		`{"address":{"zip":"3511"},"plan":"free","role":"admin"} {"stripeId":"cus_123"} {"theme":"dark"}`,
		`{"role":"admin"} {} {"theme":"dark"}`,
	}, states)
}

func TestTestingYourOwnCode(t *testing.T) {
	t.Parallel()
	// In a bubble the wait between the attempts takes no time.
	synctest.Test(t, func(t *testing.T) {
		clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
		clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusTooManyRequests, "too_many_requests"))

		err := yourCode(t.Context(), clerk.Client(), "user_1") // it survives the 429

		require.NoError(t, err)
		user, _ := clerk.User("user_1")
		require.Equal(t, `{"stripeId":"cus_123"}`, user.PrivateMetadata.String())
	})
}

func Example_typed() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{
		ID: "user_1", PrivateMetadata: map[string]any{"stripeId": "cus_123", "crm": map[string]any{"id": 7}},
	}}})
	if err != nil {
		fmt.Println(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		fmt.Println(err)
	}
	ctx := context.Background()

	type Billing struct {
		StripeID string   `json:"stripeId,omitempty"`
		Plan     string   `json:"plan,omitempty"`
		Notes    []string `json:"notes,omitempty"`
	}
	type Account struct {
		ID      string  `json:"id"`
		Private Billing `json:"private_metadata"`
	}

	accounts := users.As[Account](c.Users)
	result, err := accounts.Modify(ctx, "user_1", func(a *Account) error {
		a.Private.Plan = "pro"
		a.Private.StripeID = ""
		return nil
	})
	fmt.Println(err)
	sent, err := result.Sent.PrivateMetadata.MarshalJSON()
	fmt.Println(string(sent), err)
	fmt.Println(result.User.PrivateMetadata)
	// Output:
	// <nil>
	// {"plan":"pro","stripeId":null} <nil>
	// {"crm":{"id":7},"plan":"pro"}
}

func Example_errors() {
	report := func(err error) {
		var e *clerkerr.Error
		switch {
		case errors.Is(err, clerkerr.ErrNotFound):
			fmt.Println("there is no such user")
		case errors.Is(err, clerkerr.ErrRateLimited) && errors.As(err, &e):
			fmt.Println("slow down for", e.RetryAfter)
		}
	}
	report(&clerkerr.Error{Status: http.StatusNotFound})
	report(&clerkerr.Error{Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
	// Output:
	// there is no such user
	// slow down for 1m0s
}
