package mirror_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// shared is the server of this process.
var shared struct {
	sync.Mutex

	server *postgres.Server
}

// server returns the server of this process, which the first test starts.
func server(tb testing.TB) *postgres.Server {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		shared.server = postgres.Start(tb)
		tb.Log(shared.server.Version)
	}
	return shared.server
}

// connect returns a pool of connections to a database.
func connect(tb testing.TB, dsn string) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.New(tb.Context(), dsn)
	require.NoError(tb, err)
	tb.Cleanup(pool.Close)
	return pool
}

// world is a database, a Clerk whose events are kept, and a mirror.
type world struct {
	t        testing.TB
	pool     *pgxpool.Pool
	clerk    *clerktest.Test
	client   *client.Client
	mirror   *mirror.Mirror
	receiver *webhook.Receiver
	errs     sync.Map // of the receiver, by their text

	mu     sync.Mutex
	events []delivery
}

// delivery is an event as it was sent.
type delivery struct {
	header http.Header
	body   string
}

var noPassword = users.CreateUserParams{WithoutPassword: true}

var seed = clerktest.Seed{
	Users: []clerktest.User{
		{ID: "user_1", PublicMetadata: map[string]any{"plan": "pro"}, PrivateMetadata: map[string]any{"stripeId": "cus_1"}},
		{ID: "user_2", PublicMetadata: map[string]any{"plan": "free"}},
	},
	Organizations: []clerktest.Organization{{ID: "org_1", PrivateMetadata: map[string]any{"secret": 1}}},
	Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", PrivateMetadata: map[string]any{"secret": 2}}},
}

// all is a mirror of everything.
var all = mirror.Config{PrivateMetadata: true}

func newWorld(tb testing.TB, seed clerktest.Seed, config mirror.Config) *world {
	tb.Helper()
	return newWorldAt(tb, server(tb).Database(tb), seed, config)
}

func newWorldAt(tb testing.TB, dsn string, seed clerktest.Seed, config mirror.Config) *world {
	tb.Helper()
	w := &world{t: tb, pool: connect(tb, dsn)}
	w.clerk = clerktest.Config{Webhooks: http.HandlerFunc(w.keep)}.Start(tb, seed)
	w.client = w.clerk.Client()
	w.mirror = w.another(config)
	require.NoError(tb, w.mirror.Init(tb.Context()))
	var err error
	w.receiver, err = webhook.New(webhook.SigningSecret(clerktest.DefaultWebhookSecret))
	require.NoError(tb, err)
	w.receiver.OnError = func(_ context.Context, _ webhook.Event, err error) { w.errs.Store(err.Error(), err) }
	return w
}

// another is another mirror on the same database.
func (w *world) another(config mirror.Config) *mirror.Mirror {
	w.t.Helper()
	m, err := mirror.New(w.pool, w.client, config)
	require.NoError(w.t, err)
	return m
}

func (w *world) keep(_ http.ResponseWriter, r *http.Request) {
	var body strings.Builder
	_, _ = io.Copy(&body, r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, delivery{r.Header.Clone(), body.String()})
}

// sent returns the events of what was written since it was last called.
func (w *world) sent() []delivery {
	w.t.Helper()
	require.NoError(w.t, w.clerk.Deliver(w.t.Context()))
	w.mu.Lock()
	defer w.mu.Unlock()
	events := w.events
	w.events = nil
	return events
}

// deliver delivers an event, and returns the status of the answer.
func (w *world) deliver(d delivery) int {
	request := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/clerk", strings.NewReader(d.body))
	request.Header = d.header
	recorder := httptest.NewRecorder()
	w.receiver.Handler(w.mirror.Handle).ServeHTTP(recorder, request)
	return recorder.Code
}

// write patches the public metadata of a user.
func (w *world) write(id string, patch metadata.Patch) *users.User {
	w.t.Helper()
	u, err := w.client.Users.UpdateUserMetadata(w.t.Context(), id, users.UpdateUserMetadataParams{PublicMetadata: patch})
	require.NoError(w.t, err)
	return u
}

// remove deletes an entity at Clerk.
func (w *world) remove(path string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodDelete, "https://api.clerk.com/v1/"+path, nil)
	require.NoError(w.t, err)
	request.Header.Set("Authorization", "Bearer "+w.clerk.SecretKey())
	answer, err := w.clerk.Transport().RoundTrip(request)
	require.NoError(w.t, err)
	require.NoError(w.t, answer.Body.Close())
	require.Equal(w.t, http.StatusOK, answer.StatusCode, path)
}

// bodies are those of a view, by id.
func (w *world) bodies(view string) map[string]string {
	w.t.Helper()
	rows, err := w.pool.Query(w.t.Context(), `SELECT id, body FROM `+view)
	require.NoError(w.t, err)
	found := map[string]string{}
	var id, body string
	_, err = pgx.ForEachRow(rows, []any{&id, &body}, func() error {
		found[id] = body
		return nil
	})
	require.NoError(w.t, err)
	return found
}

// same requires that the mirror holds what Clerk does, byte by byte.
func (w *world) same() {
	w.t.Helper()
	users, organizations, memberships := map[string]string{}, map[string]string{}, map[string]string{}
	state := w.clerk.State()
	for _, u := range state.Users {
		now, _ := w.clerk.User(u.ID)
		users[u.ID] = string(now.Raw)
	}
	for _, o := range state.Organizations {
		now, _ := w.clerk.Organization(o.ID)
		organizations[o.ID] = string(now.Raw)
	}
	for _, s := range state.Memberships {
		now, _ := w.clerk.Membership(s.OrganizationID, s.UserID)
		memberships[now.ID] = string(now.Raw)
	}
	require.Equal(w.t, users, w.bodies("clerk_users"))
	require.Equal(w.t, organizations, w.bodies("clerk_organizations"))
	require.Equal(w.t, memberships, w.bodies("clerk_memberships"))
}

// count is the number that a query returns.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

// number is that of a variable of the environment, or else usual.
func number(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
