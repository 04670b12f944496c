// Code generated from docs/guides/moving-to-2026-05-12.md. DO NOT EDIT.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type api struct {
	http         *http.Client
	baseURL, key string
	version      string
}

func (a api) promoteBefore(ctx context.Context, userID string) error {
	return a.send(ctx, http.MethodPatch, "/users/"+userID, map[string]any{
		"public_metadata": map[string]any{"role": "admin", "plan": "pro"},
	})
}

func (a api) promote(ctx context.Context, userID string) error {
	return a.send(ctx, http.MethodPut, "/users/"+userID+"/metadata", map[string]any{
		"public_metadata": map[string]any{"role": "admin", "plan": "pro"},
	})
}

func (a api) send(ctx context.Context, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, a.baseURL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Clerk-API-Version", a.version)
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

func promoteBySDK(ctx context.Context, c *client.Client, userID string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": "admin"},
	})
	return err
}

func replaceBySDK(ctx context.Context, c *client.Client, userID string) error {
	_, err := c.Users.ReplaceUserMetadata(ctx, userID, users.ReplaceUserMetadataParams{
		PublicMetadata: metadata.Of(map[string]any{"role": "admin", "plan": "pro"}),
	})
	return err
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	if len(os.Args) != 2 {
		return errors.New("usage: promote USER_ID")
	}
	c, err := client.FromEnv()
	if err != nil {
		return err
	}
	return promoteBySDK(ctx, c, os.Args[1])
}
