// Package benchmarks compares this module with what people would use instead: a client
// written by hand, one with go-retryablehttp, and Clerk's official Go client. It is a
// separate module, so that users of this one do not download them.
//
//	bash test/benchmarks/report                  # docs/benchmarks.md, on both releases of Go
//	go -C test/benchmarks test -bench /A_user    # some of the cases
package benchmarks

import (
	"bytes"
	"context"
	_ "embed" // for the answer
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// Case is a task that one of several candidates does.
type Case struct {
	// Group and Task name the task, By the candidate.
	Group, Task, By string
	// Parallel is true for a task that many goroutines do at once, too.
	Parallel bool
	// Run does the task. It fails if the candidate has not read the answer.
	Run func(context.Context) error
}

// Cases returns every case. Their server runs until the test or benchmark ends.
func Cases(tb testing.TB) []Case {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(always.serve))
	tb.Cleanup(server.Close)
	return slices.Concat(
		userCalls(tb, "A user, in memory", func() target { return target{"https://api.clerk.com/v1", always} }),
		userCalls(tb, "A user, over loopback", func() target {
			return target{server.URL + "/v1", &http.Transport{MaxIdleConnsPerHost: 2 * Goroutines}} // a pool for each client
		}),
		typedValue(tb), manyChanges(tb), documents(tb),
	)
}

// Goroutines is how many do a parallel task.
const Goroutines = 16

const (
	userID = "user_2aBcDeFgHiJkLmNoPqRsTuVwXyZ"
	key    = "sk_test_example"
)

// answer is as long as Clerk's for a user with little metadata, of which metadata is a
// small part.
//
//go:embed testdata/user.json
var answer []byte

// change is what is written.
func change() map[string]any { return map[string]any{"stripeId": "cus_123"} }

// target is where a client sends its requests, and through what.
type target struct {
	baseURL   string
	transport http.RoundTripper
}

// inMemory stands for the network: it reads the request's body and answers with what the
// function returns.
type inMemory func(r *http.Request) []byte

// always gives every request the same answer.
var always inMemory = func(*http.Request) []byte { return answer }

// RoundTrip fails only if reading the request's body does.
func (body inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
	}
	text := body(r)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}

// serve is the same over a socket.
func (body inMemory) serve(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body(r))
}

// read fails if an answer was not read. id is called only without err.
func read(err error, id func() string) error {
	if err != nil {
		return err
	}
	if id() != userID {
		return errors.New("the answer was not read")
	}
	return nil
}
