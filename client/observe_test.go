package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

type ctxKey struct{}

func TestAttemptHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(r *http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Second) // of the bubble's clock
			return answer(429, tooManyJSON, "Retry-After", "7")(r)
		}
		rt := play(slow, broken(errDial), answer(200, userJSON, "Cf-Ray", "ray"))
		var seen []observe.Attempt
		hook := func(ctx context.Context, a observe.Attempt) {
			require.Equal(t, "the call's", ctx.Value(ctxKey{}))
			require.Len(t, seen, rt.count()-1, "called when the attempt is over")
			seen = append(seen, a)
		}
		ctx := context.WithValue(t.Context(), ctxKey{}, "the call's")
		_, err := update(ctx, newClient(t, rt, client.WithAttemptHook(hook)))
		require.NoError(t, err)
		waits := rt.waits()
		require.Equal(t, []observe.Attempt{
			{
				Operation: "UpdateUserMetadata", Number: 1, Status: 429, Code: "too_many_requests", TraceID: "trace_429",
				ErrorType: "429", Duration: 2 * time.Second, Retry: true, Wait: waits[0] - 2*time.Second, RetryAfter: 7 * time.Second,
			},
			{Operation: "UpdateUserMetadata", Number: 2, Err: errDial, ErrorType: "connection", Retry: true, Wait: waits[1]},
			{Operation: "UpdateUserMetadata", Number: 3, Status: 200, TraceID: "ray"},
		}, seen)

		seen = nil
		rt = play(answer(404, codeJSON("resource_not_found")))
		s := newFrontend(t, rt, client.WithAttemptHook(hook))
		_, _, err = s.GetMe(ctx, calls.Valid().Credential)
		require.Error(t, err)
		require.Equal(t, []observe.Attempt{
			{Operation: "me.GetMe", Number: 1, Status: 404, Code: "resource_not_found", TraceID: "trace_1", ErrorType: "404"},
		}, seen)
	})
}

func TestLogger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		level := &slog.LevelVar{}
		level.Set(slog.LevelDebug)
		logger := client.WithLogger(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: level})))
		records := func() (all []map[string]any) {
			for d := json.NewDecoder(&logged); d.More(); {
				var r map[string]any
				require.NoError(t, d.Decode(&r))
				delete(r, "time")
				all = append(all, r)
			}
			return all
		}
		rt := play(answer(503, codeJSON("service_unavailable"), "Retry-After", "2"), broken(errDial), answer(200, userJSON))
		_, err := update(t.Context(), newClient(t, rt, logger, atOnce()))
		require.NoError(t, err)
		seen := records()
		waits := rt.waits()
		require.Equal(t, []map[string]any{
			{
				"level": "WARN", "msg": "clerk request is retried", "operation": "UpdateUserMetadata", "attempt": 1.0, "status": 503.0,
				"duration": 0.0, "code": "service_unavailable", "trace_id": "trace_1", "wait": float64(waits[0]),
			},
			{
				"level": "WARN", "msg": "clerk request is retried", "operation": "UpdateUserMetadata", "attempt": 2.0, "status": 0.0,
				"duration": 0.0, "error": errDial.Error(), "wait": float64(waits[1]),
			},
			{"level": "DEBUG", "msg": "clerk request", "operation": "UpdateUserMetadata", "attempt": 3.0, "status": 200.0, "duration": 0.0},
		}, seen)

		level.Set(slog.LevelInfo)
		_, err = update(t.Context(), newClient(t, play(answer(503, "")), logger, client.WithRetry(client.Retry{MaxRetries: 1})))
		require.Error(t, err)
		seen = records()
		require.Len(t, seen, 1) // the retry; the last attempt is in the error
		require.Equal(t, "WARN", seen[0]["level"])
	})
}

// Neither this module nor go-retryablehttp prints on its own.
func TestNothingIsPrinted(t *testing.T) { //nolint:paralleltest // changes what the whole process prints to
	f, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	require.NoError(t, err)
	stdout, stderr, defaultLogger := os.Stdout, os.Stderr, slog.Default()
	os.Stdout, os.Stderr = f, f
	log.SetOutput(f)
	slog.SetDefault(slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for _, step := range []roundTripper{answer(503, ""), broken(errDial), cut(200, "{"), answer(302, "", "Location", "%zz"), answer(200, userJSON)} {
		_, _ = update(t.Context(), newClient(t, step, atOnce()))
	}
	os.Stdout, os.Stderr = stdout, stderr
	slog.SetDefault(defaultLogger)
	log.SetOutput(stderr)
	printed, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	require.Empty(t, string(printed))
	require.NoError(t, f.Close())
}
