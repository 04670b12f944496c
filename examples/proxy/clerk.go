package main

import (
	"log/slog"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// What the site hands its first visitor: the emulator knows no sign-in.
const (
	clientCookie = "__client"
	clientToken  = "client_token_ada"
)

// newClerk is a Clerk in this process, with one user who is signed in.
func newClerk() (*clerktest.Clerk, error) {
	return clerktest.Config{RequestLog: 100}.New(clerktest.Seed{
		Users: []clerktest.User{{
			ID: "user_ada", FirstName: "Ada",
			PublicMetadata: map[string]any{"role": "shopper"},
			UnsafeMetadata: map[string]any{"theme": "dark", "layout": map[string]any{"columns": 2}},
		}},
		Sessions: []clerktest.Session{{UserID: "user_ada", ClientToken: clientToken}},
	})
}

// newProxy is the Frontend API under the site's own address. In production there
// is no Upstream, and ClientAddress says where the site's front tells it.
func newProxy(siteURL string, clerk *clerktest.Clerk, logger *slog.Logger) (*proxy.Handler, error) {
	upstream, err := clerk.URL()
	if err != nil {
		return nil, err
	}
	return proxy.New(proxy.Config{
		SecretKey:     client.SecretKey(clerk.SecretKey()),
		Upstream:      upstream,
		PublicURL:     siteURL + proxy.DefaultPrefix,
		ClientAddress: proxy.FromPeer(),
		Policies:      []proxy.Policy{proxy.MaxSize(1000), proxy.PolicyFunc(noRole), proxy.AllowKeys("theme", "layout")},
		Logger:        logger,
	})
}

// noRole says more than AllowKeys would, which refuses the key as well.
func noRole(_ *http.Request, patch metadata.Patch) error {
	if _, found := patch["role"]; found {
		return proxy.Refuse("Roles are given by an administrator.")
	}
	return nil
}
