package mirror_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type account struct {
	ID      string         `json:"id"`
	Public  map[string]any `json:"public_metadata"`
	Private map[string]any `json:"private_metadata"`
}

type open struct {
	ID string `json:"id"`
}

// find returns the ids of what is found.
func (w *world) find(m *mirror.Mirror, where ...mirror.Condition) ([]string, error) {
	var ids []string
	for u, err := range mirror.Find[open](w.t.Context(), m, where...) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, u.ID)
	}
	return ids, nil
}

func TestFind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, clerktest.Seed{Users: []clerktest.User{
		{ID: "user_1", PublicMetadata: json.RawMessage(`{"n":1.0,"big":9007199254740993,"tags":["a","b"],"a.b":true,"deep":{"x":{"y":1}}}`),
			PrivateMetadata: map[string]any{"stripeId": "cus_1"}},
		{ID: "user_2", PublicMetadata: json.RawMessage(`{"n":"1","q":"'; DROP TABLE clerkmirror_row; --","' OR true --":1}`)},
		{ID: "user_3", PublicMetadata: json.RawMessage(`{"n":null,"huge":1e400}`), UnsafeMetadata: map[string]any{"n": 2}},
	}}, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	for _, tc := range []struct {
		path  string
		value any
		found string
	}{
		{"private_metadata.stripeId", "cus_1", "user_1"},
		{"private_metadata.stripeId", "cus_2", ""},
		{"public_metadata.n", 1, "user_1"},
		{"public_metadata.n", json.Number("1e0"), "user_1"},
		{"public_metadata.n", "1", "user_2"},
		{"public_metadata.n", nil, "user_3"},
		{"public_metadata.big", int64(9007199254740993), "user_1"},
		{"public_metadata.big", int64(9007199254740992), ""},
		{"public_metadata.huge", json.Number("1e400"), "user_3"},
		{"public_metadata.tags", []string{"b"}, "user_1"},
		{"public_metadata.deep.x.y", 1, "user_1"},
		{"public_metadata.deep", map[string]any{"x": map[string]any{}}, "user_1"},
		{"public_metadata", map[string]any{"a.b": true}, "user_1"},
		{"public_metadata.q", "'; DROP TABLE clerkmirror_row; --", "user_2"},
		{"public_metadata.' OR true --", 1, "user_2"},
		{"public_metadata.x') OR (true", 1, ""},
		{"unsafe_metadata.n", 2, "user_3"},
	} {
		ids, err := w.find(w.mirror, mirror.Where(tc.path, tc.value))
		require.NoError(t, err, tc.path)
		require.Equal(t, tc.found, strings.Join(ids, " "), "%s = %v", tc.path, tc.value)
	}
	ids, err := w.find(w.mirror)
	require.NoError(t, err)
	require.Len(t, ids, 3)
	ids, err = w.find(w.mirror, mirror.Where("public_metadata.n", 1), mirror.Where("private_metadata.stripeId", "cus_1"))
	require.NoError(t, err)
	require.Equal(t, []string{"user_1"}, ids)

	for u, err := range mirror.Find[account](t.Context(), w.mirror, mirror.Where("private_metadata.stripeId", "cus_1")) {
		require.NoError(t, err)
		require.Equal(t, json.Number("1.0"), u.Public["n"], "as Clerk wrote it")
		require.Equal(t, json.Number("9007199254740993"), u.Public["big"])
	}
	type narrow struct {
		Public struct {
			N float64 `json:"n"`
		} `json:"public_metadata"`
	}
	misfits := 0
	for u, err := range mirror.Find[narrow](t.Context(), w.mirror) {
		if err != nil {
			require.ErrorIs(t, err, metadata.ErrMismatch)
			misfits++
			continue
		}
		require.NotNil(t, u)
	}
	require.Equal(t, 1, misfits)
	require.Equal(t, 1, w.count(`SELECT count(*) FROM clerk_users WHERE public_metadata @> '{"n":1}'`))
	for range mirror.Find[open](t.Context(), w.mirror) {
		break // frees the connection
	}
	require.Zero(t, w.pool.Stat().AcquiredConns())
}

