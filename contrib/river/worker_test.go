package riverwrites_test

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// key is an AES-GCM key.
func key(t *testing.T, id string) riverwrites.Key {
	t.Helper()
	block, err := aes.NewCipher([]byte(strings.Repeat(id[:1], 32)))
	require.NoError(t, err)
	aead, err := cipher.NewGCM(block)
	require.NoError(t, err)
	return riverwrites.Key{ID: id, AEAD: aead}
}

// A sealed body shows no value, opens with a rotated key, and only in its row.
func TestSealed(t *testing.T) {
	t.Parallel()
	old, current := key(t, "old"), key(t, "new")
	w := newWorld(t, riverwrites.Config{Keys: []riverwrites.Key{old}})
	first := w.insert(t, private("a", "secret value"))
	w.outbox = outbox(t, riverwrites.Config{Keys: []riverwrites.Key{current, old, {}}})
	w.insert(t, private("b", "secret value"))
	require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE position('secret'::bytea IN body) > 0`))
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM clerkmeta_writes WHERE key_id = CASE WHEN seq = $1 THEN 'old' ELSE 'new' END`, first[0]))
	require.NoError(t, w.drain(t, user))
	require.Equal(t, []string{`PATCH {"private_metadata":{"a":"secret value","b":"secret value"}}`}, w.bodies())

	for name, tc := range map[string]struct {
		change string
		entity bulk.Entity
		says   string
	}{
		"another row":    {`UPDATE clerkmeta_write a SET body = b.body FROM clerkmeta_write b WHERE a.seq = $1 AND b.seq = a.seq + 1`, user, `"new" does not open`},
		"another place":  {`UPDATE clerkmeta_write SET seq = seq + 1000 WHERE seq = $1`, user, `"new" does not open`},
		"another verb":   {`UPDATE clerkmeta_write SET verb = 'replace' WHERE seq = $1`, user, `"new" does not open`},
		"another entity": {`UPDATE clerkmeta_write SET user_id = 'user_2' WHERE seq = $1`, other, `"new" does not open`},
		"another key":    {`UPDATE clerkmeta_write SET key_id = 'old' WHERE seq = $1`, user, `"old" does not open`},
		"unknown key":    {`UPDATE clerkmeta_write SET key_id = 'lost' WHERE seq = $1`, user, `"lost", which Config.Keys lacks`},
		"not sealed":     {`UPDATE clerkmeta_write SET key_id = '', body = '{"private_metadata":{"a":1}}' WHERE seq = $1`, user, "no zero Key"},
		"cut short":      {`UPDATE clerkmeta_write SET body = 'short' WHERE seq = $1`, user, `"new" does not open`},
		"no body":        {`UPDATE clerkmeta_write SET body = NULL WHERE seq = $1`, user, `"new" does not open`},
	} {
		_, err := w.pool.Exec(t.Context(), `TRUNCATE clerkmeta_write, clerkmeta_lease`)
		require.NoError(t, err)
		w.clerk.ResetRequests()
		w.outbox = outbox(t, riverwrites.Config{Keys: []riverwrites.Key{current, old}})
		seqs := w.insert(t, private("a", "secret value"), private("b", "secret value"))
		_, err = w.pool.Exec(t.Context(), tc.change, seqs[0])
		require.NoError(t, err)
		require.Greater(t, snoozed(t, w.drain(t, tc.entity)), 0.9, name)
		require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE state = 'pending' AND position($1 IN error) > 0`, tc.says), name)
		require.NotContains(t, strings.Join(w.bodies(), "\n"), `"a"`, name)
	}
}

// A body that is not sealed must still be one that InsertTx stores.
func TestForeignBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	for _, verb := range []string{"patch", "replace"} {
		for _, body := range []string{`[`, `{"private_metadata":[]}`, `{"private_metadata":1}`} {
			_, err := w.pool.Exec(t.Context(), `TRUNCATE clerkmeta_write, clerkmeta_lease`)
			require.NoError(t, err)
			_, err = w.pool.Exec(t.Context(), `INSERT INTO clerkmeta_write (seq, organization_id, user_id, verb, key_id, body) VALUES (1, '', 'user_1', $1, '', $2)`, verb, []byte(body))
			require.NoError(t, err)
			require.Greater(t, snoozed(t, w.drain(t, user)), 0.9)
			require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_write WHERE error LIKE '%not what InsertTx stores' AND attempts = 0`))
		}
	}
	require.Empty(t, w.bodies())
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	good := key(t, "good")
	for says, keys := range map[string][]riverwrites.Key{
		`Keys[0] has ID ""`:                    {{AEAD: good.AEAD}},
		`Keys[1] has ID "x"`:                   {good, {ID: "x"}},
		`1 to 64 bytes`:                        {{ID: strings.Repeat("x", 65), AEAD: good.AEAD}},
		`has ID "a\x00b": expected`:            {{ID: "a\x00b", AEAD: good.AEAD}},
		`has ID "a\xff": expected`:             {{ID: "a\xff", AEAD: good.AEAD}},
		`Keys[1] has the ID "good" of an earl`: {good, good},
	} {
		_, err := riverwrites.New(riverwrites.Config{Keys: keys})
		require.ErrorContains(t, err, says)
	}
	_, err := riverwrites.New(riverwrites.Config{Schema: "not a name"})
	require.ErrorContains(t, err, "Schema")
}

