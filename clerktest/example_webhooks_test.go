package clerktest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// The application's own handler receives the events, without a socket, and one of them
// twice.
func ExampleClerk_Deliver() {
	receiver, err := webhook.New(webhook.SigningSecret(clerktest.DefaultWebhookSecret))
	if err != nil {
		log.Fatal(err)
	}
	seen := map[string]bool{}
	application := receiver.Handler(func(_ context.Context, event webhook.Event) error {
		if seen[event.ID] {
			fmt.Println("again", event.Type)
			return nil
		}
		seen[event.ID] = true
		user, err := event.User()
		if err != nil {
			return err
		}
		fmt.Println(event.Type, user.PublicMetadata)
		return nil
	})

	ctx := context.Background()
	clerk, err := clerktest.Config{Webhooks: application}.New(clerktest.Seed{Users: []clerktest.User{{}}})
	if err != nil {
		log.Fatal(err)
	}
	if err := clerk.ScriptDeliveries(clerktest.Delivery{Twice: true}); err != nil {
		log.Fatal(err)
	}
	api, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	if _, err := api.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": "admin"},
	}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(clerk.Deliver(ctx))
	// Output:
	// user.updated {"role":"admin"}
	// again user.updated
	// <nil>
}
