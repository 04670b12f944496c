// Package api holds the connections to Clerk's two APIs and sends calls over them.
package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// Config says where and how calls are sent.
type Config struct {
	Transport *transport.Transport
	// BaseURL ends before "/users" for the Backend API, before "/v1/me" for the
	// Frontend API.
	BaseURL string
	// MaxFieldSize is the size in bytes that a field may have; 0 is no limit.
	MaxFieldSize int
}

// Backend is a connection to the Backend API. The services of packages users and
// organizations are types defined from it: client converts a Backend to them, and
// their public API needs no constructor. It is immutable; every call of a nil or zero
// Backend fails.
type Backend struct {
	config Config
	key    secret.Text
}

// NewBackend returns a connection that signs its requests with key.
func NewBackend(config Config, key secret.Text) *Backend {
	return &Backend{config: config, key: key}
}

// Call begins a call. entity names what a write changes to a rate limiter.
func (b *Backend) Call(ctx context.Context, operation, entity string) *Call {
	b = cmp.Or(b, &Backend{})
	c := b.config.call(ctx, operation, "client.New")
	c.entity = entity
	c.Secret = secret.Reveal(b.key)
	c.Sign = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+c.Secret) }
	return c
}

// MaxFieldSize returns Config.MaxFieldSize.
func (b *Backend) MaxFieldSize() int { return cmp.Or(b, &Backend{}).config.MaxFieldSize }

// Frontend is a connection to the Frontend API, as Backend is one to the Backend API.
// The credential comes with each call.
type Frontend struct {
	config Config
}

// NewFrontend returns a connection.
func NewFrontend(config Config) *Frontend { return &Frontend{config: config} }

// Call begins a call; the caller sets Sign, Secret and OnAnswer.
func (f *Frontend) Call(ctx context.Context, operation string) *Call {
	return cmp.Or(f, &Frontend{}).config.call(ctx, operation, "client.NewFrontend")
}

// MaxFieldSize returns Config.MaxFieldSize.
func (f *Frontend) MaxFieldSize() int { return cmp.Or(f, &Frontend{}).config.MaxFieldSize }

// CloseIdleConnections closes the connections of the transport's own pool that are
// not in use.
func (f *Frontend) CloseIdleConnections() {
	cmp.Or(f, &Frontend{}).config.Transport.CloseIdleConnections()
}

// Call is one call. Before any I/O it checks the arguments, encodes the fields of a
// write and keeps the first error, with which Send returns.
type Call struct {
	request.Fields

	// BaseURL is Config.BaseURL.
	BaseURL string
	// Sign puts the credential into the request, and Secret is its text, which no
	// error may show.
	Sign   func(*http.Request)
	Secret string
	// OnAnswer is called with the header of every answer; nil is nothing.
	OnAnswer func(http.Header)

	transport *transport.Transport
	entity    string
}

func (c Config) call(ctx context.Context, operation, constructor string) *Call {
	call := &Call{
		Fields:  request.Fields{Operation: operation, MaxSize: c.MaxFieldSize},
		BaseURL: c.BaseURL, transport: c.Transport,
	}
	if c.Transport == nil {
		call.Check(clerkerr.Invalid(operation, "service", errors.New("is nil or zero: make it with "+constructor)))
	}
	call.Check(request.Context(operation, ctx))
	return call
}

// Send sends a request that a generated builder has made, error included, and parses
// the answer.
func Send[T any](ctx context.Context, c *Call, req *http.Request, err error, parse func([]byte) (*T, error)) (*T, error) {
	if fault := c.Err(); fault != nil {
		return nil, fault
	}
	if err != nil {
		return nil, clerkerr.Invalid(c.Operation, "", err)
	}
	c.Sign(req)
	call := transport.Call{
		Operation: c.Operation, Write: c.IsWrite(), Post: c.IsPost(), Request: req,
		Secret: c.Secret, OnAnswer: c.OnAnswer,
	}
	if call.Write {
		call.Entity = c.entity
	}
	return transport.Send(ctx, c.transport, call, parse)
}

// PageSize checks the size of a list's page; 0 is the default.
func (c *Call) PageSize(size int) int {
	const usual, most = 100, 500
	switch {
	case size == 0:
		return usual
	case size < 0 || size > most:
		c.Check(clerkerr.Invalid(c.Operation, "PageSize", fmt.Errorf("is %d; expected 1 to %d, or 0 for %d", size, most, usual)))
	}
	return size
}

// Walk yields the entries of the pages of a list one by one. An error of the pages,
// or of a context that ends in between, is the last thing that it yields.
func Walk[E any](ctx context.Context, operation string, pages iter.Seq2[[]*E, error]) iter.Seq2[*E, error] {
	return func(yield func(*E, error) bool) {
		for page, err := range pages {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range page {
				if err := ctx.Err(); err != nil {
					yield(nil, &clerkerr.Error{Operation: operation, Outcome: clerkerr.OutcomeNotApplied, Stop: clerkerr.StopCanceled, Err: err})
					return
				}
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}
