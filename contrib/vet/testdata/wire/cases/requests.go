package cases

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func init() {
	for id, run := range map[string]func(context.Context, string) error{
		"user_http":       userHTTP,
		"org_http":        organizationHTTP,
		"user_httpformat": userFormatted,
	} {
		All[id] = run
	}
}

func base() string { return os.Getenv("CLERK_API_URL") }

func userHTTP(ctx context.Context, id string) error {
	body, err := json.Marshal(map[string]any{
		"public_metadata":  map[string]any{"role": "admin"},
		"private_metadata": map[string]any{},
	})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, base()+"/users/"+id, bytes.NewReader(body))
	if err != nil {
		return err
	}
	return send(req)
}

func organizationHTTP(ctx context.Context, id string) error {
	req, err := http.NewRequestWithContext(ctx, "PATCH", base()+"/organizations/"+id, strings.NewReader(`{"public_metadata":{"tier":"enterprise"}}`))
	if err != nil {
		return err
	}
	return send(req)
}

func userFormatted(ctx context.Context, id string) error {
	address := fmt.Sprintf("%s/users/%s", base(), id)
	req, err := http.NewRequestWithContext(ctx, "PATCH", address, strings.NewReader(`{"unsafe_metadata":{"theme":"dark"}}`))
	if err != nil {
		return err
	}
	return send(req)
}

func send(req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+os.Getenv("CLERK_SECRET_KEY"))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Clerk-API-Version", os.Getenv("CLERK_API_VERSION"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("clerk: %s", resp.Status)
	}
	return nil
}
