// Command quickstart stores a Stripe id in a user's private metadata and a role
// in the public one, and shows the result.
//
//	go run ./examples/quickstart
//
// It runs on an in-process Clerk and needs no account. To see the same on a
// development instance of your own:
//
//	CLERK_SECRET_KEY=sk_test_… go run ./examples/quickstart -live -user user_…
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func main() {
	live := flag.Bool("live", false, "use Clerk itself, with the test key in "+client.EnvSecretKey)
	userID := flag.String("user", "", "with -live: the id of the user to write to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := start(ctx, os.Stdout, *live, *userID); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, out io.Writer, live bool, userID string) error {
	if !live {
		c, id, err := inProcess()
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "On an in-process Clerk, without an account:")
		return run(ctx, out, c, id)
	}
	if userID == "" {
		return errors.New("-live needs -user with the id of a user of your development instance")
	}
	if client.SecretKey(os.Getenv(client.EnvSecretKey)).IsLive() {
		return errors.New("this program writes example data and refuses a live key: use a test key (sk_test_…)")
	}
	c, err := client.FromEnv()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "On Clerk itself:")
	return run(ctx, out, c, userID)
}

// inProcess starts a Clerk with one user in this process.
func inProcess() (*client.Client, string, error) {
	const id = "user_quickstart"
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{
		ID:              id,
		PrivateMetadata: map[string]any{"crmId": int64(9007199254740993)},
	}}})
	if err != nil {
		return nil, "", err
	}
	c, err := clerk.NewClient()
	return c, id, err
}

func run(ctx context.Context, out io.Writer, c *client.Client, userID string) error {
	show := func(did string, user *users.User) {
		fmt.Fprintf(out, "\n%s\n  public   %s\n  private  %s\n", did, user.PublicMetadata, user.PrivateMetadata)
	}

	user, err := c.Users.GetUser(ctx, userID)
	if err != nil {
		return err
	}
	show("GetUser", user)

	user, err = c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata:  metadata.Patch{"role": "shopper"},
		PrivateMetadata: metadata.Patch{"stripeId": "cus_example"},
	})
	if err != nil {
		return err
	}
	show("UpdateUserMetadata: a role and a Stripe id, merged with what was there", user)

	user, err = c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": metadata.Delete},
	})
	if err != nil {
		return err
	}
	show("UpdateUserMetadata: the role removed, nothing else touched", user)

	var private struct {
		StripeID string `json:"stripeId"`
	}
	if err := user.PrivateMetadata.Decode(&private); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe Stripe id, decoded: %s\n", private.StripeID)
	return nil
}
