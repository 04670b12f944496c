package client_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// A hook sees each call as a whole, for tracing: here one for an unknown user.
func ExampleWithCallHook() {
	clerk, err := clerktest.New(clerktest.Seed{})
	if err != nil {
		log.Fatal(err)
	}
	type requestID struct{}
	c, err := clerk.NewClient(
		client.WithCallHook(func(ctx context.Context, call observe.Call) (context.Context, func(observe.Result)) {
			ctx = context.WithValue(ctx, requestID{}, "req-1") // for the other hooks and the http.RoundTripper
			return ctx, func(r observe.Result) {
				fmt.Println(call.Operation, call.Method, call.Route, r.Status == http.StatusNotFound, r.Attempts, r.ErrorType)
			}
		}),
		client.WithAttemptHook(func(ctx context.Context, a observe.Attempt) {
			fmt.Println(ctx.Value(requestID{}), a.Number, a.Code)
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Users.GetUser(context.Background(), "user_1")
	fmt.Println(err != nil)
	// Output:
	// req-1 1 resource_not_found
	// GetUser GET /v1/users/{user_id} true 1 404
	// true
}
