package riverwrites_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Each kind of entity and each verb reaches Clerk, and the bodies are erased.
func TestSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	p := metadata.Patch{"p": "<&>", "n": metadata.Delete, "big": int64(9007199254740993)}
	v := metadata.Of(map[string]any{"v": nil})
	w.insert(t,
		bulk.PatchUser("user_1", bulk.Fields{Public: p, Unsafe: metadata.Patch{"u": []any{metadata.Null()}}}),
		bulk.ReplaceUser("user_1", bulk.Values{Private: v, Unsafe: metadata.Null()}),
		bulk.PatchOrganization("org_1", bulk.Fields{Private: p}),
		bulk.ReplaceOrganization("org_1", bulk.Values{Public: v}),
		bulk.PatchMembership("org_1", "user_1", bulk.Fields{Public: p}),
	)
	for _, e := range []bulk.Entity{user, org, membership, other} {
		require.NoError(t, w.drain(t, e), e)
	}
	require.Equal(t, []string{
		`PATCH {"public_metadata":{"big":9007199254740993,"n":null,"p":"<&>"},"unsafe_metadata":{"u":[null]}}`,
		`PUT {"private_metadata":{"v":null},"unsafe_metadata":null}`,
		`PATCH {"private_metadata":{"big":9007199254740993,"n":null,"p":"<&>"}}`,
		`PUT {"public_metadata":{"v":null}}`,
		`PATCH {"public_metadata":{"big":9007199254740993,"n":null,"p":"<&>"}}`,
	}, w.bodies())
	require.Equal(t, 5, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE state = 'applied' AND body IS NULL AND attempts = 1 AND outcome = 'applied'`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_lease`))
}

// Successive patches become one where Compose can; a replacement divides.
func TestComposes(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 5000)
	put := bulk.ReplaceUser("user_1", bulk.Values{Private: metadata.Empty()})
	for name, tc := range map[string]struct {
		changes []bulk.Change
		bodies  []string
	}{
		"patches": {
			[]bulk.Change{private("a", 1), private("b", 1), bulk.PatchUser("user_1", bulk.Fields{Public: metadata.Patch{"c": 1}}), private("a", 2)},
			[]string{`PATCH {"private_metadata":{"a":2,"b":1},"public_metadata":{"c":1}}`},
		},
		"no composition": {
			[]bulk.Change{private("a", 1), private("a", map[string]any{"b": 1}), private("c", 1)},
			[]string{`PATCH {"private_metadata":{"a":1}}`, `PATCH {"private_metadata":{"a":{"b":1},"c":1}}`},
		},
		"a replacement": {
			[]bulk.Change{private("a", 1), private("b", 1), put, put, private("c", 1)},
			[]string{`PATCH {"private_metadata":{"a":1,"b":1}}`, `PUT {"private_metadata":{}}`, `PUT {"private_metadata":{}}`, `PATCH {"private_metadata":{"c":1}}`},
		},
		"too large": {
			[]bulk.Change{private("a", large), private("a", 1), private("b", large), private("c", large[:2000]), private("b", large)},
			[]string{`PATCH {"private_metadata":{"a":1,"b":"` + large + `","c":"` + large[:2000] + `"}}`},
		},
		"too large together": {
			[]bulk.Change{private("a", large), private("b", large[:3500]), private("a", 1)},
			[]string{`PATCH {"private_metadata":{"a":"` + large + `"}}`, `PATCH {"private_metadata":{"a":1,"b":"` + large[:3500] + `"}}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, riverwrites.Config{})
			w.insert(t, tc.changes...)
			require.NoError(t, w.drain(t, user))
			require.Equal(t, tc.bodies, w.bodies())
		})
	}
}

// A line longer than one reading is sent to its end.
func TestLongLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	var changes []bulk.Change
	for i := range 250 {
		changes = append(changes, private(fmt.Sprint(i), i))
	}
	w.insert(t, changes...)
	require.NoError(t, w.drain(t, user))
	require.Len(t, w.bodies(), 3)
	u, _ := w.clerk.User("user_1")
	m, err := u.PrivateMetadata.Map()
	require.NoError(t, err)
	require.Len(t, m, 250)
}

// What is not known to be refused is sent again, not before Clerk allows it, and a write that
// was applied without an answer is sent twice.
func TestTransient(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault   clerktest.Fault
		outcome string
		least   float64
	}{
		"rate limited":    {clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(100*time.Second)), "not applied", 100},
		"server":          {clerktest.Answer(503, "unavailable", clerktest.RetryAfter(77*time.Second)), "unknown", 77},
		"locked":          {clerktest.Answer(409, "resource_locked"), "not applied", 1},
		"credential":      {clerktest.Answer(401, "authentication_invalid"), "not applied", 1},
		"forbidden":       {clerktest.Answer(403, "forbidden"), "not applied", 1},
		"redirect":        {clerktest.AnswerBody(302, "text/html", "elsewhere"), "unknown", 1},
		"applied, silent": {clerktest.Drop().And(clerktest.Applied()), "unknown", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, riverwrites.Config{})
			w.insert(t, private("a", "old"))
			w.clerk.Script(clerktest.UpdateUserMetadata, tc.fault)
			wait := snoozed(t, w.drain(t, user))
			require.GreaterOrEqual(t, wait, tc.least)
			require.LessOrEqual(t, wait, tc.least+3)
			require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE state = 'pending' AND outcome = $1 AND error <> '' AND tried_at IS NOT NULL AND settled_at IS NULL`, tc.outcome))
			w.insert(t, private("a", "new"))
			require.Greater(t, snoozed(t, w.drain(t, user)), 0.0, "not yet due")
			require.Len(t, w.bodies(), 1)
			w.due(t)
			require.NoError(t, w.drain(t, user))
			require.Equal(t, []string{"applied", "applied"}, w.states(t))
			require.Equal(t, `{"a":"new"}`, w.stored(t))
			require.Equal(t, 3, w.count(t, `SELECT sum(attempts) FROM clerkmeta_write`))
			require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_lease`))
		})
	}
}

// A Retry-After beyond all sense is obeyed, until an operator decides otherwise.
func TestEndlessRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	seqs := w.insert(t, private("a", 1))
	w.clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(429, "too_many_requests", clerktest.Header("Retry-After", strings.Repeat("9", 30))))
	century := (100 * 365 * 24 * time.Hour).Seconds()
	require.Greater(t, snoozed(t, w.drain(t, user)), century)
	require.Greater(t, snoozed(t, w.drain(t, user)), (900 * 24 * time.Hour).Seconds())
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_lines WHERE due_at > now() + interval '100 years'`))
	require.Equal(t, 1, w.count(t, `SELECT clerkmeta_retry($1)::int`, seqs[0]))
	require.NoError(t, w.drain(t, user))
	require.Equal(t, []string{"applied"}, w.states(t))
}

