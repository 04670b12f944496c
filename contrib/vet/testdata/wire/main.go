// Command wire makes each call of package cases for a user or organization of the case's name.
package main

import (
	"context"
	"log"
	"maps"
	"net/http"
	"os"
	"slices"

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
	for _, name := range slices.Sorted(maps.Keys(cases.All)) {
		if err := cases.All[name](context.Background(), name); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}
