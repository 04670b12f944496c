package users_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func ids(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("user_%04d", i)
	}
	return all
}

func crowd(t *testing.T, n int) *clerktest.Test {
	t.Helper()
	var seed []clerktest.User
	for i, id := range ids(n) {
		seed = append(seed, clerktest.User{ID: id, PublicMetadata: map[string]int{"n": i}})
	}
	return testkit.Start(t, clerktest.Seed{Users: seed})
}

func idsOf(all []*users.User) []string {
	var found []string
	for _, u := range all {
		found = append(found, u.ID)
	}
	return found
}

func TestGetMany(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 250)
	wanted := ids(250)
	slices.Reverse(wanted)
	wanted = append([]string{"user_none", "user_0007"}, append(wanted, "user_gone", "user_none")...)
	found, missing, err := clerk.Client().Users.GetMany(t.Context(), wanted)
	require.NoError(t, err)
	require.Equal(t, wanted[1:len(wanted)-2], idsOf(found), "in the caller's order, one that occurs twice twice")
	require.Equal(t, []string{"user_none", "user_gone", "user_none"}, missing)
	require.Equal(t, `{"n":249}`, found[1].PublicMetadata.String())

	requests := clerk.Requests()
	require.Len(t, requests, 3, "252 ids that differ")
	asked := map[string]int{}
	for i, r := range requests {
		require.Equal(t, "/v1/users", r.Path)
		require.Equal(t, []string{"100"}, r.Query["limit"], "Clerk's default would cut the answer to 10")
		require.Len(t, r.Query["user_id"], []int{100, 100, 52}[i])
		for _, id := range r.Query["user_id"] {
			asked[id]++
		}
	}
	require.Len(t, asked, 252)

	clerk.ResetRequests()
	for _, none := range [][]string{nil, {}} {
		found, missing, err := clerk.Client().Users.GetMany(t.Context(), none)
		require.NoError(t, err)
		require.Empty(t, found)
		require.Empty(t, missing)
	}
	require.Empty(t, clerk.Requests(), "nothing to ask for")
	_, _, err = clerk.Client().Users.GetMany(t.Context(), ids(100))
	require.NoError(t, err)
	require.Len(t, clerk.Requests(), 1, "exactly one chunk")
}

func TestGetManyRefuses(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 1)
	svc := clerk.Client().Users
	for id, says := range map[string]string{
		"+user_1": "begins with a sign", "-user_1": "begins with a sign", "": "is empty", "user 1": "white space", "a/b": "holds '/'",
	} {
		found, missing, err := svc.GetMany(t.Context(), []string{"user_1", id})
		require.Nil(t, found)
		require.Nil(t, missing)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "GetMany: ids[1]: ")
		require.ErrorContains(t, err, says)
	}
	_, _, err := svc.GetMany(nil, []string{"user_1"}) //nolint:staticcheck // a nil context is what is tested
	require.ErrorContains(t, err, "ctx: is nil")
	require.Empty(t, clerk.Requests())
}

func TestGetManyErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault clerktest.Fault
		want  error
	}{
		"an error answer":      {clerktest.Answer(http.StatusForbidden, "forbidden"), clerkerr.ErrForbidden},
		"no list":              {clerktest.AnswerBody(http.StatusOK, "application/json", `{"data":[]}`), clerkerr.ErrDecode},
		"an entry that is odd": {clerktest.AnswerBody(http.StatusOK, "application/json", `[{"id":"user_1"},{"id":7}]`), clerkerr.ErrDecode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := crowd(t, 150)
			clerk.Script(clerktest.GetUserList, clerktest.Pass(), tc.fault)
			found, missing, err := clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None})).Users.GetMany(t.Context(), ids(150))
			require.ErrorIs(t, err, tc.want)
			require.Nil(t, found, "not the half of it")
			require.Nil(t, missing)
		})
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		users    int
		params   users.AllParams
		first    int
		requests int
		limit    int
	}{
		"several pages":       {7, users.AllParams{PageSize: 3}, 0, 3, 3},
		"an exact multiple":   {6, users.AllParams{PageSize: 3}, 0, 3, 3},
		"one page":            {2, users.AllParams{PageSize: 3}, 0, 1, 3},
		"a page of one":       {3, users.AllParams{PageSize: 1}, 0, 4, 1},
		"the usual page":      {120, users.AllParams{}, 0, 2, 100},
		"the largest page":    {3, users.AllParams{PageSize: 500}, 0, 1, 500},
		"going on":            {7, users.AllParams{StartingAfter: "user_0002", PageSize: 3}, 3, 2, 3},
		"going on at the end": {7, users.AllParams{StartingAfter: "user_0006"}, 7, 1, 100},
		"nobody":              {0, users.AllParams{}, 0, 1, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := crowd(t, tc.users)
			all := clerk.Client().Users.All(t.Context(), tc.params)
			require.Empty(t, clerk.Requests(), "nothing before the walk begins")
			for range 2 { // a sequence can be walked again
				clerk.ResetRequests()
				var got []*users.User
				for u, err := range all {
					require.NoError(t, err)
					got = append(got, u)
				}
				require.Equal(t, slices.Concat([]string(nil), ids(tc.users)[tc.first:]), slices.Concat([]string(nil), idsOf(got)))
				requests := clerk.Requests()
				require.Len(t, requests, tc.requests)
				for i, r := range requests {
					require.Equal(t, []string{strconv.Itoa(tc.limit)}, r.Query["limit"])
					require.Equal(t, []string{"created_at"}, r.Query["order_by"])
					require.NotContains(t, r.Query, "offset", "never with a cursor")
					require.Equal(t, i > 0 || tc.params.StartingAfter != "", r.Query.Has("starting_after"))
				}
			}
		})
	}
}

// walk collects what a sequence yields, and that an error is its end.
func walk(t *testing.T, seq func(func(*users.User, error) bool), each func(n int)) (found []string, err error) {
	t.Helper()
	for u, e := range seq {
		require.NoError(t, err, "nothing follows an error")
		if e != nil {
			require.Nil(t, u)
			err = e
			continue
		}
		found = append(found, u.ID)
		if each != nil {
			each(len(found))
		}
	}
	return found, err
}

func TestAllEndsEarly(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 10)
	svc := clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None})).Users
	all := svc.All(t.Context(), users.AllParams{PageSize: 3})
	for u, err := range all {
		require.NoError(t, err)
		if u.ID == "user_0004" {
			break
		}
	}
	require.Len(t, clerk.Requests(), 2, "a break stops the requests")

	clerk.Script(clerktest.GetUserList, clerktest.Pass(), clerktest.Answer(http.StatusForbidden, "forbidden"))
	found, err := walk(t, all, nil)
	require.ErrorIs(t, err, clerkerr.ErrForbidden)
	require.Equal(t, ids(3), found)

	// Cancelled in the middle of a page, the rest of the page is not yielded.
	ctx, cancel := context.WithCancel(t.Context())
	clerk.ResetRequests()
	found, err = walk(t, svc.All(ctx, users.AllParams{PageSize: 3}), func(n int) {
		if n == 4 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "ListUsers", e.Operation)
	require.Equal(t, ids(4), found)
	require.Len(t, clerk.Requests(), 2)

	found, err = walk(t, svc.All(ctx, users.AllParams{}), nil)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, found)
	require.Len(t, clerk.Requests(), 2, "nothing is sent for a context that has ended")
}

func TestAllRefuses(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 1)
	svc := clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None})).Users
	for says, params := range map[string]users.AllParams{
		"PageSize: is -1; expected 1 to 500, or 0 for 100": {PageSize: -1},
		"PageSize: is 501":               {PageSize: 501},
		"StartingAfter: holds '/'":       {StartingAfter: "a/b"},
		"StartingAfter: holds white spa": {StartingAfter: " "},
	} {
		_, err := walk(t, svc.All(t.Context(), params), nil)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
	}
	_, err := walk(t, svc.All(nil, users.AllParams{}), nil) //nolint:staticcheck // a nil context is what is tested
	require.ErrorContains(t, err, "ctx: is nil")
	require.Empty(t, clerk.Requests())

	_, err = walk(t, svc.All(t.Context(), users.AllParams{StartingAfter: "user_gone"}), nil)
	require.ErrorIs(t, err, clerkerr.ErrInvalid, "a cursor that Clerk does not know")

	// A server that takes no notice of the cursor would be walked for ever.
	same := clerktest.AnswerBody(http.StatusOK, "application/json", `[{"id":"user_1"}]`)
	clerk.Script(clerktest.GetUserList, same, same)
	found, err := walk(t, svc.All(t.Context(), users.AllParams{PageSize: 1}), nil)
	require.ErrorIs(t, err, clerkerr.ErrDecode)
	require.ErrorContains(t, err, "does not move on")
	require.Equal(t, []string{"user_1"}, found)
}

