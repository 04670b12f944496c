package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

const secret = clerktest.DefaultWebhookSecret

// database returns an empty one. SQLite runs the guide's SQL as Postgres does.
func database(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1) // each connection has another memory
	_, err = db.ExecContext(t.Context(), schema)
	require.NoError(t, err)
	return db
}

// event is one that Clerk makes.
type event struct {
	id, body  string
	user      string
	updatedAt int64 // 0 for a deletion
	plan      string
}

func (e event) deletion() bool { return e.updatedAt == 0 }

// request is a delivery of the event.
func (e event) request(t *testing.T, key signature.Key) *http.Request {
	t.Helper()
	now := time.Now().Unix()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/clerk", strings.NewReader(e.body))
	r.Header.Set("Svix-Id", e.id)
	r.Header.Set("Svix-Timestamp", strconv.FormatInt(now, 10))
	r.Header.Set("Svix-Signature", key.Sign(e.id, now, []byte(e.body)))
	return r
}

// row is what the table has of a user.
type row struct {
	plan    string
	deleted bool
}

func table(t *testing.T, db *sql.DB) map[string]row {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT id, plan, deleted FROM clerk_users`)
	require.NoError(t, err)
	defer rows.Close()
	all := map[string]row{}
	for rows.Next() {
		var id string
		var r row
		require.NoError(t, rows.Scan(&id, &r.plan, &r.deleted))
		all[id] = r
	}
	require.NoError(t, rows.Err())
	return all
}

// history returns the events of users who are created, updated and, some of them, deleted,
// and what Clerk has then.
func history(random *rand.Rand, users, versions int) (events []event, left map[string]string) {
	left = map[string]string{}
	add := func(e event, verb, data string) {
		e.id = fmt.Sprintf("msg_%d", len(events))
		e.body = `{"object":"event","type":"user.` + verb + `","data":` + data + `}`
		events = append(events, e)
	}
	for u := range users {
		id := fmt.Sprintf("user_%d", u)
		for v := range versions {
			e := event{user: id, updatedAt: 1_700_000_000_000 + int64(u+v), plan: fmt.Sprintf("plan_%d", v)}
			left[id] = e.plan
			verb := "updated"
			if v == 0 {
				verb = "created"
			}
			add(e, verb, fmt.Sprintf(`{"id":%q,"private_metadata":{"plan":%q},"updated_at":%d}`, id, e.plan, e.updatedAt))
		}
		if random.IntN(4) == 0 {
			delete(left, id)
			add(event{user: id}, "deleted", fmt.Sprintf(`{"id":%q,"object":"user","deleted":true}`, id))
		}
	}
	return events, left
}

// expected is what the table has after some of the events, in any order.
func expected(events []event) map[string]row {
	newest, all := map[string]event{}, map[string]row{}
	for _, e := range events {
		was, there := newest[e.user]
		if !there || e.deletion() || (!was.deletion() && e.updatedAt > was.updatedAt) {
			newest[e.user] = e
		}
	}
	for id, e := range newest {
		all[id] = row{plan: e.plan, deleted: e.deletion()}
	}
	return all
}

// 10,000 deliveries and more come in any order, some twice and some not at all, and now and then
// the receiver fails. The table has the newest of what came, each event was handled once, and
// reconcile finds what never came.
func TestShuffledDoubledLost(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(16, 3)) //nolint:gosec // a seed that repeats
	key, err := signature.ParseKey(secret)
	require.NoError(t, err)
	events, left := history(random, 400, 20)
	var deliveries, came []event
	for _, e := range events {
		copies := random.IntN(4) // 0 is lost
		for range copies {
			deliveries = append(deliveries, e)
		}
		if copies > 0 {
			came = append(came, e)
		}
	}
	require.Greater(t, len(deliveries), 10_000)
	random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })

	receiver, err := webhook.New(webhook.SigningSecret(secret))
	require.NoError(t, err)
	db := database(t)
	m := &mirror{db}
	fails := false
	handler := receiver.Handler(func(ctx context.Context, e webhook.Event) error {
		if fails {
			gone, cancel := context.WithCancel(ctx)
			cancel()
			ctx = gone
		}
		return m.handle(ctx, e)
	})
	answered := map[int]int{}
	for len(deliveries) > 0 {
		e := deliveries[0]
		deliveries = deliveries[1:]
		fails = random.IntN(50) == 0
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, e.request(t, key))
		answered[answer.Code]++
		if answer.Code != http.StatusNoContent {
			deliveries = append(deliveries, e) // Clerk sends it again
		}
	}
	require.Greater(t, answered[http.StatusInternalServerError], 100)
	require.Len(t, answered, 2)
	require.Equal(t, expected(came), table(t, db))
	var handled int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM clerk_events`).Scan(&handled))
	require.Equal(t, len(came), handled)

	clerk := clerktest.Start(t, seed(left))
	require.NoError(t, m.reconcile(t.Context(), clerk.Client()))
	got := table(t, db)
	for id, r := range got {
		if r.deleted {
			require.NotContains(t, left, id)
			delete(got, id)
		}
	}
	require.Len(t, got, len(left))
	for id, plan := range left {
		require.Equal(t, row{plan: plan}, got[id], id)
	}
}

