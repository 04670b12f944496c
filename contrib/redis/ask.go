package redislimit

import (
	"context"
	"crypto/sha256"
	_ "embed" // for the scripts
	"encoding/hex"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// The windows and holds of the limiter in package client, which a test compares.
const (
	window = 10 * time.Second
	// margin is added to a window: Clerk counts arrivals.
	margin  = 350 * time.Millisecond
	hour    = time.Hour
	maxHold = time.Minute
)

const (
	// beat is how often a request that waits asks.
	beat = 250 * time.Millisecond
	// dead is how long after its last question a request has left the queue.
	dead = 900 * time.Millisecond
)

// maxAsking is how many takes of a Limiter are under way at once: Config.Timeout measures
// Redis, and not how long thousands of requests wait for its connections.
const maxAsking = 32

//go:embed take.lua
var takeText string

//go:embed hold.lua
var holdText string

// scripts are immutable; each is sent to a server once, and then named by its digest.
var (
	takeScript = redis.NewScript(takeText)
	holdScript = redis.NewScript(holdText)
)

// question is what a request asks Redis until it may be sent.
type question struct {
	id      string
	arrival int64 // as Redis answered first, 0 before
	line    line
}

// line is what besides the instance a request counts for; a zero key is nothing.
type line struct {
	key    string // a digest: of any text the same length, and no id
	limit  int
	span   time.Duration
	hourly bool
}

// longest is the longest hold of a line.
func (of line) longest() time.Duration {
	if of.hourly {
		return hour
	}
	return maxHold
}

func (l *Limiter) question(r observe.Request) *question {
	return &question{id: l.nextID(), line: l.line(r)}
}

func (l *Limiter) line(r observe.Request) line {
	if n := client.HourlyLimit(r.Operation); n > 0 {
		return line{digest("operation/" + r.Operation), n, hour + margin, true}
	}
	if r.Entity == "" {
		return line{limit: 1}
	}
	return line{digest("entity/" + r.Entity), l.config.WriteLimit, window + margin, false}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// The answers of take.lua.
const (
	taken = iota
	waits
	late
)

type answer struct {
	status  int64
	wait    time.Duration
	arrival int64
}

// unknown is the status where no answer came.
var unknown = answer{status: -1}

// forever is longer than any wait.
const forever = 1000 * 24 * time.Hour

// left is how long a request may wait.
func left(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return forever
}

// take asks for a slot within left, between enter and leave, which it calls.
func (l *Limiter) take(ctx context.Context, q *question, left time.Duration) (answer, error) {
	const instance = "sent"
	keys := []string{l.prefix + instance, l.prefix + "held", l.prefix + "backfill", l.prefix + "waiting", l.prefix + "waiting:backfill", l.prefix + "lines", l.prefix + "alive"}
	if q.line.key != "" {
		keys = append(keys, l.prefix+"sent:"+q.line.key, l.prefix+"held:"+q.line.key)
	}
	c := l.config
	seen, lineSeen := l.lastSeen(instance), l.lastSeen(q.line.key)
	v, err := l.ask(ctx, l.leave, takeScript, keys, q.id, q.arrival, left.Microseconds(), c.Backfill, int(c.Limit), int(c.Limit)-c.Reserve, c.Floor,
		(window + margin).Microseconds(), seen, maxHold.Microseconds(),
		q.line.key, q.line.limit, q.line.span.Microseconds(), lineSeen, q.line.longest().Microseconds(),
		dead.Microseconds(), l.moment())
	if err != nil {
		return unknown, err
	}
	l.saw(instance, v[3])
	if v[0] == taken && q.line.hourly {
		l.saw(q.line.key, v[3])
	}
	return answer{v[0], time.Duration(v[1]) * time.Microsecond, v[2]}, nil
}

// hold holds back what a 429 was about.
func (l *Limiter) hold(ctx context.Context, r observe.Request, retryAfter time.Duration) error {
	if retryAfter <= 0 {
		retryAfter = window
	}
	of := l.line(r)
	retryAfter = min(retryAfter, of.longest())
	keys := []string{l.prefix + "held", l.prefix + "refused"}
	if of.key != "" {
		keys = append(keys, l.prefix+"held:"+of.key)
	}
	_, err := l.ask(ctx, func() {}, holdScript, keys, of.key, of.hourly, retryAfter.Microseconds(), window.Microseconds(), l.moment())
	return err
}

// moment is 0 for the server's clock.
func (l *Limiter) moment() int64 {
	if l.now == nil {
		return 0
	}
	return l.now().UnixMicro()
}

func (l *Limiter) lastSeen(log string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[log]
}

// saw keeps the latest moment: answers may come out of order. One that is more than a window
// earlier comes from a clock that was set back, and replaces it.
func (l *Limiter) saw(log string, moment int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last := l.seen[log]; moment > last || moment < last-(window+margin).Microseconds() {
		l.seen[log] = moment
	}
}

// ask runs a script, and returns when it has answered, when Redis has taken too long or when
// ctx ends. A script that has begun is not stopped by ctx: it ends with Config.Timeout or, if
// the client has no ContextTimeoutEnabled, with its timeouts. While one takes too long no
// other is begun, but for one each second, so that few are under way. over is called when the
// script has answered or has taken too long.
func (l *Limiter) ask(ctx context.Context, over func(), script *redis.Script, keys []string, args ...any) ([]int64, error) {
	type reply struct {
		values []int64
		err    error
	}
	done := make(chan reply, 2)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.config.Timeout)
	slow := time.AfterFunc(l.config.Timeout, func() {
		err := fmt.Errorf("no answer within %s: %w", l.config.Timeout, context.DeadlineExceeded)
		l.failed(err)
		over()
		done <- reply{err: err}
	})
	go func() {
		defer cancel()
		values, err := script.Run(bounded, l.redis, keys, args...).Int64Slice()
		if !slow.Stop() {
			return // it counts as failed already
		}
		if err != nil {
			l.failed(err)
		} else {
			l.answered()
		}
		over()
		done <- reply{values, err}
	}()
	select {
	case r := <-done:
		return r.values, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
