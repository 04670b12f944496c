// Package benchmarks compares this module with what people would use instead: a
// client written by hand, one with go-retryablehttp, and Clerk's official Go client.
// It is a separate module, so that users of this one do not download them.
//
//	go -C test/benchmarks run ./report         # docs/benchmarks.md, on both releases of Go
//	go -C test/benchmarks test -bench /A_user  # the same cases, one by one
package benchmarks

import (
	"cmp"
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
	// Candidates are compared with the first, which is the baseline.
	Candidates []Candidate
}

// Candidate does a task in one way.
type Candidate struct {
	Name string
	// Times is how often Run does the task; 0 is once.
	Times int
	// Run is safe for concurrent use where the case is parallel.
	Run func(context.Context) error
}

// Set is all cases, with the servers that they need.
type Set struct {
	Cases []Case

	servers []*httptest.Server
}

// NewSet makes the cases. Close stops their servers.
func NewSet() (*Set, error) {
	s := &Set{}
	for _, add := range []func(*Set) error{
		addUserCalls, addModify, addBulk, addProxy, addEmulator, addAnswers, addDocuments,
	} {
		if err := add(s); err != nil {
			s.Close()
			return nil, fmt.Errorf("preparing a benchmark: %w", err)
		}
	}
	return s, nil
}

// Close stops the servers of the cases.
func (s *Set) Close() {
	for _, server := range s.servers {
		server.Close()
	}
}

// serve starts a server that Close stops.
func (s *Set) serve(h http.Handler) *httptest.Server {
	server := httptest.NewServer(h)
	s.servers = append(s.servers, server)
	return server
}

// add adds a case, and the same one with many goroutines.
func (s *Set) add(c Case) {
	parallel := c
	parallel.Name, parallel.Parallel = fmt.Sprintf("%s, %d goroutines", c.Name, goroutines), true
	s.Cases = append(s.Cases, c, parallel)
}

// Count is how often one Run does the task.
func (c Candidate) Count() int { return cmp.Or(c.Times, 1) }

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
