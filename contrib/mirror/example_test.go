package mirror_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

type Account struct {
	ID      string `json:"id"`
	Private struct {
		StripeID string `json:"stripeId"`
	} `json:"private_metadata"`
}

// serve, list and change are what the README shows.
func serve(ctx context.Context, pool *pgxpool.Pool, c *client.Client, mux *http.ServeMux, secret string) (*mirror.Mirror, error) {
	m, err := mirror.New(pool, c, mirror.Config{PrivateMetadata: true})
	if err != nil {
		return nil, err
	}
	receiver, err := webhook.New(webhook.SigningSecret(secret))
	if err != nil {
		return nil, err
	}
	mux.Handle("/clerk", receiver.Handler(m.Handle))
	go func() { _ = m.Run(ctx) }()
	return m, nil
}

func list(ctx context.Context, m *mirror.Mirror) error {
	for account, err := range mirror.Find[Account](ctx, m, mirror.Where("private_metadata.stripeId", "cus_1")) {
		if err != nil {
			return err
		}
		fmt.Println(account.ID)
	}
	return nil
}

func change(ctx context.Context, m *mirror.Mirror, c *client.Client, id string, params users.UpdateUserMetadataParams) error {
	user, err := c.Users.UpdateUserMetadata(ctx, id, params)
	if err != nil {
		return err
	}
	return m.ApplyUser(ctx, user)
}

// The README's Go is in this file, and works.
func TestWhatTheReadmeShows(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	code := strings.ReplaceAll(string(source), "\n\t", "\n")
	for i, part := range strings.Split(string(readme), "```go\n")[1:] {
		snippet, _, _ := strings.Cut(part, "```")
		require.Contains(t, code+string(source), snippet, fmt.Sprint("block ", i))
	}
	w := newWorld(t, seed, all)
	w.mirror, err = serve(t.Context(), w.pool, w.client, http.NewServeMux(), clerktest.DefaultWebhookSecret)
	require.NoError(t, err)
	require.NoError(t, w.mirror.Sync(t.Context()))
	require.NoError(t, list(t.Context(), w.mirror))
	require.NoError(t, change(t.Context(), w.mirror, w.client, "user_2", users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"stripeId": "cus_1"}}))
	ids, err := w.find(w.mirror, mirror.Where("private_metadata.stripeId", "cus_1"))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"user_1", "user_2"}, ids)
}
