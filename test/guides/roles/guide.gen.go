// Code generated from docs/guides/roles.md. DO NOT EDIT.

package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"

	"github.com/clerk/clerk-sdk-go/v2"
	clerkhttp "github.com/clerk/clerk-sdk-go/v2/http"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type Public struct {
	Roles map[string]bool `json:"roles,omitempty"`
}

func grant(ctx context.Context, c *client.Client, userID, role string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"roles": metadata.Patch{role: true}},
	})
	return err
}

type Member struct {
	Public Public `json:"public_metadata"`
}

var errLastRole = errors.New("this is the user's last role")

func revoke(ctx context.Context, c *client.Client, userID, role string) error {
	members := users.As[Member](c.Users)
	_, err := members.Modify(ctx, userID, func(m *Member) error {
		if m.Public.Roles[role] && len(m.Public.Roles) == 1 {
			return errLastRole
		}
		delete(m.Public.Roles, role)
		return nil
	})
	return err
}

type sessionClaims struct {
	Metadata metadata.Object `json:"metadata"`
}

// requireRole passes on requests whose verified session token has the role.
func requireRole(role string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		public, err := publicOf(r.Context())
		if err != nil || !public.Roles[role] {
			http.Error(w, "not allowed", http.StatusForbidden)
			return
		}
		next(w, r)
	})
}

func publicOf(ctx context.Context) (Public, error) {
	claims, ok := clerk.SessionClaimsFromContext(ctx)
	if !ok {
		return Public{}, errors.New("nobody is signed in")
	}
	custom, ok := claims.Custom.(*sessionClaims)
	if !ok {
		return Public{}, errors.New("the token has no metadata claim")
	}
	return metadata.Decode[Public](custom.Metadata)
}

func handler(c *client.Client, opts ...clerkhttp.AuthorizationOption) http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, change func(context.Context, *client.Client, string, string) error) {
		mux.Handle(pattern, requireRole("admin", func(w http.ResponseWriter, r *http.Request) {
			switch err := change(r.Context(), c, r.PathValue("user"), r.PathValue("role")); {
			case err == nil:
				w.WriteHeader(http.StatusNoContent)
			case errors.Is(err, errLastRole):
				http.Error(w, err.Error(), http.StatusConflict)
			default:
				log.Print(err)
				http.Error(w, "the role is unchanged", http.StatusBadGateway)
			}
		}))
	}
	route("PUT /users/{user}/roles/{role}", grant)
	route("DELETE /users/{user}/roles/{role}", revoke)

	claims := clerkhttp.CustomClaimsConstructor(func(context.Context) any { return new(sessionClaims) })
	return clerkhttp.WithHeaderAuthorization(append(opts, claims)...)(mux)
}

func main() {
	clerk.SetKey(os.Getenv("CLERK_SECRET_KEY"))
	c, err := client.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler(c)))
}
