package clerktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Seed an instance, let the code under test write to it, and look at what Clerk
// holds then. In a test, clerktest.Start(t, …) spares the error handling.
func Example() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{
		ID:             "user_1",
		PublicMetadata: map[string]any{"plan": "free", "since": 2024},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	api, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	_, err = api.Users.UpdateUserMetadata(context.Background(), "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"plan": "pro", "since": metadata.Delete},
	})
	if err != nil {
		log.Fatal(err)
	}
	user, _ := clerk.User("user_1")
	fmt.Println(user.PublicMetadata)
	// Output: {"plan":"pro"}
}

// Script one fault for each request, and see how the code under test handles it.
func ExampleClerk_Script() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	err = clerk.Script(clerktest.GetUser,
		clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second)),
	)
	if err != nil {
		log.Fatal(err)
	}
	api, err := clerk.NewClient(client.WithRetry(client.Retry{MaxRetries: client.None}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = api.Users.GetUser(context.Background(), "user_1")
	fmt.Println("limited:", errors.Is(err, clerkerr.ErrRateLimited))
	user, err := api.Users.GetUser(context.Background(), "user_1")
	fmt.Println(user.ID, err)
	for _, r := range clerk.Requests(clerktest.GetUser) {
		fmt.Println(r.Method, r.Path, r.Status)
	}
	// Output:
	// limited: true
	// user_1 <nil>
	// GET /v1/users/user_1 429
	// GET /v1/users/user_1 200
}

// URL serves whatever speaks HTTP: another process, or another language's SDK.
func ExampleClerk_URL() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = clerk.Close() }()
	url, err := clerk.URL()
	if err != nil {
		log.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPatch,
		url+"/v1/users/user_1/metadata", strings.NewReader(`{"publicMetadata":{}}`))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+clerk.SecretKey())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, strings.Contains(string(body), `"code":"form_param_unknown"`))
	// Output: 422 true
}