// due ends the waits between requests.
func (w *world) due(t *testing.T) {
	t.Helper()
	_, err := w.pool.Exec(t.Context(), `UPDATE clerkmeta_lease SET due_at = '-infinity'`)
	require.NoError(t, err)
}

// large is more than Clerk stores with what fill has stored.
var (
	fill  = strings.Repeat("f", 5000)
	large = strings.Repeat("l", 4000)
)

// A write that Clerk refuses is found among those that it does not, and keeps its error.
func TestRefusedAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("fill", fill))
	require.NoError(t, w.drain(t, user))
	w.clerk.ResetRequests()
	var changes []bulk.Change
	for i := range 32 {
		changes = append(changes, private(fmt.Sprint("k", i), i))
	}
	changes[13] = private("large", large)
	seqs := w.insert(t, changes...)
	require.NoError(t, w.drain(t, user))
	require.Len(t, w.bodies(), 11, "halves of halves")
	for i, state := range w.states(t)[1:] {
		want := "applied"
		if i == 13 {
			want = "refused"
		}
		require.Equal(t, want, state, i)
	}
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_writes WHERE seq = $1 AND status = 422 AND outcome = 'not applied'
		AND code = 'form_param_exceeds_allowed_size' AND param = 'private_metadata' AND error LIKE 'clerk: UpdateUserMetadata: status 422%' AND bytes > 4000`, seqs[13]))
	require.Contains(t, w.stored(t), `"k31":31`)
	require.NotContains(t, w.stored(t), large)
	require.Equal(t, 1, w.count(t, `SELECT refused FROM clerkmeta_lines`))
	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM river_job`), "no job for a refused write")
}

