package clerktest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// BenchmarkLists asks an instance of 50,000 users, all of them members of one
// organization, for pages. "empty instance" is the floor: the same request where
// there is one user.
func BenchmarkLists(b *testing.B) {
	const n = 50_000
	large, small := population(b, n), population(b, 1)
	ids := strings.Builder{}
	for i := range 100 {
		fmt.Fprintf(&ids, "&user_id=user_%d", i*499+1)
	}
	for _, bm := range []struct {
		name, path string
		clerk      *clerktest.Clerk
	}{
		{"empty instance", "/users?limit=100", small},
		{"page of 100", "/users?limit=100", large},
		{"page of 100 at offset 40000", "/users?limit=100&offset=40000", large},
		{"page of 100 after a cursor", "/users?limit=100&starting_after=user_25000", large},
		{"page of 100 created in a range", "/users?limit=100&order_by=created_at&created_at_after=40000000&created_at_before=45000000", large},
		{"page of 100 by first_name", "/users?limit=100&order_by=-first_name", large},
		{"page of 100 by updated_at", "/users?limit=100&order_by=updated_at", large},
		{"100 ids", "/users?limit=100" + ids.String(), large},
		{"one address", "/users?email_address=name40000@example.com", large},
		{"one external id", "/users?external_id=ext_40000", large},
		{"part of a name", "/users?limit=100&query=name1", large},
		{"count", "/users/count", large},
		{"count of part of a name", "/users/count?query=name1", large},
		{"members of an organization", "/organizations/org_1/memberships?limit=100", large},
		{"members by name", "/organizations/org_1/memberships?limit=100&order_by=first_name", large},
		{"one member", "/organizations/org_1/memberships?user_id=user_40000", large},
		{"users of an organization", "/users?limit=100&organization_id=org_1", large},
		{"memberships of a user", "/users/user_40000/organization_memberships", large},
		{"page of 100 organizations", "/organizations?limit=100&include_members_count=true", large},
		{"organizations by members", "/organizations?limit=100&order_by=-members_count", large},
		{"organization by slug", "/organizations/slug_400", large},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			ask(b, bm.clerk, http.MethodGet, bm.path, "") // sorts, if no request has needed the order yet
			for b.Loop() {
				ask(b, bm.clerk, http.MethodGet, bm.path, "")
			}
		})
	}
	b.Run("update of a user", func(b *testing.B) {
		for b.Loop() {
			ask(b, large, http.MethodPatch, "/users/user_40000", `{"username":"another"}`)
		}
	})
	b.Run("metadata of a user", func(b *testing.B) {
		for b.Loop() {
			ask(b, large, http.MethodPatch, "/users/user_40000/metadata", `{"public_metadata":{"a":1}}`)
		}
	})
}

// population is an instance of n users and a tenth as many organizations.
func population(b *testing.B, n int) *clerktest.Clerk {
	b.Helper()
	seed := clerktest.Seed{Organizations: make([]clerktest.Organization, n/10+1)}
	for i := range n {
		seed.Users = append(seed.Users, clerktest.User{
			CreatedAt: int64(1000 * (i + 1)),
			FirstName: fmt.Sprintf("name%d", i*7919%n), Username: fmt.Sprintf("u%d", i), ExternalID: fmt.Sprintf("ext_%d", i),
			EmailAddresses: []string{fmt.Sprintf("name%d@example.com", i)},
		})
		seed.Memberships = append(seed.Memberships, clerktest.Membership{OrganizationID: "org_1", UserID: fmt.Sprintf("user_%d", i+1)})
	}
	for i := range seed.Organizations {
		seed.Organizations[i].Slug = fmt.Sprintf("slug_%d", i)
	}
	c, err := clerktest.Config{RequestLog: 1000}.New(seed)
	require.NoError(b, err)
	return c
}

func ask(b *testing.B, c *clerktest.Clerk, method, path, body string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, "https://clerk.test/v1"+path, strings.NewReader(body))
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+clerktest.DefaultSecretKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Transport().RoundTrip(req)
	require.NoError(b, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(b, err)
	require.NoError(b, resp.Body.Close())
	require.Equal(b, http.StatusOK, resp.StatusCode)
}

// BenchmarkParseSeed reads documents of a megabyte. "users" is the floor: many small
// parts.
func BenchmarkParseSeed(b *testing.B) {
	keys := strings.Builder{}
	for i := range 80_000 {
		fmt.Fprintf(&keys, `,"k%06d":1`, i)
	}
	for _, bm := range []struct{ name, text string }{
		{"users", `{"users":[{}` + strings.Repeat(`,{"locale":"en"}`, 65_000) + `]}`},
		{"many keys", `{"users":[{"public_metadata":{` + keys.String()[1:] + `}}]}`},
		{"deep", string(deepSeed(9900))},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.SetBytes(int64(len(bm.text)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = clerktest.ParseSeed([]byte(bm.text))
			}
		})
	}
}
