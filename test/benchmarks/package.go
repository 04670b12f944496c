// Package benchmarks holds this module against what people would use instead: a
// client written by hand, one that go-retryablehttp retries, and Clerk's official Go
// client. It is a module of its own, so that nobody who uses this one downloads
// them.
//
//	go -C test/benchmarks run ./report         # docs/benchmarks.md, on both releases of Go
//	go -C test/benchmarks test -bench /A_user  # the same cases, one by one
package benchmarks

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
)

// Case is one thing to do, and who does it.
type Case struct {
	// Group is the heading that the case stands under.
	Group string
	Name  string
	// Parallel has many goroutines do it.
	Parallel bool
	// Candidates are compared with the first, which is the baseline.
	Candidates []Candidate
}

// Candidate does a thing in one way.
type Candidate struct {
	Name string
	// Times is how often Run does it; 0 is once.
	Times int
	// Run is safe for concurrent use where the case is parallel. It is nil for a
	// candidate that has no such call.
	Run func() error
}

// Set is all cases, with the servers that they need.
type Set struct {
	Cases []Case

	servers []*httptest.Server
}

// NewSet makes the cases. Close ends its servers.
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

// Close ends the servers of the cases.
func (s *Set) Close() {
	for _, server := range s.servers {
		server.Close()
	}
}

// serve starts a server that ends with the set.
func (s *Set) serve(h http.Handler) *httptest.Server {
	server := httptest.NewServer(h)
	s.servers = append(s.servers, server)
	return server
}

// Groups are the headings, in their order.
func (s *Set) Groups() []string {
	var groups []string
	for _, c := range s.Cases {
		if !slices.Contains(groups, c.Group) {
			groups = append(groups, c.Group)
		}
	}
	return groups
}

// Count is how often one Run does the thing.
func (c Candidate) Count() int { return cmp.Or(c.Times, 1) }
