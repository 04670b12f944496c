// Package benchmarks compares this module with what people would use instead: a
// client written by hand, one with go-retryablehttp, and Clerk's official Go client.
// It is a separate module, so that users of this one do not download them.
//
//	go -C test/benchmarks run ./report         # docs/benchmarks.md, on both releases of Go
//	go -C test/benchmarks test -bench /A_user  # the same cases, one by one
package benchmarks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
)

// goroutines is how many run a parallel case.
const goroutines = 16

// Case is one task, and the candidates that do it.
type Case struct {
	// Group is the heading of the case.
	Group string
	Name  string
	// Parallel is true for many goroutines.
	Parallel bool
	// Times is how often a candidate's Run does the task; 0 is once.
	Times int
	// Candidates are compared with the first, which is the baseline.
	Candidates []Candidate
}

// Candidate does a task in one way.
type Candidate struct {
	Name string
	// Run is safe for concurrent use where the case is parallel.
	Run func(context.Context) error
}

// Set is all cases, with the server that they need.
type Set struct {
	Cases []Case

	server *httptest.Server
}

// NewSet makes the cases. Close stops their server.
func NewSet() (*Set, error) {
	s := &Set{server: httptest.NewServer(http.HandlerFunc(always(answer()).serve))}
	for _, add := range []func(*Set) error{addUserCalls, addModify, addBulk, addDocuments} {
		if err := add(s); err != nil {
			s.Close()
			return nil, fmt.Errorf("preparing a benchmark: %w", err)
		}
	}
	return s, nil
}

// Close stops the server of the cases.
func (s *Set) Close() { s.server.Close() }

// add adds a case, and the same one with many goroutines.
func (s *Set) add(c Case) {
	parallel := c
	parallel.Name, parallel.Parallel = fmt.Sprintf("%s, %d goroutines", c.Name, goroutines), true
	s.Cases = append(s.Cases, c, parallel)
}

// Bench runs a candidate as a benchmark of package testing.
func (c Case) Bench(b *testing.B, candidate Candidate) {
	b.Helper()
	b.ReportAllocs()
	ctx := context.Background()
	if !c.Parallel {
		for b.Loop() {
			if err := candidate.Run(ctx); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	b.SetParallelism(max(1, goroutines/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := candidate.Run(ctx); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
