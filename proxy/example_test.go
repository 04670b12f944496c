package proxy_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// A proxy in front of an in-process Clerk, and a user's own write through it. In
// production there is no Upstream, and PublicURL and ClientAddress say what is
// true of the deployment.
func ExampleNew() {
	fake, err := clerktest.New(clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1"}},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	clerk, err := proxy.New(proxy.Config{
		SecretKey:     client.SecretKey(fake.SecretKey()),
		Upstream:      "https://clerk.example",
		Transport:     fake.Transport(),
		PublicURL:     "https://app.example/__clerk",
		ClientAddress: proxy.FromPeer(),
		Routes:        proxy.MeRoutes,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/__clerk/", clerk)
	mux.Handle("/healthz", clerk.Health())
	server := httptest.NewServer(mux)
	defer server.Close()

	svc, err := client.NewFrontend(server.URL + "/__clerk")
	if err != nil {
		log.Fatal(err)
	}
	user, _, err := svc.UpdateMetadata(context.Background(), me.Cookie("client-token-1"), metadata.Patch{"theme": "dark"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.UnsafeMetadata)
	// Output: {"theme":"dark"}
}

// What cannot work is found when the program starts.
func ExampleNew_development() {
	_, err := proxy.New(proxy.Config{
		SecretKey:     client.SecretKey("sk_test_example"),
		PublicURL:     "http://localhost:3000/__clerk",
		ClientAddress: proxy.FromPeer(),
	})
	fmt.Println(err)
	// Output: clerk: proxy.New: Upstream: is not known: SecretKey is of a development instance, so give its PublishableKey, Upstream or CLERK_FAPI_URL
}

// Counts per route, method and status, for any metrics library. Nothing of an
// Exchange is a client's to choose.
func ExampleConfig_hook() {
	counts := map[string]int{}
	clerk, err := proxy.New(proxy.Config{
		SecretKey:     client.SecretKey("sk_live_example"),
		PublicURL:     "https://app.example/__clerk",
		ClientAddress: proxy.FromHeader("CF-Connecting-IP"),
		Hook: func(_ context.Context, e proxy.Exchange) {
			counts[fmt.Sprint(e.Method, " ", e.Route, " ", e.Status, " ", e.Code)]++
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Around the CDN, so without its header.
	r := httptest.NewRequest(http.MethodGet, "/__clerk/v1/client/sessions/sess_1", nil)
	clerk.ServeHTTP(httptest.NewRecorder(), r)
	fmt.Println(counts)
	// Output: map[GET /v1/client/sessions/{id} 500 proxy_configuration_error:1]
}
