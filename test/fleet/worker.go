package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// envJob holds the job of a process of the fleet.
const envJob = "CLERKMETA_FLEET_JOB"

// job is what a process does: it writes until its time is over.
type job struct {
	Addr, Master string // of Redis, or of a sentinel and its master's name
	Instance     string
	URL          string // of the Clerk
	Start        time.Time
	For          time.Duration
	// Interactive sends five requests a second, and reports how each waited.
	Interactive, Backfill bool
	Reserve, Floor        int
}

// report is what became of a job.
type report struct {
	Taken  []int64 // the server's moment of each take
	Failed int
	Waits  []time.Duration
}

// writers is how many requests a process sends at once.
const writers = 8

func userID(i int) string { return fmt.Sprint("user_", i) }

func splitAddr(addr string) (host, port string, err error) { return net.SplitHostPort(addr) }

// timed measures how long requests wait.
type timed struct {
	client.Limiter

	mu    sync.Mutex
	waits []time.Duration
}

func (l *timed) Wait(ctx context.Context, r observe.Request) error {
	started := time.Now()
	err := l.Limiter.Wait(ctx, r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits = append(l.waits, time.Since(started))
	return err
}

// quiet drops what go-redis logs of connections that fail, which the report counts.
type quiet struct{}

// Printf does nothing.
func (quiet) Printf(context.Context, string, ...any) {}

func work(text string) {
	redis.SetLogger(quiet{})
	var j job
	err := json.Unmarshal([]byte(text), &j)
	if err == nil {
		var r report
		if r, err = j.do(context.Background()); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(r)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func (j job) connect() redis.UniversalClient {
	if j.Master != "" {
		return redis.NewFailoverClient(&redis.FailoverOptions{MasterName: j.Master, SentinelAddrs: []string{j.Addr}})
	}
	return redis.NewClient(&redis.Options{Addr: j.Addr})
}

func (j job) do(ctx context.Context) (report, error) {
	rdb := j.connect()
	defer rdb.Close() //nolint:errcheck // the process ends
	granted := &grants{}
	rdb.AddHook(granted)
	l, err := redislimit.New(rdb, redislimit.Config{
		Instance: j.Instance, Limit: client.ProductionLimit, Backfill: j.Backfill, Reserve: j.Reserve, Floor: j.Floor,
	})
	if err != nil {
		return report{}, err
	}
	limiter := &timed{Limiter: l}
	c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithBaseURL(j.URL), client.WithLimiter(limiter),
		client.WithRetry(client.Retry{MaxRetries: client.None, Timeout: time.Hour, AttemptTimeout: client.None}))
	if err != nil {
		return report{}, err
	}
	ctx, cancel := context.WithDeadline(ctx, j.Start.Add(j.For))
	defer cancel()
	time.Sleep(time.Until(j.Start))
	count, pause := writers, time.Duration(0)
	if j.Interactive {
		count, pause = 1, 200*time.Millisecond
	}
	failed := make([]int, count)
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() { failed[i] = write(ctx, c, pause) })
	}
	wg.Wait()
	r := report{Taken: granted.moments}
	for _, n := range failed {
		r.Failed += n
	}
	if j.Interactive {
		r.Waits = limiter.waits
	}
	return r, nil
}

// write writes to users until ctx ends, and returns how many calls were not sent since Redis
// was out of reach.
func write(ctx context.Context, c *client.Client, pause time.Duration) (failed int) {
	for ctx.Err() == nil {
		_, err := c.Users.UpdateUserMetadata(ctx, userID(rand.IntN(people)), users.UpdateUserMetadataParams{
			PublicMetadata: metadata.Patch{"n": rand.Int()},
		})
		switch {
		case errors.Is(err, redislimit.ErrUnavailable):
			failed++
			time.Sleep(20 * time.Millisecond)
		case err == nil, errors.Is(err, clerkerr.ErrLocalLimit), ctx.Err() != nil:
		}
		time.Sleep(pause)
	}
	return failed
}
