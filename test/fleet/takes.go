package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/clerkmeta/clerkmeta-go/client"
	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// takes measures takes that need not wait, of three limiters in one run: one after the other
// from one goroutine, and from sixteen at once.
func takes(addr string) error {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close() //nolint:errcheck // the program ends
	const most = 100_000
	local, err := client.NewLimiter(most, 1000)
	if err != nil {
		return err
	}
	fleet, err := redislimit.New(rdb, redislimit.Config{Limit: most, WriteLimit: 1000, Timeout: time.Minute})
	if err != nil {
		return err
	}
	rate := redis_rate.NewLimiter(rdb)
	read, write := observe.Request{}, func(i int) observe.Request { return observe.Request{Entity: userID(i % people)} }
	for _, of := range []struct {
		name string
		take func(ctx context.Context, i int) error
	}{
		{"the limiter of one process, a write", func(ctx context.Context, i int) error { return local.Wait(ctx, write(i)) }},
		{"contrib/redis, a read", func(ctx context.Context, _ int) error { return fleet.Wait(ctx, read) }},
		{"contrib/redis, a write (instance and entity)", func(ctx context.Context, i int) error { return fleet.Wait(ctx, write(i)) }},
		{"redis_rate, one key", func(ctx context.Context, _ int) error {
			_, err := rate.Allow(ctx, "instance", redis_rate.PerSecond(most))
			return err
		}},
	} {
		one, err := measure(1, 3000, of.take)
		many, err2 := measure(16, 15000, of.take)
		if err := errors.Join(err, err2); err != nil {
			return fmt.Errorf("%s: %w", of.name, err)
		}
		fmt.Printf("%s:\n  one at a time: %s\n  16 at once: %s\n", of.name, one, many)
	}
	return nil
}

func measure(workers, n int, take func(context.Context, int) error) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	waits, errs := make([]time.Duration, n), make([]error, workers)
	started := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				begun := time.Now()
				errs[w] = take(ctx, i)
				waits[i] = time.Since(begun)
			}
		})
	}
	wg.Wait()
	rate := float64(n) / time.Since(started).Seconds()
	return fmt.Sprintf("%.0f a second; %s", rate, percentiles(waits)), errors.Join(errs...)
}
