package users_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// What an application keeps in public and private metadata.
type (
	Profile struct {
		Role string `json:"role,omitempty"`
	}
	Billing struct {
		StripeID string          `json:"stripeId,omitempty"`
		Plan     *Plan           `json:"plan,omitempty"`
		Flags    map[string]bool `json:"flags,omitempty"`
	}
	Plan struct {
		Name  string `json:"name"`
		Seats int    `json:"seats,omitempty"`
	}
	// Account is a user, as far as the application cares.
	Account struct {
		ID      string  `json:"id"`
		Public  Profile `json:"public_metadata"`
		Private Billing `json:"private_metadata"`
	}
)

// shop is a client on an in-process Clerk with one customer.
func shop() *client.Client {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{
		ID:             "user_1",
		PublicMetadata: map[string]any{"role": "visitor", "theme": "dark"},
		PrivateMetadata: map[string]any{
			"stripeId": "cus_123",
			"plan":     map[string]any{"name": "trial", "seats": 3, "source": "campaign"},
		},
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

// Modify reads, lets the callback change what it likes, and sends what changed
// and nothing else.
func ExampleView_Modify() {
	accounts := users.As[Account](shop().Users)
	result, err := accounts.Modify(context.Background(), "user_1", func(a *Account) error {
		a.Public.Role = "customer"
		a.Private.Plan.Name = "pro"
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sent:", result.Sent.PublicMetadata, result.Sent.PrivateMetadata)
	fmt.Println(result.User.PublicMetadata)
	fmt.Println(result.User.PrivateMetadata)
	// Output:
	// sent: map[role:customer] map[plan:map[name:pro]]
	// {"role":"customer","theme":"dark"}
	// {"plan":{"name":"pro","seats":3,"source":"campaign"},"stripeId":"cus_123"}
}

// Clearing a nested struct removes the keys that the struct knows. What it does
// not know stays.
func ExampleView_Modify_clear() {
	accounts := users.As[Account](shop().Users)
	result, err := accounts.Modify(context.Background(), "user_1", func(a *Account) error {
		a.Private.Plan = nil
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.User.PrivateMetadata)
	// Output: {"plan":{"source":"campaign"},"stripeId":"cus_123"}
}

// What someone else wrote between the read and the write is kept and reported;
// MaxReruns lets the callback decide again.
func ExampleView_Modify_concurrent() {
	c := shop()
	accounts := users.As[Account](c.Users).With(metadata.ModifyConfig{MaxReruns: 3})
	once := true
	result, err := accounts.Modify(context.Background(), "user_1", func(a *Account) error {
		if once { // another service writes meanwhile
			once = false
			_, err := c.Users.UpdateUserMetadata(context.Background(), "user_1", users.UpdateUserMetadataParams{
				PrivateMetadata: metadata.Patch{"flags": metadata.Patch{"blocked": true}},
			})
			if err != nil {
				return err
			}
		}
		a.Public.Role = "customer"
		if a.Private.Flags["blocked"] {
			a.Public.Role = "visitor"
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.ConcurrentChanges, result.Writes, result.Value.Public.Role)
	// Output: [private_metadata/flags] 2 visitor
}

func ExampleView_Get() {
	accounts := users.As[Account](shop().Users)
	user, err := accounts.Get(context.Background(), "user_1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID, user.Public.Role, user.Private.Plan.Seats)
	// Output: user_1 visitor 3
}

func ExampleService_GetMany() {
	found, missing, err := shop().Users.GetMany(context.Background(), []string{"user_1", "user_gone"})
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range found {
		fmt.Println(user.ID, user.PublicMetadata)
	}
	fmt.Println("missing:", missing)
	// Output:
	// user_1 {"role":"visitor","theme":"dark"}
	// missing: [user_gone]
}

func ExampleService_All() {
	for user, err := range shop().Users.All(context.Background(), users.AllParams{}) {
		if err != nil {
			log.Fatal(err) // the last thing that a walk yields
		}
		fmt.Println(user.ID, user.PublicMetadata)
	}
	// Output: user_1 {"role":"visitor","theme":"dark"}
}

// A user whose metadata does not fit is reported and the walk continues.
func ExampleView_All() {
	accounts := users.As[Account](shop().Users)
	for account, err := range accounts.All(context.Background(), users.AllParams{}) {
		switch {
		case errors.Is(err, metadata.ErrMismatch):
			fmt.Println(err)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(account.ID, account.Public.Role)
		}
	}
	// Output: user_1 visitor
}
