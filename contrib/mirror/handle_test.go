package mirror_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func TestSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.ErrorContains(t, w.mirror.Check(t.Context()), "the snapshot is not complete")
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
	require.NoError(t, w.mirror.Check(t.Context()))
	w.write("user_1", metadata.Patch{"plan": "free"})
	w.remove("users/user_2")
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
	status, err := w.mirror.Status(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(1), status.Removed)
}

// Events that are shuffled, doubled, dropped and forged, while others write: after a
// reconciliation no row differs from what Clerk holds. CLERKMETA_DELIVERIES is how many.
func TestStorm(t *testing.T) {
	t.Parallel()
	n := number(t, "CLERKMETA_DELIVERIES", 4000)
	big := crowd(200)
	w := newWorld(t, big, all)
	for i := range n * 9 / 10 {
		w.change(i)
	}
	events := w.sent()
	random := rand.New(rand.NewPCG(1, 2))
	var storm []delivery
	for _, d := range events {
		switch random.IntN(10) {
		case 0: // lost
		case 1:
			storm = append(storm, d, d)
		case 2:
			storm = append(storm, d, delivery{d.header, strings.Replace(d.body, `"n":`, `"forged":`, 1)})
		default:
			storm = append(storm, d)
		}
	}
	random.Shuffle(len(storm), func(i, j int) { storm[i], storm[j] = storm[j], storm[i] })
	require.GreaterOrEqual(t, len(storm), n*9/10)

	var all sync.WaitGroup
	statuses := make([]map[int]int, 4)
	for worker := range statuses {
		statuses[worker] = map[int]int{}
		all.Go(func() {
			for i := worker; i < len(storm); i += len(statuses) {
				statuses[worker][w.deliver(storm[i])]++
			}
		})
	}
	all.Go(func() {
		for i := range n / 10 {
			w.change(i)
		}
	})
	all.Wait()
	got := map[int]int{}
	for _, s := range statuses {
		for status, n := range s {
			got[status] += n
		}
	}
	t.Log(len(storm), "deliveries:", got)
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
	forged := w.count(`SELECT count(*) FROM clerkmirror_row WHERE body LIKE '%"forged"%'`)
	require.Zero(t, forged)
	require.Positive(t, got[http.StatusUnauthorized])
	status, err := w.mirror.Status(t.Context())
	require.NoError(t, err)
	t.Logf("%+v", status)
}

// crowd is n users, of whom half are members of one of ten organizations.
func crowd(n int) clerktest.Seed {
	var s clerktest.Seed
	for i := range 10 {
		s.Organizations = append(s.Organizations, clerktest.Organization{ID: fmt.Sprintf("org_%d", i), PrivateMetadata: map[string]any{"n": i}})
	}
	for i := range n {
		id := fmt.Sprintf("user_%07d", i)
		s.Users = append(s.Users, clerktest.User{
			ID: id, CreatedAt: 1_700_000_000_000 + 1000*int64(i), PrivateMetadata: map[string]any{"stripeId": fmt.Sprintf("cus_%d", i)},
			PublicMetadata: map[string]any{"plan": []string{"free", "pro"}[i%2]},
		})
		if i < n/2 && i < 1000 {
			s.Memberships = append(s.Memberships, clerktest.Membership{OrganizationID: fmt.Sprintf("org_%d", i%10), UserID: id})
		}
	}
	return s
}

// change changes something at Clerk, which makes one or more events; every third answer is
// applied to the mirror.
func (w *world) change(i int) {
	ctx := w.t.Context()
	patch := metadata.Patch{"n": i}
	state := func(n int) string { return fmt.Sprintf("user_%07d", n) }
	switch {
	case i%50 == 49:
		u, err := w.client.Users.CreateUser(ctx, users.CreateUserParams{WithoutPassword: true, PublicMetadata: metadata.Of(map[string]any{"n": i})})
		require.NoError(w.t, err)
		_, err = w.client.Organizations.CreateOrganizationMembership(ctx, "org_1", u.ID, organizations.CreateOrganizationMembershipParams{Role: "org:member"})
		require.NoError(w.t, err)
		if i%100 == 99 {
			w.remove("users/" + u.ID)
		}
	case i%10 == 1:
		_, err := w.client.Organizations.UpdateOrganizationMetadata(ctx, fmt.Sprintf("org_%d", i/10%10), organizations.UpdateOrganizationMetadataParams{PrivateMetadata: patch})
		require.NoError(w.t, err)
	case i%10 == 2:
		s, err := w.client.Organizations.UpdateOrganizationMembershipMetadata(ctx, fmt.Sprintf("org_%d", i/10%10), state(i/10%10),
			organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch})
		require.NoError(w.t, err)
		if i%3 == 0 {
			require.NoError(w.t, w.mirror.ApplyMembership(ctx, s))
		}
	default:
		u := w.write(state(i%200), patch)
		if i%3 == 0 {
			require.NoError(w.t, w.mirror.ApplyUser(ctx, u))
		}
	}
}
