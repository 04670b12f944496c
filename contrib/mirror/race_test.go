package mirror_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// Processes make the tables at once, and store the same new users, in pages of any order.
func TestRaced(t *testing.T) {
	t.Parallel()
	dsn := server(t).Database(t) + "&deadlock_timeout=10ms"
	clerk := clerktest.Start(t, crowd(60))
	var page []*users.User
	for _, u := range clerk.State().Users {
		now, _ := clerk.User(u.ID)
		page = append(page, now)
	}
	var processes sync.WaitGroup
	for range 4 {
		pool := connect(t, dsn)
		m, err := mirror.New(pool, clerk.Client(), all)
		require.NoError(t, err)
		processes.Go(func() {
			if !assertNil(t, m.Init(t.Context())) {
				return
			}
			for range 10 {
				var some []*users.User
				for _, i := range rand.Perm(len(page))[:40] {
					some = append(some, page[i])
				}
				assertNil(t, m.StoreUsers(t.Context(), some))
				_, err := pool.Exec(t.Context(), `DELETE FROM clerkmirror_row WHERE id = $1`, some[0].ID)
				assertNil(t, err)
			}
			assertNil(t, m.StoreUsers(t.Context(), page))
		})
	}
	processes.Wait()
	w := &world{t: t, pool: connect(t, dsn), clerk: clerk}
	require.Len(t, w.bodies("clerk_users"), 60)
}

// Postgres ends the transaction of a page for a deadlock with another one, whose rows it does not
// know yet: the page is stored again.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, server(t).Database(t)+"&deadlock_timeout=10ms", crowd(2), all)
	var page []*users.User
	for _, u := range w.clerk.State().Users {
		now, _ := w.clerk.User(u.ID)
		page = append(page, now)
	}
	other, err := w.pool.Begin(t.Context())
	require.NoError(t, err)
	insert := func(u *users.User) {
		_, err := other.Exec(t.Context(), `INSERT INTO clerkmirror_row (kind, id, updated_at) VALUES ('user', $1, 0)`, u.ID)
		require.NoError(t, err)
	}
	_, err = other.Exec(t.Context(), `SET LOCAL deadlock_timeout = '1h'`) // the page is what ends
	require.NoError(t, err)
	insert(page[1])
	stored := make(chan error, 1)
	go func() { stored <- w.mirror.StoreUsers(t.Context(), page) }()
	require.Eventually(t, func() bool {
		return w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	}, time.Minute, 10*time.Millisecond)
	insert(page[0]) // waits for the page, which waits for this transaction
	require.NoError(t, other.Rollback(t.Context()))
	require.NoError(t, <-stored)
	require.Len(t, w.bodies("clerk_users"), 2)
}

func assertNil(t *testing.T, err error) bool {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	return err == nil
}

// answered is a client. While an answer is under way to a request whose URL has a part,
// something happens.
func (w *world) answered(part string, meanwhile func()) *client.Client {
	w.t.Helper()
	c, err := client.New(client.SecretKey(w.clerk.SecretKey()), client.WithHTTPClient(&http.Client{Transport: slow{w, part, meanwhile}}))
	require.NoError(w.t, err)
	return c
}

type slow struct {
	w         *world
	part      string
	meanwhile func()
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.w.clerk.Transport().RoundTrip(r)
	if strings.Contains(r.URL.String(), s.part) {
		s.meanwhile()
	}
	return answer, err
}

