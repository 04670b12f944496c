package users_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// inProcess is a client on an in-process Clerk. In production it is
//
//	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")))
func inProcess() *client.Client {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{
		ID:              "user_1",
		PublicMetadata:  map[string]any{"role": "visitor", "beta": true},
		PrivateMetadata: map[string]any{"accountId": int64(9007199254740993)},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	return c
}

// A Stripe id goes into private metadata and a role into the public one, in one
// request; what else is there stays.
func ExampleService_UpdateUserMetadata() {
	c := inProcess()
	user, err := c.Users.UpdateUserMetadata(context.Background(), "user_1", users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
		PublicMetadata:  metadata.Patch{"role": "shopper"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.PrivateMetadata)
	fmt.Println(user.PublicMetadata)
	// Output:
	// {"accountId":9007199254740993,"stripeId":"cus_123"}
	// {"beta":true,"role":"shopper"}
}

// metadata.Delete removes a key, at any depth.
func ExampleService_UpdateUserMetadata_removeKey() {
	c := inProcess()
	user, err := c.Users.UpdateUserMetadata(context.Background(), "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"beta": metadata.Delete},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.PublicMetadata)
	// Output: {"role":"visitor"}
}

// A nil never deletes: it is an error that names the path, before any request.
func ExampleService_UpdateUserMetadata_nil() {
	c := inProcess()
	var stripeID *string
	_, err := c.Users.UpdateUserMetadata(context.Background(), "user_1", users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": stripeID},
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, clerkerr.ErrInvalidArgument))
	// Output:
	// clerk: UpdateUserMetadata: private_metadata: /stripeId: null is not allowed here: to remove a key set it to metadata.Delete, in a Patch or a map
	// true
}

// A replacement makes a field exactly what it is given; Empty clears one, and a
// field that is not mentioned is left alone.
func ExampleService_ReplaceUserMetadata() {
	c := inProcess()
	user, err := c.Users.ReplaceUserMetadata(context.Background(), "user_1", users.ReplaceUserMetadataParams{
		PublicMetadata:  metadata.Of(map[string]any{"role": "admin"}),
		PrivateMetadata: metadata.Empty(),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.PublicMetadata, user.PrivateMetadata)
	// Output: {"role":"admin"} {}
}

// Metadata decodes into types of your own; numbers keep their digits.
func ExampleService_GetUser() {
	c := inProcess()
	user, err := c.Users.GetUser(context.Background(), "user_1")
	if err != nil {
		log.Fatal(err)
	}
	type private struct {
		AccountID int64 `json:"accountId"`
	}
	p, err := metadata.Decode[private](user.PrivateMetadata)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.AccountID)
	// Output: 9007199254740993
}

// Errors are distinguished by their meaning; the details are in the *clerkerr.Error.
func ExampleService_GetUser_errors() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	// Clerk asks for a longer wait than this client is willing to make.
	err = clerk.Script(clerktest.GetUser, clerktest.Pass(),
		clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(time.Minute)))
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"user_unknown", "user_1"} {
		_, err := c.Users.GetUser(context.Background(), id)
		var e *clerkerr.Error
		switch {
		case errors.Is(err, clerkerr.ErrNotFound):
			fmt.Println("there is no", id)
		case errors.Is(err, clerkerr.ErrRateLimited) && errors.As(err, &e):
			fmt.Println("slow down for", e.RetryAfter)
		}
	}
	// Output:
	// there is no user_unknown
	// slow down for 1m0s
}
