package main

import (
	"log/slog"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// The cookie that the site sets for its first visitor: the emulator has no sign-in.
const (
	clientCookie = "__client"
	clientToken  = "client_token_ada"
)

// newClerk returns a Clerk in this process, with one user who is signed in.
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

// newProxy returns the Frontend API under the site's own address. In production it has no
// Upstream, and ClientAddress names the header that the site's front sets.
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

// noRole explains more than AllowKeys, which refuses the key, too.
func noRole(_ *http.Request, patch metadata.Patch) error {
	if _, found := patch["role"]; found {
		return proxy.Refuse("Roles are given by an administrator.")
	}
	return nil
}
