package webhook_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

func Example() {
	receiver, err := webhook.New(webhook.SigningSecret(os.Getenv("CLERK_WEBHOOK_SIGNING_SECRET")))
	if err != nil {
		fmt.Println(err)
		return
	}
	receiver.OnError = func(ctx context.Context, event webhook.Event, err error) {
		slog.ErrorContext(ctx, "webhook", "id", event.ID, "type", event.Type, "err", err)
	}
	http.Handle("/clerk", receiver.Handler(func(ctx context.Context, event webhook.Event) error {
		switch event.Type {
		case webhook.UserCreated, webhook.UserUpdated:
			user, err := event.User()
			if err != nil {
				return err
			}
			return store(ctx, user.ID, user.UpdatedAt.UnixMilli())
		case webhook.UserDeleted:
			deleted, err := event.Deleted()
			if err != nil {
				return err
			}
			return remove(ctx, deleted.ID)
		}
		return nil // of no interest
	}))
	// Output: clerk: webhook.New: secrets[0]: is empty: Clerk's dashboard shows the signing secret of the endpoint (whsec_…)
}

func store(context.Context, string, int64) error { return nil }
func remove(context.Context, string) error       { return nil }

// A payload that another program verified and put into a queue.
func ExampleParse() {
	event, err := webhook.Parse([]byte(`{
		"type": "user.updated",
		"object": "event",
		"data": {"id": "user_1", "object": "user", "private_metadata": {"stripeId": "cus_123"}}
	}`))
	if err != nil {
		log.Fatal(err)
	}
	user, err := event.User()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID, user.PrivateMetadata)
	// Output: user_1 {"stripeId": "cus_123"}
}

func ExampleDecode() {
	type Account struct {
		ID      string `json:"id"`
		Private struct {
			StripeID string `json:"stripeId"`
		} `json:"private_metadata"`
	}
	event, err := webhook.Parse([]byte(`{"type":"user.updated","data":{"id":"user_1","private_metadata":{"stripeId":"cus_123"}}}`))
	if err != nil {
		log.Fatal(err)
	}
	account, err := webhook.Decode[Account](event)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.ID, account.Private.StripeID)
	// Output: user_1 cus_123
}

// The in-process Clerk sends its events to a handler in tests. An error that satisfies
// ErrDiscard is reported, and the event is not sent again.
func ExampleReceiver_Handler() {
	receiver, err := webhook.New(webhook.SigningSecret(clerktest.DefaultWebhookSecret))
	if err != nil {
		log.Fatal(err)
	}
	receiver.OnError = func(_ context.Context, event webhook.Event, err error) {
		fmt.Println(event.Type, err)
	}
	handler := receiver.Handler(func(_ context.Context, event webhook.Event) error {
		if event.Type != webhook.UserUpdated {
			return fmt.Errorf("%w: subscribe to user.updated alone", webhook.ErrDiscard)
		}
		user, err := event.User()
		if err != nil {
			return err
		}
		fmt.Println(event.Type, user.ID, user.PrivateMetadata)
		return nil
	})

	clerk, err := clerktest.Config{Webhooks: handler}.New(clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1"}},
		Organizations: []clerktest.Organization{{ID: "org_1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
	}); err != nil {
		log.Fatal(err)
	}
	if _, err := c.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{
		PublicMetadata: metadata.Patch{"tier": "gold"},
	}); err != nil {
		log.Fatal(err)
	}
	if err := clerk.Deliver(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// user.updated user_1 {"stripeId":"cus_123"}
	// organization.updated discarded: subscribe to user.updated alone
}
