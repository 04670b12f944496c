// Command wire makes each call of package cases for a user or organization of the case's name.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/clerk/clerk-sdk-go/v2"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/vet/testdata/wire/cases"
)

func main() {
	log.SetFlags(0)
	clerk.SetBackend(clerk.NewBackend(&clerk.BackendConfig{
		HTTPClient: http.DefaultClient,
		URL:        clerk.String(os.Getenv("CLERK_API_URL")),
		Key:        clerk.String(os.Getenv("CLERK_SECRET_KEY")),
	}))
	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")), client.WithBaseURL(os.Getenv("CLERK_API_URL")))
	if err != nil {
		log.Fatal(err)
	}
	cases.Clerkmeta = c
	for name, run := range cases.All {
		if err := run(context.Background(), name); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}