// A walk holds one page: what it has yielded before can be collected.
func TestAllHoldsOnePage(t *testing.T) {
	t.Parallel()
	clerk := crowd(t, 9)
	var earlier []weak.Pointer[users.User]
	for u, err := range clerk.Client().Users.All(t.Context(), users.AllParams{PageSize: 3}) {
		require.NoError(t, err)
		earlier = append(earlier, weak.Make(u))
		if u.ID == "user_0006" {
			runtime.GC()
			for i, p := range earlier[:6] {
				require.Nil(t, p.Value(), "user %d is still held", i)
			}
			require.NotNil(t, earlier[6].Value())
		}
		runtime.KeepAlive(u)
	}
	require.Len(t, earlier, 9)
}

func TestAllFilters(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{
		Users: []clerktest.User{
			{ID: "user_1", CreatedAt: 1000, LastActiveAt: 86_400_000},
			{ID: "user_2", CreatedAt: 2000},
			{ID: "user_3", CreatedAt: 3000, LastActiveAt: 2 * 86_400_000},
		},
		Organizations: []clerktest.Organization{{ID: "org_1"}, {ID: "org_2"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}, {OrganizationID: "org_2", UserID: "user_2"}},
	})
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }
	for name, tc := range map[string]struct {
		params users.AllParams
		want   []string
	}{
		"newest first":           {users.AllParams{NewestFirst: true, PageSize: 2}, []string{"user_3", "user_2", "user_1"}},
		"newest first, going on": {users.AllParams{NewestFirst: true, StartingAfter: "user_3"}, []string{"user_2", "user_1"}},
		"members":                {users.AllParams{Filter: users.Filter{OrganizationIDs: []string{"org_1"}}}, []string{"user_1"}},
		"members of either":      {users.AllParams{PageSize: 1, Filter: users.Filter{OrganizationIDs: []string{"org_1", "org_2"}}}, []string{"user_1", "user_2"}},
		"created after":          {users.AllParams{Filter: users.Filter{CreatedAfter: at(1000)}}, []string{"user_2", "user_3"}},
		"created before":         {users.AllParams{Filter: users.Filter{CreatedBefore: at(3000)}}, []string{"user_1", "user_2"}},
		"created between":        {users.AllParams{Filter: users.Filter{CreatedAfter: at(1000), CreatedBefore: at(3000)}}, []string{"user_2"}},
		"between milliseconds":   {users.AllParams{Filter: users.Filter{CreatedAfter: at(2000).Add(-1), CreatedBefore: at(2000).Add(1)}}, []string{"user_2"}},
		"active after":           {users.AllParams{Filter: users.Filter{LastActiveAfter: at(86_400_000)}}, []string{"user_3"}},
		"active before":          {users.AllParams{Filter: users.Filter{LastActiveBefore: at(86_400_001)}}, []string{"user_1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found []string
			for u, err := range clerk.Client().Users.All(t.Context(), tc.params) {
				require.NoError(t, err)
				found = append(found, u.ID)
			}
			require.Equal(t, tc.want, found)
		})
	}
	for says, filter := range map[string]users.Filter{
		"OrganizationIDs[1]: begins with a sign":              {OrganizationIDs: []string{"org_1", "-org_2"}},
		"OrganizationIDs: has 101 ids":                        {OrganizationIDs: ids(101)},
		"CreatedBefore: is not later than CreatedAfter":       {CreatedAfter: at(2), CreatedBefore: at(2)},
		"LastActiveBefore: is not later than LastActiveAfter": {LastActiveAfter: at(3), LastActiveBefore: at(2)},
	} {
		for _, err := range clerk.Client().Users.All(t.Context(), users.AllParams{Filter: filter}) {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			require.ErrorContains(t, err, says)
		}
	}
}
