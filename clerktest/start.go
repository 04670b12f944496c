package clerktest

import (
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

// TB is the part of *testing.T, *testing.B and *testing.F that Start uses. A program
// that imports this package does not get package testing and its flags.
type TB interface {
	// Helper marks the caller as a test helper.
	Helper()
	// Cleanup registers a function that runs when the test ends.
	Cleanup(func())
	// Errorf fails the test, which continues.
	Errorf(format string, args ...any)
	// Fatalf fails the test and ends it: it does not return.
	Fatalf(format string, args ...any)
}

// Test is an instance that belongs to a test. Its own methods fail the test
// where those of Clerk return an error.
type Test struct {
	// Clerk is the instance; its own Script and URL return errors.
	*Clerk
	tb TB
}

// Script is Clerk.Script.
func (t *Test) Script(op Operation, faults ...Fault) {
	t.tb.Helper()
	must(t.tb, struct{}{}, t.Clerk.Script(op, faults...))
}

// URL is Clerk.URL.
func (t *Test) URL() string {
	t.tb.Helper()
	u, err := t.Clerk.URL()
	return must(t.tb, u, err)
}

// Client is Clerk.NewClient.
func (t *Test) Client(opts ...client.Option) *client.Client {
	t.tb.Helper()
	made, err := t.NewClient(opts...)
	return must(t.tb, made, err)
}

// Frontend is Clerk.NewFrontend.
func (t *Test) Frontend(opts ...client.Option) *me.Service {
	t.tb.Helper()
	made, err := t.NewFrontend(opts...)
	return must(t.tb, made, err)
}

func must[T any](tb TB, v T, err error) T {
	tb.Helper()
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return v
}