// One worker has an entity at a time. The job of another is done, and leaves its writes to the
// first; so many jobs for one entity do not take turns in asking for it.
func TestLease(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", 1))
	taken, _, err := riverwrites.Claim(t.Context(), w.pool, user, time.Hour)
	require.NoError(t, err)
	require.True(t, taken)
	require.NoError(t, w.drain(t, user))
	require.Empty(t, w.bodies())
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_lines WHERE busy AND pending = 1`))
	_, err = w.pool.Exec(t.Context(), `UPDATE clerkmeta_lease SET leased_until = now()`) // its worker died
	require.NoError(t, err)
	require.NoError(t, w.drain(t, user))
	require.Equal(t, []string{"applied"}, w.states(t))
}

// A write whose job found the entity taken, after its worker had read the line for the last
// time, is sent by the job of that worker.
func TestLeftToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", 1))
	_, err := w.pool.Exec(t.Context(), `
		CREATE TABLE late AS SELECT * FROM clerkmeta_write;
		UPDATE late SET seq = 1000;
		CREATE FUNCTION come() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO clerkmeta_write SELECT * FROM late; DELETE FROM late; RETURN NULL; END $$;
		CREATE TRIGGER come AFTER DELETE ON clerkmeta_lease FOR EACH ROW EXECUTE FUNCTION come()`)
	require.NoError(t, err)
	require.Zero(t, snoozed(t, w.drain(t, user)))
	require.Equal(t, []string{"applied", "pending"}, w.states(t))
	require.NoError(t, w.drain(t, user))
	require.Equal(t, []string{"applied", "applied"}, w.states(t))
}

// A worker that has lost its lease sends nothing, and records nothing.
func TestLostLease(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{"BEFORE UPDATE OF attempts", "BEFORE UPDATE OF state"} {
		w := newWorld(t, riverwrites.Config{})
		w.insert(t, private("a", 1))
		// Another worker takes the entity as soon as the lease is renewed.
		_, err := w.pool.Exec(t.Context(), `
			CREATE FUNCTION steal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
			CREATE TRIGGER steal `+statement+` ON clerkmeta_write FOR EACH ROW EXECUTE FUNCTION steal()`)
		require.NoError(t, err)
		require.Zero(t, snoozed(t, w.drain(t, user)))
		require.Equal(t, []string{"pending"}, w.states(t))
	}
}

// A turn ends; River then runs the job again, behind those of other entities.
func TestTurn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", 1), private("a", map[string]any{"b": 1}))
	w.outbox.SetTurn(-1)
	require.Zero(t, snoozed(t, w.drain(t, user)))
	require.Equal(t, []string{"applied", "pending"}, w.states(t))
	require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_lease`))
	require.NoError(t, w.drain(t, user))
}