// seed is an instance with the users.
func seed(plans map[string]string) (s clerktest.Seed) {
	for id, plan := range plans {
		s.Users = append(s.Users, clerktest.User{ID: id, PrivateMetadata: map[string]any{"plan": plan}})
	}
	return s
}

// What an event does and its id are stored together or not at all.
func TestHandle(t *testing.T) {
	t.Parallel()
	db := database(t)
	m := &mirror{db}
	parse := func(id, body string) webhook.Event {
		e, err := webhook.Parse([]byte(body))
		require.NoError(t, err)
		e.ID = id
		return e
	}
	for body, fits := range map[string]bool{
		`{"type":"user.updated","data":{"private_metadata":{}}}`:                                false, // no id
		`{"type":"user.updated","data":{"id":"user_1","private_metadata":{"plan":7}}}`:          false,
		`{"type":"user.deleted","data":{}}`:                                                     false,
		`{"type":"session.created","data":{}}`:                                                  true,
		`{"type":"user.created","data":{"id":"user_2","private_metadata":null,"updated_at":7}}`: true,
		`{"type":"user.deleted","data":{"id":"user_3"}}`:                                        true,
	} {
		err := m.handle(t.Context(), parse(body, body))
		require.Equal(t, fits, err == nil, "%s: %v", body, err)
		var stored int
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM clerk_events WHERE id = $1`, body).Scan(&stored))
		require.Equal(t, fits, stored == 1, body)
	}
	require.Equal(t, map[string]row{"user_2": {}, "user_3": {deleted: true}}, table(t, db))

	// The id alone decides whether an event was handled.
	again := `{"type":"user.created","data":{"id":"user_2","private_metadata":null,"updated_at":7}}`
	require.NoError(t, m.handle(t.Context(), parse(again, `{"type":"user.deleted","data":{"id":"user_2"}}`)))
	require.False(t, table(t, db)["user_2"].deleted)

	ended, end := context.WithCancel(t.Context())
	end()
	require.True(t, errors.Is(m.handle(ended, parse("msg_1", `{"type":"x","data":{}}`)), context.Canceled))
}

// Reconciling an empty table with an empty instance, and one whose users have gone.
func TestReconcile(t *testing.T) {
	t.Parallel()
	db := database(t)
	m := &mirror{db}
	require.NoError(t, m.reconcile(t.Context(), clerktest.Start(t, clerktest.Seed{}).Client()))
	require.Empty(t, table(t, db))
	clerk := clerktest.Start(t, seed(map[string]string{"user_1": "pro"}))
	require.NoError(t, m.reconcile(t.Context(), clerk.Client()))
	require.Equal(t, map[string]row{"user_1": {plan: "pro"}}, table(t, db))
	require.NoError(t, m.reconcile(t.Context(), clerktest.Start(t, clerktest.Seed{}).Client()))
	require.Equal(t, map[string]row{"user_1": {deleted: true}}, table(t, db))
}

// The fake's own events, some of them late, twice, overtaken and lost.
func TestEventsOfTheFake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		receiver, err := webhook.New(webhook.SigningSecret(secret))
		require.NoError(t, err)
		m := &mirror{database(t)}
		clerk := clerktest.Config{Webhooks: receiver.Handler(m.handle)}.Start(t, seed(map[string]string{"user_1": "", "user_2": ""}))
		c := clerk.Client()
		write := func(id, plan string) {
			time.Sleep(time.Second) // so that updated_at differs
			_, err := c.Users.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"plan": plan}})
			require.NoError(t, err)
		}
		require.NoError(t, clerk.ScriptDeliveries(
			clerktest.Delivery{Late: time.Minute}, clerktest.Delivery{Twice: true}, clerktest.Delivery{Overtaken: true}, clerktest.Delivery{}, clerktest.Delivery{Lost: true}))
		write("user_1", "late")
		write("user_1", "twice")
		write("user_1", "overtaken")
		write("user_1", "newest")
		write("user_2", "lost")
		require.NoError(t, clerk.Deliver(t.Context()))
		require.Equal(t, map[string]row{"user_1": {plan: "newest"}}, table(t, m.db))
		require.NoError(t, m.reconcile(t.Context(), c))
		require.Equal(t, map[string]row{"user_1": {plan: "newest"}, "user_2": {plan: "lost"}}, table(t, m.db))
	})
}