// Organizations and memberships are found by their own metadata.
func TestFindOthers(t *testing.T) {
	t.Parallel()
	plan := func(plan string) map[string]any { return map[string]any{"plan": plan} }
	w := newWorld(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", PublicMetadata: plan("pro")}},
		Organizations: []clerktest.Organization{{ID: "org_1", PublicMetadata: plan("pro")}, {ID: "org_2", PublicMetadata: plan("free")}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_2", UserID: "user_1", PublicMetadata: plan("pro"), Role: "org:admin"}},
	}, mirror.Config{})
	require.NoError(t, w.mirror.Sync(t.Context()))
	type company struct {
		ID     string            `json:"id"`
		Public map[string]string `json:"public_metadata"`
	}
	type member struct {
		Role string `json:"role"`
	}
	pro := mirror.Where("public_metadata.plan", "pro")
	n := 0
	for o, err := range mirror.FindOrganizations[company](t.Context(), w.mirror, pro) {
		require.NoError(t, err)
		require.Equal(t, &company{"org_1", map[string]string{"plan": "pro"}}, o)
		n++
	}
	for s, err := range mirror.FindMemberships[member](t.Context(), w.mirror, pro) {
		require.NoError(t, err)
		require.Equal(t, "org:admin", s.Role)
		n++
	}
	ids, err := w.find(w.mirror, pro)
	require.NoError(t, err)
	require.Equal(t, []string{"user_1"}, ids)
	require.Equal(t, 2, n)
	for _, err := range mirror.FindOrganizations[company](t.Context(), w.mirror, mirror.Where("unsafe_metadata.a", 1)) {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	}
	for _, err := range mirror.FindMemberships[account](t.Context(), w.mirror) {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "it would be empty")
	}
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, mirror.Config{})
	const secret = "cus_secret"
	for _, c := range []mirror.Condition{
		mirror.Where("stripeId", secret), mirror.Where("", secret), mirror.Where("public_metadata", secret),
		mirror.Where("public_metadata..x", secret), mirror.Where("public_metadata.x.", secret),
		mirror.Where("public_metadata.x", make(chan int)), mirror.Where("public_metadata.x", secret+"\x00"),
		mirror.Where("private_metadata.x", secret), mirror.Where("public_metadata.x", secret+"\xff"),
	} {
		_, err := w.find(w.mirror, c)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.NotContains(t, err.Error(), secret)
	}
	_, err := w.find(w.mirror, mirror.Where("public_metadata.x", json.Number("1e200000")))
	require.ErrorContains(t, err, "SQLSTATE")
	for _, err := range mirror.Find[account](t.Context(), w.mirror) {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "it would be empty")
	}
	_, err = mirror.Get[account](t.Context(), w.mirror, "user_1")
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, err = w.find(w.mirror, mirror.Where("public_metadata.x", `\u0000`))
	require.NoError(t, err, "a backslash and letters")
}

// The database is down: reads fail or fall back, and events are answered with 503 and come again.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	u, err := mirror.Get[open](t.Context(), w.mirror, "user_1")
	require.NoError(t, err)
	require.Equal(t, "user_1", u.ID)
	require.Len(t, w.clerk.Requests(clerktest.GetUser), 0)
	_, err = mirror.Get[open](t.Context(), w.mirror, "user_none")
	require.ErrorIs(t, err, clerkerr.ErrNotFound, "Clerk is asked")
	w.write("user_1", metadata.Patch{"secret": "hidden"})
	event := w.sent()[0]
	_, err = w.pool.Exec(t.Context(), `ALTER TABLE clerkmirror_row RENAME TO elsewhere`)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, w.deliver(event))
	_, err = mirror.Get[open](t.Context(), w.mirror, "user_1")
	require.ErrorContains(t, err, "mirror.User: ERROR: relation")
	fallback := all
	fallback.FallBack = time.Minute
	u, err = mirror.Get[open](t.Context(), w.another(fallback), "user_1")
	require.NoError(t, err)
	require.Equal(t, "user_1", u.ID)
	_, err = w.find(w.another(fallback))
	require.Error(t, err)
	require.Error(t, w.mirror.Erase(t.Context(), "user_1"))
	require.Error(t, w.mirror.Sync(t.Context()))
	_, err = w.pool.Exec(t.Context(), `ALTER TABLE elsewhere RENAME TO clerkmirror_row`)
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, w.deliver(event))
	w.pool.Close()
	require.Equal(t, http.StatusServiceUnavailable, w.deliver(event))
	require.Error(t, w.mirror.Check(t.Context()))
	require.Error(t, w.mirror.Init(t.Context()))
	w.errs.Range(func(text, _ any) bool {
		require.NotContains(t, text, "hidden")
		return true
	})
}

func TestUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	raw, confirmed, err := w.mirror.User(t.Context(), "user_1")
	require.NoError(t, err)
	require.Nil(t, raw)
	require.Zero(t, confirmed)
	before := time.Now()
	require.NoError(t, w.mirror.Sync(t.Context()))
	raw, confirmed, err = w.mirror.User(t.Context(), "user_1")
	require.NoError(t, err)
	u, _ := w.clerk.User("user_1")
	require.Equal(t, string(u.Raw), string(raw))
	require.WithinRange(t, confirmed, before.Add(-time.Millisecond), time.Now(), "one clock, to the microsecond")

	later := w.write("user_1", metadata.Patch{"plan": "free"})
	require.NoError(t, w.mirror.ApplyUser(t.Context(), later))
	raw, again, err := w.mirror.User(t.Context(), "user_1")
	require.NoError(t, err)
	require.Equal(t, string(later.Raw), string(raw))
	require.WithinDuration(t, confirmed, again, time.Minute, "a write confirms nothing")

	created, err := w.client.Users.CreateUser(t.Context(), users.CreateUserParams{WithoutPassword: true})
	require.NoError(t, err)
	require.NoError(t, w.mirror.ApplyUser(t.Context(), created))
	raw, confirmed, err = w.mirror.User(t.Context(), created.ID)
	require.NoError(t, err)
	require.NotEmpty(t, raw)
	require.Zero(t, confirmed)
	w.pool.Close()
	_, _, err = w.mirror.User(t.Context(), "user_1")
	require.Error(t, err)
}