// However short turns are, as they are where each request waits long for the limiter, each
// settles a write, so that the one that Clerk refuses is found.
func TestTurnsMakeProgress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.outbox.SetTurn(-1)
	w.insert(t, private("fill", fill))
	require.NoError(t, w.drain(t, user))
	changes := []bulk.Change{private("large", large)}
	for i := range 31 {
		changes = append(changes, private(fmt.Sprint("k", i), i))
	}
	w.insert(t, changes...)
	turns := 1
	for ; w.drain(t, user) != nil; turns++ {
		require.LessOrEqual(t, turns, len(changes), "each turn settles a write")
	}
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_writes WHERE state = 'refused'`))
	require.Equal(t, len(changes), w.count(t, `SELECT count(*) FROM clerkmeta_writes WHERE state = 'applied'`), "with the one that fills")
}

// The writes that are in memory are bounded in bytes.
func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	for range 5 {
		w.insert(t, private("a", strings.Repeat("x", bulk.MaxLine-1000)))
	}
	n, err := w.outbox.Read(t.Context(), w.pool, user)
	require.NoError(t, err)
	require.Equal(t, 3, n, "one MiB is reached within the third")
}

// An operator drops a pending write; one in flight at that moment becomes applied.
func TestDrop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	seqs := w.insert(t, private("a", 1), private("b", 1))
	require.Equal(t, 1, w.count(t, `SELECT clerkmeta_drop($1)::int`, seqs[0]))
	require.Equal(t, 0, w.count(t, `SELECT clerkmeta_drop($1)::int`, seqs[0]), "it is neither pending nor refused")
	require.Equal(t, 0, w.count(t, `SELECT clerkmeta_retry($1)::int`, seqs[0]))
	_, err := w.pool.Exec(t.Context(), `
		CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM clerkmeta_drop(NEW.seq); RETURN NULL; END $$;
		CREATE TRIGGER drop_it AFTER UPDATE OF attempts ON clerkmeta_write FOR EACH ROW EXECUTE FUNCTION drop_it()`)
	require.NoError(t, err)
	require.NoError(t, w.drain(t, user))
	require.Equal(t, []string{"dropped", "applied"}, w.states(t))
	require.Equal(t, `{"b":1}`, w.stored(t))
}

// A sweep wakes a worker for what no worker has and no job takes, once.
func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	woken := func() int {
		return w.count(t, `SELECT count(*) FROM river_job WHERE priority = 1 AND queue = $1`, riverwrites.Queue)
	}
	sweep := func() {
		t.Helper()
		require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	}
	w.insert(t, private("a", 1), bulk.PatchMembership("org_1", "user_1", bulk.Fields{Public: metadata.Patch{"a": 1}}))
	sweep()
	require.Zero(t, woken(), "their jobs wait")
	// The jobs of a process that died are running; another was discarded after its attempts.
	_, err := w.pool.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = 1 WHERE args->>'organization_id' = '';
		UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE args->>'organization_id' <> ''`)
	require.NoError(t, err)
	taken, _, err := riverwrites.Claim(t.Context(), w.pool, user, time.Hour)
	require.NoError(t, err)
	require.True(t, taken)
	sweep()
	require.Equal(t, 1, woken(), "a worker has the other")
	_, err = w.pool.Exec(t.Context(), `UPDATE clerkmeta_lease SET leased_until = now(), due_at = now() + interval '1 hour'`)
	require.NoError(t, err)
	sweep()
	require.Equal(t, 1, woken(), "its request is not due")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM clerkmeta_writes WHERE user_id = 'user_1' AND organization_id = '' AND clerkmeta_retry(seq)`))
	sweep()
	sweep()
	require.Equal(t, 2, woken())

	require.NoError(t, w.drain(t, user))
	_, err = w.pool.Exec(t.Context(), `UPDATE clerkmeta_write SET settled_at = now() - interval '25 hours' WHERE state = 'applied'`)
	require.NoError(t, err)
	_, _, err = riverwrites.Claim(t.Context(), w.pool, other, 0)
	require.NoError(t, err)
	sweep()
	require.Equal(t, []string{"pending"}, w.states(t))
	require.Zero(t, w.count(t, `SELECT count(*) FROM clerkmeta_lease`))
}

// A sweep does not take long where many entities wait: Postgres runs no part of its query once
// for each of them.
func TestSweepOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	_, err := w.pool.Exec(t.Context(), `
		INSERT INTO clerkmeta_write (seq, organization_id, user_id, verb, key_id, body)
		SELECT i, '', 'user_' || i % 20000, 'patch', '', '{}' FROM generate_series(1, 40000) i;
		INSERT INTO clerkmeta_lease (organization_id, user_id, token, leased_until, due_at)
		SELECT '', 'user_' || i, '', now(), now() + interval '1 hour' FROM generate_series(1, 10) i;
		INSERT INTO river_job (kind, args, max_attempts, queue, priority, state)
		SELECT 'clerkmeta_wake', jsonb_build_object('organization_id', '', 'user_id', 'user_' || i), 25, $1, 2, 'available' FROM generate_series(11, 19990) i;
		ANALYZE`, pgx.QueryExecModeSimpleProtocol, riverwrites.Queue)
	require.NoError(t, err)
	rows, err := w.pool.Query(t.Context(), "EXPLAIN "+riverwrites.StrandedSQL, true, time.Second, 1000)
	require.NoError(t, err)
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotContains(t, strings.Join(plan, "\n"), "SubPlan")
	require.NotContains(t, strings.Join(plan, "\n"), "Nested Loop")
	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	require.Equal(t, 10, w.count(t, `SELECT count(*) FROM river_job WHERE priority = 1`))
}

// A sweep erases what is over however much it is, after it has woken workers.
func TestSweepErases(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	_, err := w.pool.Exec(t.Context(), `
		INSERT INTO clerkmeta_write (seq, organization_id, user_id, verb, key_id, state, settled_at)
		SELECT i, '', 'user_1', 'patch', '', 'applied', now() - interval '2 days' FROM generate_series(1, 20001) i;
		INSERT INTO clerkmeta_write (seq, organization_id, user_id, verb, key_id, state, settled_at)
		VALUES (30001, '', 'user_1', 'patch', '', 'dropped', now()), (30002, '', 'user_1', 'patch', '', 'pending', NULL);
		ALTER TABLE clerkmeta_write RENAME settled_at TO gone`)
	require.NoError(t, err)
	require.ErrorContains(t, w.outbox.Sweep(t.Context(), w.pool), "erasing")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM river_job`))
	_, err = w.pool.Exec(t.Context(), `ALTER TABLE clerkmeta_write RENAME gone TO settled_at`)
	require.NoError(t, err)
	require.NoError(t, w.outbox.Sweep(t.Context(), w.pool))
	require.Equal(t, []string{"dropped", "pending"}, w.states(t))
}

// A sweep and a drain that Postgres fails return errors, which River retries.
func TestPostgresFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	w.insert(t, private("a", "secret value"))
	for _, breakage := range []string{
		`ALTER TABLE clerkmeta_write RENAME trace_id TO gone`,
		`ALTER TABLE clerkmeta_write RENAME body TO gone2`,
		`ALTER TABLE clerkmeta_lease RENAME due_at TO gone`,
	} {
		_, err := w.pool.Exec(t.Context(), breakage)
		require.NoError(t, err)
		err = w.drain(t, user)
		require.ErrorContains(t, err, "column")
		require.NotContains(t, err.Error(), "secret value")
	}
	_, err := w.pool.Exec(t.Context(), `ALTER TABLE river_job RENAME TO gone`)
	require.NoError(t, err)
	require.ErrorContains(t, w.outbox.Sweep(t.Context(), w.pool), "waking")
}
