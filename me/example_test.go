package me_test

import (
	"context"
	"fmt"
	"log"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// inProcess is a service on an in-process Clerk. In production it is
//
//	svc, err := client.NewFrontend("https://clerk.example.com")
func inProcess() *me.Service {
	clerk, err := clerktest.Config{Rotation: true}.New(clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1", UnsafeMetadata: map[string]any{"lang": "en"}}},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	svc, err := clerk.NewFrontend()
	if err != nil {
		log.Fatal(err)
	}
	return svc
}

// The signed-in user picks a theme. The credential is the user's own, taken from
// the request that is being served.
func ExampleService_UpdateMetadata() {
	svc := inProcess()
	user, rotation, err := svc.UpdateMetadata(context.Background(), me.Cookie("client-token-1"), metadata.Patch{"theme": "dark"})
	// Cookies that Clerk renewed belong to the browser, error or not.
	for _, cookie := range rotation.Cookies() {
		fmt.Println("set", cookie.Name)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.UnsafeMetadata)
	// Output:
	// set __client
	// {"lang":"en","theme":"dark"}
}

// The Frontend API has no replacement: ReplaceMetadata reads, and sends the
// difference.
func ExampleService_ReplaceMetadata() {
	svc := inProcess()
	user, _, err := svc.ReplaceMetadata(context.Background(), me.Cookie("client-token-1"), metadata.Of(map[string]any{"theme": "dark"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.UnsafeMetadata)
	// Output: {"theme":"dark"}
}

// A native app's token is renewed with each answer; the next call uses the new
// one.
func ExampleCredential_Rotated() {
	svc := inProcess()
	credential := me.NativeToken("client-token-1")
	_, rotation, err := svc.GetMe(context.Background(), credential)
	if err != nil {
		log.Fatal(err)
	}
	credential = credential.Rotated(rotation)
	user, _, err := svc.GetMe(context.Background(), credential)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID, credential)
	// Output: user_1 native …redacted
}
