package redislimit

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// oldest is the oldest release that has all commands and options of the scripts.
var oldest = []int{6, 2}

func newer(since string) bool {
	var version []int
	for part := range strings.SplitSeq(since, ".") {
		n, _ := strconv.Atoi(part)
		version = append(version, n)
	}
	return slices.Compare(version[:min(len(version), len(oldest))], oldest) > 0
}

// sinceOf returns since which release a command has each of its options, by their tokens.
func sinceOf(docs any, since string, options map[string]string) {
	switch of := docs.(type) {
	case []any:
		for _, each := range of {
			sinceOf(each, since, options)
		}
	case map[any]any:
		if own, ok := of["since"].(string); ok {
			since = own
		}
		if token, ok := of["token"].(string); ok {
			options[token] = since
		}
		sinceOf(of["arguments"], since, options)
	}
}

// Each command of the scripts, with its options, is in the oldest release; the others that
// the Go code uses are EVALSHA and EVAL.
func TestCommandsAreOld(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: redisserver.Run(t).Addr})
	t.Cleanup(func() { _ = rdb.Close() })
	if err := rdb.Do(t.Context(), "COMMAND", "DOCS", "GET").Err(); err != nil {
		t.Skip("the server, older than 7.0, does not say since when it has a command; the other tests show that it has all")
	}
	calls := []string{"'EVAL'", "'EVALSHA'"}
	for _, script := range []string{takeText, holdText} {
		found := regexp.MustCompile(`redis\.call\((.*)`).FindAllStringSubmatch(script, -1)
		require.Len(t, found, strings.Count(script, "redis."), "each use of redis is a call that this test reads")
		for _, call := range found {
			calls = append(calls, call[1])
		}
	}
	text := regexp.MustCompile(`'([A-Z]+)'`)
	seen := map[string]bool{}
	for _, call := range calls {
		words := text.FindAllStringSubmatch(call, -1)
		require.NotEmpty(t, words, "%s names its command as a text", call)
		command := words[0][1]
		docs, err := rdb.Do(t.Context(), "COMMAND", "DOCS", command).Result()
		require.NoError(t, err)
		of, ok := docs.(map[any]any)[strings.ToLower(command)].(map[any]any)
		require.True(t, ok, "the server documents %s", command)
		since, _ := of["since"].(string)
		require.False(t, newer(since), "%s is of %s", command, since)
		options := map[string]string{}
		sinceOf(of["arguments"], since, options)
		for _, word := range words[1:] {
			require.Contains(t, options, word[1], call)
			require.False(t, newer(options[word[1]]), "%s of %s is of %s", word[1], command, options[word[1]])
		}
		seen[command] = true
	}
	require.Greater(t, len(seen), 10)
	require.True(t, newer("7.0.0"))
	require.False(t, newer("6.2.0"))
}

// recorder records the arguments of all scripts.
type recorder struct {
	redis.Scripter

	mu   sync.Mutex
	args []any
}

func (r *recorder) record(args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.args = append(r.args, args...)
}

func (r *recorder) EvalSha(ctx context.Context, digest string, keys []string, args ...any) *redis.Cmd {
	r.record(args)
	return r.Scripter.EvalSha(ctx, digest, keys, args...)
}

// No moment of a process's clock is sent: in its year 2000 no argument is near its time, in
// any unit, whereas the moments of the server are.
func TestNoClockOfAProcessIsSent(t *testing.T) {
	t.Parallel()
	server := redisserver.Run(t)
	synctest.Test(t, func(t *testing.T) {
		l := inBubble(t, server.Addr, Config{Limit: 10, WriteLimit: 1, Reserve: 1, Floor: 1, Backfill: true})
		sent := &recorder{Scripter: l.redis}
		l.redis = sent
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, l.Wait(ctx, observe.Request{}))
		require.NoError(t, l.Wait(ctx, observe.Request{Entity: "user/1"}))
		short, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		require.Error(t, l.Wait(short, observe.Request{Entity: "user/1"}))
		require.NoError(t, l.Wait(ctx, observe.Request{Operation: "CreateInvitation"}))
		l.TooMany(t.Context(), observe.Request{Entity: "user/1"}, time.Minute)
		clock := time.Now()
		ofServer := false
		for _, arg := range sent.args {
			n, err := strconv.ParseFloat(fmt.Sprint(arg), 64)
			if err != nil {
				continue
			}
			for _, second := range []float64{1, 1e3, 1e6, 1e9} {
				require.Greater(t, max(n/second-float64(clock.Unix()), float64(clock.Unix())-n/second), 1e6, "%v", arg)
			}
			ofServer = ofServer || n > 1.5e15
		}
		require.True(t, ofServer, "what the server has counted is sent")
	})
}
