package writer_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// Many updates of a user are one request, in the order in which they came.
func ExampleWriter() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	w, err := writer.Users(c.Users, writer.Config{Interval: time.Second})
	if err != nil {
		log.Fatal(err)
	}
	for n := range 999 {
		_, err := w.Submit(ctx, "user_1", users.UpdateUserMetadataParams{
			PublicMetadata: metadata.Patch{"progress": n + 1},
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	user, err := w.Update(ctx, "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"done": true},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Close(ctx); err != nil {
		log.Fatal(err) // the failures that no caller received: 16 by name, and a count
	}
	fmt.Println(user.PublicMetadata)
	fmt.Println(len(clerk.Requests()))
	// Output:
	// {"done":true,"progress":999}
	// 1
}

// Patches that have no composition go apart, in order.
func ExampleWriter_apart() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		log.Fatal(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	w, err := writer.Users(c.Users, writer.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range []metadata.Patch{{"plan": "free"}, {"plan": metadata.Patch{"name": "pro"}}, {"seats": 5}} {
		if _, err := w.Submit(ctx, "user_1", users.UpdateUserMetadataParams{PrivateMetadata: p}); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(ctx); err != nil {
		log.Fatal(err)
	}
	for _, r := range clerk.Requests() {
		fmt.Println(string(r.Body))
	}
	// Output:
	// {"private_metadata":{"plan":"free"}}
	// {"private_metadata":{"plan":{"name":"pro"},"seats":5}}
}
