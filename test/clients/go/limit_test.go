package goclient_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/invitation"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// TestOneLimitForBothClients is Clerk's own client and this module's, with the limits of a
// production instance, under one limiter: 1200 reads and 1200 writes, and 100 writes of one
// user, from each, and more invitations than an hour allows. Nothing is refused by Clerk.
func TestOneLimitForBothClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const people = 1200
		emulator, memory := limited(t, people)
		limiter, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
		require.NoError(t, err)
		ours, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithHTTPClient(memory),
			client.WithLimiter(limiter), client.WithRetry(client.Retry{Timeout: time.Hour, MaxRetries: client.None}))
		require.NoError(t, err)
		config := &clerk.ClientConfig{BackendConfig: clerk.BackendConfig{
			HTTPClient: &http.Client{Transport: client.LimitTransport(limiter, memory.Transport)}, Key: clerk.String(clerktest.DefaultSecretKey),
		}}
		official := user.NewClient(config)

		var wg sync.WaitGroup
		wg.Go(func() {
			require.Zero(t, fanOut(people, func(id string) error {
				_, err := ours.Users.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"a": 1}})
				return err
			}))
		})
		wg.Go(func() {
			require.Zero(t, fanOut(people, func(id string) error {
				if _, err := official.Get(t.Context(), id); err != nil {
					return err
				}
				_, err := official.UpdateMetadata(t.Context(), id, &user.UpdateMetadataParams{PrivateMetadata: raw(`{"b":2}`)})
				return err
			}))
		})
		for i := range 50 {
			wg.Go(func() {
				_, err := official.Update(t.Context(), "user_0", &user.UpdateParams{FirstName: clerk.String(fmt.Sprint("A", i))})
				require.NoError(t, err)
			})
			wg.Go(func() {
				_, err := ours.Users.ReplaceUserMetadata(t.Context(), "user_0", users.ReplaceUserMetadataParams{UnsafeMetadata: metadata.Of(map[string]any{"i": i})})
				require.NoError(t, err)
			})
		}
		invitations := invitation.NewClient(config)
		for i := range 110 {
			wg.Go(func() {
				_, err := invitations.Create(t.Context(), &invitation.CreateParams{EmailAddress: fmt.Sprintf("%d@example.com", i)})
				require.NoError(t, err)
			})
		}
		wg.Wait()

		require.Len(t, emulator.Requests(), 3*people+100+110)
		require.Zero(t, refused(emulator))
	})
}
