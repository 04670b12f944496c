package clerktest

import (
	"net/http"

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

// inProcess is the address that in-process clients use. The name is reserved (RFC 6761):
// a request that leaves by mistake reaches no host.
const inProcess = "https://clerk.test"

// NewClient returns a client of the Backend API that talks to this instance over
// Transport, with the right secret key. The options come on top; those that
// NewClient sets itself (client.WithBaseURL, client.WithHTTPClient) cannot be
// given again. The error is client.New's.
func (c *Clerk) NewClient(opts ...client.Option) (*client.Client, error) {
	return client.New(client.SecretKey(c.SecretKey()), append([]client.Option{
		client.WithBaseURL(inProcess + "/v1"), c.httpClient(),
	}, opts...)...)
}

// NewFrontend returns a service for the Frontend API that talks to this instance
// over Transport. The options come on top; client.WithHTTPClient cannot be given
// again. The error is client.NewFrontend's.
func (c *Clerk) NewFrontend(opts ...client.Option) (*me.Service, error) {
	return client.NewFrontend(inProcess, append([]client.Option{c.httpClient()}, opts...)...)
}

func (c *Clerk) httpClient() client.Option {
	return client.WithHTTPClient(&http.Client{Transport: c.Transport()})
}