// No value of metadata that Postgres refuses stops the mirror, and none is changed.
func TestWhatJSONBCannotHold(t *testing.T) {
	t.Parallel()
	texts := []string{
		`{"s":"a\u0000b","n":1}`, `{"n":1e200000}`, `{"n":1.0,"m":1.00,"z":-0,"e":1E400}`, `{"s":"\ud800"}`, `{"a":1,"b":{"a":1.50}}`,
		`{"deep":` + strings.Repeat("[", 4000) + strings.Repeat("]", 4000) + `}`,
	}
	var s clerktest.Seed
	for i := range texts {
		s.Users = append(s.Users, clerktest.User{ID: fmt.Sprint("user_", i), PrivateMetadata: map[string]any{"i": i}})
	}
	w := newWorld(t, s, all)
	for i, text := range texts {
		// The emulator checks what it takes, so the answers are made here.
		u, _ := w.clerk.User(fmt.Sprint("user_", i))
		parsed, err := users.ParseUser([]byte(strings.Replace(string(u.Raw), `"public_metadata":{}`, `"public_metadata":`+text, 1)))
		require.NoError(t, err)
		require.Equal(t, text, parsed.PublicMetadata.String())
		require.NoError(t, w.mirror.ApplyUser(t.Context(), parsed), text)
		raw, _, err := w.mirror.User(t.Context(), u.ID)
		require.NoError(t, err)
		require.Equal(t, string(parsed.Raw), string(raw), "byte by byte")
		ids, err := w.find(w.mirror, mirror.Where("private_metadata.i", i))
		require.NoError(t, err)
		require.Equal(t, []string{u.ID}, ids, "the other fields are found")
	}
	require.Equal(t, 3, w.count(`SELECT count(*) FROM clerk_users WHERE unsearchable AND public_metadata IS NULL`))
}

// A user who writes what jsonb cannot hold stops nothing: no event, no sweep and none of the
// README's statements.
func TestUnsearchable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	_, err := w.client.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{UnsafeMetadata: metadata.Patch{"s": "\x00", "big": strings.Repeat("x", 5000)}})
	require.NoError(t, err)
	for _, d := range w.sent() {
		require.Equal(t, http.StatusNoContent, w.deliver(d))
	}
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.same()
	ids, err := w.find(w.mirror, mirror.Where("private_metadata.stripeId", "cus_1"))
	require.NoError(t, err)
	require.Equal(t, []string{"user_1"}, ids, "by other metadata")
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	n := 0
	for _, part := range strings.Split(string(readme), "```sql\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		for line := range strings.Lines(block) {
			_, err := w.pool.Exec(t.Context(), line)
			require.NoError(t, err, line)
			n++
		}
	}
	require.Equal(t, 2, n)
}

func TestNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	_, err := mirror.New(nil, w.client, mirror.Config{})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, err = mirror.New(w.pool, nil, mirror.Config{})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	_, err = mirror.New(w.pool, w.client, mirror.Config{SweepEvery: -1})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	small := connect(t, server(t).Database(t)+"&pool_max_conns=2")
	_, err = mirror.New(small, w.client, mirror.Config{})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)

	require.NoError(t, w.mirror.Sync(t.Context()))
	other := w.another(mirror.Config{})
	require.ErrorContains(t, other.Sync(t.Context()), "Config.PrivateMetadata is false and the tables were made for true")
	require.NoError(t, w.mirror.Init(t.Context()))
	require.Equal(t, 2, w.count(`SELECT count(*) FROM clerk_users`), "nothing changes")
	require.NoError(t, other.Init(t.Context()))
	require.Zero(t, w.count(`SELECT count(*) FROM clerk_users`), "they hold too much")
	u, _ := w.clerk.User("user_1")
	require.ErrorContains(t, w.mirror.ApplyUser(t.Context(), u), "give every process the same Config", "it checked that long ago")
	require.NoError(t, other.Sync(t.Context()))
	for _, view := range []string{"clerk_users", "clerk_organizations", "clerk_memberships"} {
		require.NotEmpty(t, w.bodies(view))
		for _, body := range w.bodies(view) {
			require.NotContains(t, body, "private_metadata")
			require.NotContains(t, body, "secret")
		}
	}
	require.Zero(t, w.count(`SELECT count(*) FROM clerkmirror_row WHERE private_metadata IS NOT NULL`))

	empty, err := mirror.New(connect(t, server(t).Database(t)), w.client, mirror.Config{})
	require.NoError(t, err)
	require.ErrorContains(t, empty.Sync(t.Context()), "the tables do not exist: call Init")
	require.ErrorContains(t, errors.Join(empty.ApplyUser(t.Context(), nil), empty.ApplyOrganization(t.Context(), nil), empty.ApplyMembership(t.Context(), nil)), "is nil")
	require.ErrorIs(t, empty.Erase(t.Context(), ""), clerkerr.ErrInvalidArgument)
}
