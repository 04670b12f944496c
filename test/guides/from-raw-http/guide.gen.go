// Code generated from docs/guides/from-raw-http.md. DO NOT EDIT.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type rawAPI struct {
	http    *http.Client
	baseURL string
	key     string
}

func (a rawAPI) store(ctx context.Context, userID string, customer *string) error {
	body, err := json.Marshal(map[string]any{
		"private_metadata": map[string]any{"stripeId": customer},
	})
	if err != nil {
		return err
	}
	address := a.baseURL + "/users/" + userID + "/metadata"
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Clerk-API-Version", "2026-05-12")
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("clerk: %s", resp.Status)
	}
	return nil
}

func store(ctx context.Context, c *client.Client, userID string, customer *string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": customer},
	})
	return err
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: store USER_ID STRIPE_ID")
	}
	yours := &http.Client{}
	c, err := client.FromEnv(client.WithHTTPClient(yours))
	if err != nil {
		log.Fatal(err)
	}
	if err := store(context.Background(), c, os.Args[1], &os.Args[2]); err != nil {
		log.Fatal(err)
	}
}