// With Hold, what follows a refused write waits until an operator decides.
func TestHold(t *testing.T) {
	t.Parallel()
	for _, decision := range []string{"drop", "retry"} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, riverwrites.Config{Hold: true})
			w.insert(t, private("fill", fill), private("a", 1), private("large", large), private("a", 2))
			require.Zero(t, snoozed(t, w.drain(t, user)))
			require.NoError(t, w.drain(t, user))
			require.Equal(t, []string{"applied", "applied", "refused", "pending"}, w.states(t))
			w.insert(t, private("a", 3))
			_, err := w.pool.Exec(t.Context(), `DELETE FROM river_job`)
			require.NoError(t, err)
			require.NoError(t, w.drain(t, user))
			require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
			require.Zero(t, w.count(t, `SELECT count(*) FROM river_job`), "held")
			require.NotContains(t, w.stored(t), `"a":2`)

			if decision == "retry" { // there is room for it now
				_, err = w.client.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"fill": metadata.Delete}})
				require.NoError(t, err)
			}
			require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_writes WHERE state = 'refused' AND clerkmeta_`+decision+`(seq)`))
			require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
			require.Equal(t, 1, w.count(t, `SELECT count(*) FROM river_job WHERE priority = 1`))
			require.NoError(t, w.drain(t, user))
			require.Contains(t, w.stored(t), `"a":3`)
			require.Equal(t, decision == "retry", strings.Contains(w.stored(t), large))
			require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_lines`))
		})
	}
}

// An entity that does not exist refuses all its writes in one request.
func TestNoEntity(t *testing.T) {
	t.Parallel()
	for _, hold := range []bool{false, true} {
		w := newWorld(t, riverwrites.Config{Hold: hold})
		gone := bulk.Entity{UserID: "user_gone"}
		w.insert(t, bulk.PatchUser("user_gone", bulk.Fields{Public: metadata.Patch{"a": 1}}), bulk.PatchUser("user_gone", bulk.Fields{Public: metadata.Patch{"b": 1}}))
		err := w.drain(t, gone)
		if hold {
			require.Zero(t, snoozed(t, err))
			require.Equal(t, []string{"refused", "pending"}, w.states(t))
		} else {
			require.NoError(t, err)
			require.Equal(t, []string{"refused", "refused"}, w.states(t))
		}
		require.Len(t, w.bodies(), 1)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	failed := func(status int, outcome clerkerr.Outcome) error {
		return &clerkerr.Error{Status: status, Outcome: outcome}
	}
	for _, tc := range []struct {
		err   error
		state string
		alone bool
	}{
		{nil, "applied", false},
		{failed(200, clerkerr.OutcomeApplied), "applied", false},
		{failed(422, clerkerr.OutcomeNotApplied), "refused", true},
		{failed(422, clerkerr.OutcomeUnknown), "pending", false}, // after an attempt without an answer
		{failed(413, clerkerr.OutcomeNotApplied), "refused", true},
		{failed(409, clerkerr.OutcomeNotApplied), "refused", true},
		{failed(404, clerkerr.OutcomeNotApplied), "refused", false},
		{failed(429, clerkerr.OutcomeNotApplied), "pending", false},
		{clerkerr.Invalid("op", "p", errors.New("faulty")), "refused", true},
		{&clerkerr.Error{Err: clerkerr.ErrLocalLimit, Outcome: clerkerr.OutcomeNotApplied}, "pending", false},
		{context.Canceled, "pending", false},
	} {
		state, alone := riverwrites.Judge(tc.err)
		require.Equal(t, tc.state, state, "%v", tc.err)
		require.Equal(t, tc.alone, alone, "%v", tc.err)
	}
}

// A panic below the request ends that request, without the value in any error.
func TestPanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", "secret value"))
	c := w.clerk.Client(client.WithCallHook(func(context.Context, observe.Call) (context.Context, func(observe.Result)) {
		panic("secret value")
	}))
	err := w.outbox.Drain(t.Context(), w.pool, c, user)
	require.Greater(t, snoozed(t, err), 0.0)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE error LIKE '%panic%type string%' AND outcome = 'unknown'`))
}

// A worker that is being stopped gives the entity back and records what it knows.
func TestStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", 1))
	ctx, cancel := context.WithCancel(t.Context())
	c := w.clerk.Client(client.WithCallHook(func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
		cancel()
		return ctx, func(observe.Result) {}
	}))
	require.Greater(t, snoozed(t, w.outbox.Drain(ctx, w.pool, c, user)), 0.0)
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE state = 'pending' AND outcome = 'not applied'`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_lease WHERE leased_until > now()`))
	require.ErrorIs(t, w.outbox.Drain(ctx, w.pool, c, other), context.Canceled)
}
