// Code generated from docs/guides/session-claims.md. DO NOT EDIT.

package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type Plan struct {
	Name  string `json:"plan"`
	Limit int64  `json:"limit"`
}

func planFromClaims(claims map[string]any) (Plan, error) {
	public, err := metadata.FromClaims(claims, "metadata")
	if err != nil {
		return Plan{}, err
	}
	return metadata.Decode[Plan](public)
}

func planFromPayload(payload []byte) (Plan, error) {
	public, err := metadata.ParseClaims(payload, "metadata")
	if err != nil {
		return Plan{}, err
	}
	return metadata.Decode[Plan](public)
}

func setPublic(ctx context.Context, c *client.Client, userID string, patch metadata.Patch) error {
	user, err := c.Users.GetUser(ctx, userID)
	if err != nil {
		return err
	}
	merged, err := metadata.Merge(user.PublicMetadata, patch)
	if err != nil {
		return err
	}
	if err := metadata.CheckClaims(merged); err != nil {
		return err
	}
	_, err = c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{PublicMetadata: patch})
	return err
}

func planNow(ctx context.Context, c *client.Client, userID string) (Plan, error) {
	user, err := c.Users.GetUser(ctx, userID)
	if err != nil {
		return Plan{}, err
	}
	return metadata.Decode[Plan](user.PublicMetadata)
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: plan USER_ID")
	}
	c, err := client.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	plan, err := planNow(context.Background(), c, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("plan %s, limit %d\n", plan.Name, plan.Limit)
}
