package organizations_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

func names(prefix string, n int) []string {
	all := []string{}
	for i := range n {
		all = append(all, fmt.Sprintf("%s%04d", prefix, i))
	}
	return all
}

// crowd is n organizations, of which the first has n members.
func crowd(t *testing.T, n int) *clerktest.Test {
	t.Helper()
	var seed clerktest.Seed
	for i := range n {
		user := names("user_", n)[i]
		seed.Organizations = append(seed.Organizations, clerktest.Organization{ID: names("org_", n)[i]})
		seed.Users = append(seed.Users, clerktest.User{ID: user})
		seed.Memberships = append(seed.Memberships, clerktest.Membership{OrganizationID: "org_0000", UserID: user})
	}
	return testkit.Start(t, seed)
}

// walker makes the two walks look alike.
type walker func(ctx context.Context, svc *organizations.Service, params organizations.AllParams) iter.Seq2[string, error]

func named[T any](seq iter.Seq2[*T, error], name func(*T) string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for v, err := range seq {
			if v == nil && !yield("", err) || v != nil && !yield(name(v), err) {
				return
			}
		}
	}
}

func walkers() map[string]walker {
	return map[string]walker{
		"org_": func(ctx context.Context, svc *organizations.Service, params organizations.AllParams) iter.Seq2[string, error] {
			return named(svc.All(ctx, params), func(o *organizations.Organization) string { return o.ID })
		},
		"user_": func(ctx context.Context, svc *organizations.Service, params organizations.AllParams) iter.Seq2[string, error] {
			return named(svc.AllMemberships(ctx, "org_0000", params), func(m *organizations.Membership) string { return m.UserID })
		},
	}
}

func collect(t *testing.T, seq iter.Seq2[string, error], each func(n int)) (found []string, err error) {
	t.Helper()
	found = []string{}
	for name, e := range seq {
		require.NoError(t, err, "nothing follows an error")
		if e != nil {
			require.Empty(t, name)
			err = e
			continue
		}
		found = append(found, name)
		if each != nil {
			each(len(found))
		}
	}
	return found, err
}

func TestAll(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		entries  int
		params   organizations.AllParams
		requests int
		limit    int
	}{
		"several pages":        {7, organizations.AllParams{PageSize: 3}, 3, 3},
		"an exact multiple":    {6, organizations.AllParams{PageSize: 3}, 2, 3},
		"one page":             {2, organizations.AllParams{PageSize: 3}, 1, 3},
		"the usual page":       {120, organizations.AllParams{}, 2, 100},
		"going on":             {7, organizations.AllParams{Offset: 3, PageSize: 2}, 2, 2},
		"going on at the end":  {7, organizations.AllParams{Offset: 7}, 1, 100},
		"going on beyond that": {7, organizations.AllParams{Offset: 70}, 1, 100},
	} {
		for prefix, walk := range walkers() {
			t.Run(name+", "+prefix, func(t *testing.T) {
				t.Parallel()
				clerk := crowd(t, tc.entries)
				seq := walk(t.Context(), clerk.Client().Organizations, tc.params)
				require.Empty(t, clerk.Requests(), "nothing before the walk begins")
				found, err := collect(t, seq, nil)
				require.NoError(t, err)
				require.Equal(t, names(prefix, tc.entries)[min(tc.params.Offset, tc.entries):], found)
				requests := clerk.Requests()
				require.Len(t, requests, tc.requests)
				for i, r := range requests {
					require.Equal(t, []string{strconv.Itoa(tc.limit)}, r.Query["limit"])
					require.Equal(t, []string{strconv.Itoa(tc.params.Offset + i*tc.limit)}, r.Query["offset"])
					require.Equal(t, []string{"created_at"}, r.Query["order_by"])
				}
				again, err := collect(t, seq, nil)
				require.NoError(t, err)
				require.Equal(t, found, again, "a sequence can be walked again")
			})
		}
	}
}

