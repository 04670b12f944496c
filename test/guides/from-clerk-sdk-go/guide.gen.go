// Code generated from docs/guides/from-clerk-sdk-go.md. DO NOT EDIT.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/user"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func mergeBefore(ctx context.Context, official *user.Client, userID string) error {
	patch := json.RawMessage(`{"plan":"pro","limits":{"trial":null}}`)
	_, err := official.UpdateMetadata(ctx, userID, &user.UpdateMetadataParams{
		PublicMetadata: &patch,
	})
	return err
}

func merge(ctx context.Context, c *client.Client, userID string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"plan": "pro", "limits": metadata.Patch{"trial": metadata.Delete}},
	})
	return err
}

func notFoundBefore(err error) bool {
	var refused *clerk.APIErrorResponse
	return errors.As(err, &refused) && refused.HTTPStatusCode == http.StatusNotFound
}

func notFound(err error) bool {
	return errors.Is(err, clerkerr.ErrNotFound)
}

func sideBySide(key string, shared *http.Client) (*user.Client, *client.Client, error) {
	limiter, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
	if err != nil {
		return nil, nil, err
	}
	limited := *shared
	limited.Transport = client.LimitTransport(limiter, shared.Transport)
	config := &clerk.ClientConfig{}
	config.Key, config.HTTPClient = clerk.String(key), &limited
	c, err := client.New(client.SecretKey(key), client.WithHTTPClient(shared), client.WithLimiter(limiter))
	return user.NewClient(config), c, err
}

type claims struct {
	Metadata metadata.Object `json:"metadata"`
}

type plan struct {
	Plan  string `json:"plan"`
	Limit int64  `json:"limit"`
}

func planOf(ctx context.Context, params jwt.VerifyParams) (plan, error) {
	params.CustomClaimsConstructor = func(context.Context) any { return &claims{} }
	verified, err := jwt.Verify(ctx, &params)
	if err != nil {
		return plan{}, err
	}
	custom, ok := verified.Custom.(*claims)
	if !ok {
		return plan{}, errors.New("the token lacks the claim metadata")
	}
	return metadata.Decode[plan](custom.Metadata)
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: both USER_ID")
	}
	official, c, err := sideBySide(os.Getenv("CLERK_SECRET_KEY"), http.DefaultClient)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if _, err := official.Update(ctx, os.Args[1], &user.UpdateParams{FirstName: clerk.String("Ada")}); err != nil {
		log.Fatal(err)
	}
	if err := merge(ctx, c, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}