// What happens while an answer of Clerk's is under way wins over that answer.
func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		part string
		do   func(w *world)
	}{
		"a user is deleted":          {"created_at_after", func(w *world) { w.remove("users/user_2") }},
		"a user is updated":          {"created_at_after", func(w *world) { w.write("user_2", metadata.Patch{"n": 1}) }},
		"a user with a membership":   {"/memberships", func(w *world) { w.remove("users/user_1") }},
		"an organization is deleted": {"/memberships", func(w *world) { w.remove("organizations/org_1") }},
		"a membership is deleted":    {"/memberships", func(w *world) { w.remove("organizations/org_1/memberships/user_1") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed, all)
			var once sync.Once
			c := w.answered(tc.part, func() {
				once.Do(func() {
					tc.do(w)
					for _, d := range w.sent() {
						require.Equal(t, http.StatusNoContent, w.deliver(d))
					}
				})
			})
			m, err := mirror.New(w.pool, c, all)
			require.NoError(t, err)
			require.NoError(t, m.Sync(t.Context()))
			w.same()
		})
	}
}

// Events in an order that Clerk does not send them in.
func TestOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, clerktest.Seed{}, all)
	body := func(id string, updated int, rest string) string {
		return fmt.Sprintf(`{"id":%q,"updated_at":%d,"public_metadata":{},%s}`, id, updated, rest)
	}
	member := func(id, organization, user string) string {
		return body(id, 5, fmt.Sprintf(`"organization":{"id":%q},"public_user_data":{"user_id":%q}`, organization, user))
	}
	gone := func(id string) string { return fmt.Sprintf(`{"id":%q,"deleted":true}`, id) }
	for _, e := range []struct{ name, data string }{
		{webhook.UserUpdated, body("user_new", 20, `"banned":true`)},
		{webhook.UserCreated, body("user_new", 10, `"banned":false`)},
		{webhook.UserDeleted, gone("user_gone")},
		{webhook.UserUpdated, body("user_gone", 30, `"banned":false`)},
		{webhook.UserCreated, body("user_gone", 10, `"banned":false`)},
		{webhook.OrganizationCreated, body("org_gone", 10, `"name":"a"`)},
		{webhook.MembershipCreated, member("orgmem_1", "org_gone", "user_new")},
		{webhook.OrganizationDeleted, gone("org_gone")},
		{webhook.MembershipUpdated, member("orgmem_1", "org_gone", "user_new")},
		{webhook.MembershipCreated, member("orgmem_2", "org_gone", "user_new")},
		{webhook.OrganizationUpdated, body("org_gone", 40, `"name":"b"`)},
		{webhook.MembershipCreated, member("orgmem_3", "org_unknown", "user_gone")},
		{webhook.MembershipCreated, member("orgmem_4", "org_unknown", "user_unknown")},
		{webhook.MembershipDeleted, member("orgmem_5", "org_unknown", "user_new")}, // left
		{webhook.MembershipCreated, member("orgmem_5", "org_unknown", "user_new")},
		{webhook.MembershipCreated, member("orgmem_6", "org_unknown", "user_new")}, // and joined again
		{webhook.MembershipCreated, member("orgmem_7", "org_unknown", "user_leaves")},
		{webhook.UserDeleted, gone("user_leaves")}, // whom no event had named
	} {
		require.Equal(t, http.StatusNoContent, w.deliver(event(t, e.name, e.data)), e)
	}
	require.Equal(t, map[string]string{"user_new": body("user_new", 20, `"banned":true`)}, w.bodies("clerk_users"))
	require.Empty(t, w.bodies("clerk_organizations"))
	require.Equal(t, map[string]string{
		"orgmem_4": member("orgmem_4", "org_unknown", "user_unknown"), "orgmem_6": member("orgmem_6", "org_unknown", "user_new"),
	}, w.bodies("clerk_memberships"))
	w.errs.Range(func(text, _ any) bool { return !assertNever(t, text) })
	require.Equal(t, 0, w.count(`SELECT count(*) FROM clerkmirror_row WHERE deleted AND (updated_at <> 0 OR confirmed_at <> 'epoch'
		OR num_nonnulls(organization_id, user_id, body, digest, public_metadata, private_metadata, unsafe_metadata) > 0)`))
	require.Equal(t, 6, w.count(`SELECT count(*) FROM clerkmirror_row WHERE deleted`))
}
