package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/postgres"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// outbox returns a database with the tables of contrib/river and n writes to as many users.
func outbox(t *testing.T, n int) (*pgxpool.Pool, *riverwrites.Outbox) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), postgres.Start(t).Database(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	migrations, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	require.NoError(t, err)
	_, err = migrations.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	_, err = riverwrites.Migrate(t.Context(), pool)
	require.NoError(t, err)
	o, err := riverwrites.New(riverwrites.Config{})
	require.NoError(t, err)
	require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for i := range n {
			if _, err := o.InsertTx(t.Context(), tx, bulk.PatchUser(userID(i), bulk.Fields{Public: metadata.Patch{"n": i}})); err != nil {
				return err
			}
		}
		return nil
	}))
	return pool, o
}

// Workers of contrib/river under one limit of contrib/redis: each request takes a slot of the
// fleet, and a 429 that one worker gets holds back the other.
func TestDurableWrites(t *testing.T) {
	t.Parallel()
	const writes, workers = 50, 2
	server := redisserver.Run(t)
	pool, o := outbox(t, writes)
	seed := clerktest.Seed{}
	for i := range writes {
		seed.Users = append(seed.Users, clerktest.User{ID: userID(i)})
	}
	clerk, err := clerktest.New(seed)
	require.NoError(t, err)
	require.NoError(t, clerk.Script(clerktest.AnyOperation, clerktest.Pass(), clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(time.Second))))
	var requests atomic.Uint64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		clerk.ServeHTTP(w, r)
	}))
	defer web.Close()

	var limiters []*redislimit.Limiter
	var clients []*river.Client[pgx.Tx]
	for range workers {
		rdb := redis.NewClient(&redis.Options{Addr: server.Addr})
		defer rdb.Close()
		l, err := redislimit.New(rdb, redislimit.Config{Limit: client.ProductionLimit, Timeout: time.Minute})
		require.NoError(t, err)
		c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithBaseURL(web.URL+"/v1"), client.WithLimiter(l))
		require.NoError(t, err)
		config := &river.Config{}
		require.NoError(t, o.AddWorkers(config, pool, c))
		jobs, err := river.NewClient(riverpgxv5.New(pool), config)
		require.NoError(t, err)
		require.NoError(t, jobs.Start(t.Context()))
		limiters, clients = append(limiters, l), append(clients, jobs)
	}
	require.Eventually(t, func() bool {
		var applied int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM clerkmeta_writes WHERE state = 'applied'`).Scan(&applied)
		return err == nil && applied == writes
	}, 2*time.Minute, 20*time.Millisecond)
	var takes, holds uint64
	for i, jobs := range clients {
		require.NoError(t, jobs.Stop(t.Context()))
		takes += limiters[i].Stats().Takes
		holds += limiters[i].Stats().Holds
	}
	require.GreaterOrEqual(t, requests.Load(), uint64(writes+1))
	require.GreaterOrEqual(t, takes, requests.Load(), "none is sent without a slot")
	require.Equal(t, uint64(1), holds, "the fleet knows of the 429")
}