func TestAllEndsEarly(t *testing.T) {
	t.Parallel()
	operations := map[string]clerktest.Operation{"org_": clerktest.ListOrganizations, "user_": clerktest.ListOrganizationMemberships}
	for prefix, walk := range walkers() {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			clerk := crowd(t, 10)
			svc := clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None})).Organizations
			seq := walk(t.Context(), svc, organizations.AllParams{PageSize: 3})
			n := 0
			for range seq {
				if n++; n == 4 {
					break
				}
			}
			require.Len(t, clerk.Requests(), 2, "a break stops the requests")

			clerk.Script(operations[prefix], clerktest.Pass(), clerktest.Answer(http.StatusForbidden, "forbidden"))
			found, err := collect(t, seq, nil)
			require.ErrorIs(t, err, clerkerr.ErrForbidden)
			require.Equal(t, names(prefix, 3), found)

			ctx, cancel := context.WithCancel(t.Context())
			clerk.ResetRequests()
			found, err = collect(t, walk(ctx, svc, organizations.AllParams{PageSize: 3}), func(n int) {
				if n == 4 {
					cancel()
				}
			})
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, names(prefix, 4), found, "the rest of the page is not yielded")
			require.Len(t, clerk.Requests(), 2)

			for says, params := range map[string]organizations.AllParams{
				"PageSize: is 501":                  {PageSize: 501},
				"PageSize: is -5":                   {PageSize: -5},
				"Offset: is -1; expected 0 or more": {Offset: -1},
			} {
				_, err := collect(t, walk(t.Context(), svc, params), nil)
				require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
				require.ErrorContains(t, err, says)
			}
			_, err = collect(t, walk(nil, svc, organizations.AllParams{}), nil)
			require.ErrorContains(t, err, "ctx: is nil")
			require.Len(t, clerk.Requests(), 2)
		})
	}
}

// The number of all entries is what ends a walk; where an answer does not say
// it, a page that is not full does.
func TestAllWithoutATotal(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 1)
	answer := func(body string) clerktest.Fault {
		return clerktest.AnswerBody(http.StatusOK, "application/json", body)
	}
	all := clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None})).Organizations.All(t.Context(), organizations.AllParams{PageSize: 2})
	seq := named(all, func(o *organizations.Organization) string { return o.ID })

	clerk.Script(clerktest.ListOrganizations, answer(`{"data":[{"id":"a"},{"id":"b"}]}`), answer(`{"data":[{"id":"c"}]}`))
	found, err := collect(t, seq, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, found)

	// A server that gives less than was asked for.
	clerk.Script(clerktest.ListOrganizations, answer(`{"data":[{"id":"a"}],"total_count":2}`), answer(`{"data":[{"id":"b"}],"total_count":2}`))
	found, err = collect(t, seq, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, found)

	// One that promises more than it gives.
	clerk.Script(clerktest.ListOrganizations, answer(`{"data":[{"id":"a"}],"total_count":9}`), answer(`{"data":[],"total_count":9}`))
	clerk.ResetRequests()
	found, err = collect(t, seq, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, found)
	require.Len(t, clerk.Requests(), 2)

	for _, odd := range []string{`[]`, `{"data":{}}`, `{"data":[{"id":7}]}`} {
		clerk.Script(clerktest.ListOrganizations, answer(odd))
		found, err = collect(t, seq, nil)
		require.ErrorIs(t, err, clerkerr.ErrDecode, odd)
		require.Empty(t, found)
	}
}

func TestAllMembershipsRefusesIDs(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 1)
	for _, id := range []string{"", "org/1", ".."} {
		seq := clerk.Client().Organizations.AllMemberships(t.Context(), id, organizations.AllParams{})
		_, err := collect(t, named(seq, func(m *organizations.Membership) string { return m.ID }), nil)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, id)
		require.ErrorContains(t, err, "organization_id: ", id)
	}
	require.Empty(t, clerk.Requests())
}

func TestWalksOfUsers(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 5)
	svc := clerk.Client().Organizations
	member := organizations.AllParams{UserIDs: []string{"user_0003", "user_0001", "user_none"}, PageSize: 1}
	var found []string
	for m, err := range svc.AllMemberships(t.Context(), "org_0000", member) {
		require.NoError(t, err)
		found = append(found, m.UserID)
	}
	require.Equal(t, []string{"user_0001", "user_0003"}, found)
	found = nil
	for o, err := range svc.All(t.Context(), member) {
		require.NoError(t, err)
		found = append(found, o.ID)
	}
	require.Equal(t, []string{"org_0000"}, found, "the one with members")

	clerk.ResetRequests()
	for says, ids := range map[string][]string{
		"UserIDs: has 101 ids, at most 100": names("user_", 101),
		"UserIDs[1]: begins with a sign":    {"user_1", "-user_2"},
	} {
		for _, err := range svc.All(t.Context(), organizations.AllParams{UserIDs: ids}) {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			require.ErrorContains(t, err, says)
		}
		for _, err := range svc.AllMemberships(t.Context(), "org_0000", organizations.AllParams{UserIDs: ids}) {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			require.ErrorContains(t, err, says)
		}
	}
	require.Empty(t, clerk.Requests())
}
