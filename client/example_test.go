package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// A client with the defaults changed that a batch job may want to change.
func ExampleNew() {
	c, err := client.New(client.SecretKey("sk_test_example"),
		client.WithRetry(client.Retry{MaxRetries: 5, Timeout: 2 * time.Minute}),
		client.WithUserAgent("backfill/1.0"),
		client.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Users != nil, c.Organizations != nil)
	// Output: true true
}

// Errors distinguish wrong keys, and print none.
func ExampleNew_wrongKey() {
	for _, key := range []string{"", "pk_test_example", "sk_test_example\n"} {
		_, err := client.New(client.SecretKey(key))
		fmt.Println(err)
	}
	fmt.Printf("%+v\n", client.SecretKey("sk_test_example"))
	// Output:
	// clerk: client.New: key: is empty: set CLERK_SECRET_KEY to the instance's secret key (sk_test_… or sk_live_…)
	// clerk: client.New: key: is a publishable key (pk_…): the Backend API takes the secret key (sk_test_… or sk_live_…)
	// clerk: client.New: key: has white space around it, perhaps a newline from a file: trim it
	// sk_test_…redacted
}

// The Frontend API has a separate address, which the publishable key holds;
// the end user's credential comes with each call.
func ExampleNewFrontend() {
	clerk, err := clerktest.New(clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1"}},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	// In production: client.NewFrontend("https://clerk.example.com")
	svc, err := client.NewFrontend("https://clerk.example.com", client.WithHTTPClient(&http.Client{Transport: clerk.Transport()}))
	if err != nil {
		log.Fatal(err)
	}
	user, _, err := svc.GetMe(context.Background(), me.Cookie("client-token-1"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID)
	// Output: user_1
}

// The address of the Frontend API is part of the publishable key.
func ExampleCookieSuffix() {
	fmt.Println("__session_" + client.CookieSuffix("pk_test_Y2xlcmsuZXhhbXBsZSQ"))
	// Output: __session_o383k7Jh
}

func ExampleFrontendURL() {
	address, err := client.FrontendURL("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k")
	fmt.Println(address, err)
	// Output: https://clerk.example.com <nil>
}

// FromEnv takes the key from CLERK_SECRET_KEY, and says so where it is missing.
func ExampleFromEnv() {
	if err := os.Unsetenv(client.EnvSecretKey); err != nil {
		log.Fatal(err)
	}
	_, err := client.FromEnv()
	fmt.Println(err)
	// Output: clerk: client.New: key: is empty: set CLERK_SECRET_KEY to the instance's secret key (sk_test_… or sk_live_…)
}

// FrontendFromEnv takes the address from CLERK_FAPI_URL, or out of
// CLERK_PUBLISHABLE_KEY.
func ExampleFrontendFromEnv() {
	for _, name := range []string{client.EnvFrontendURL, client.EnvPublishableKey} {
		if err := os.Unsetenv(name); err != nil {
			log.Fatal(err)
		}
	}
	_, err := client.FrontendFromEnv()
	fmt.Println(err)
	// Output: clerk: client.FrontendURL: publishableKey: is not a publishable key: one begins with pk_test_ or pk_live_ (CLERK_PUBLISHABLE_KEY)
}

// A hook sees every attempt, for metrics: here the first is answered with a 503.
func ExampleWithAttemptHook() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	if err := clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusServiceUnavailable, "service_unavailable")); err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient(
		client.WithRetry(client.Retry{BaseDelay: time.Millisecond}),
		client.WithAttemptHook(func(_ context.Context, a observe.Attempt) {
			fmt.Println(a.Operation, a.Number, a.Status, a.Code, a.Retry)
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Users.UpdateUserMetadata(context.Background(), "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": "shopper"},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// UpdateUserMetadata 1 503 service_unavailable true
	// UpdateUserMetadata 2 200  false
}

// Ten writes of a user have room; the next would wait longer than its context
// allows, so it fails at once.
func ExampleWithRateLimit() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient(client.WithRateLimit(client.ProductionLimit))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for i := range 11 {
		_, err = c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{
			PublicMetadata: metadata.Patch{"visits": i},
		})
	}
	fmt.Println(errors.Is(err, clerkerr.ErrLocalLimit), len(clerk.Requests()))
	// Output: true 10
}

// Clerk's own Go client and this module's share one limit.
func ExampleLimitTransport() {
	limiter, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(client.SecretKey("sk_test_example"), client.WithLimiter(limiter))
	if err != nil {
		log.Fatal(err)
	}
	// clerk.ClientConfig of clerk-sdk-go takes it as HTTPClient.
	other := &http.Client{Transport: client.LimitTransport(limiter, nil), Timeout: 45 * time.Second}
	fmt.Println(c != nil, other != nil)
	// Output: true true
}
