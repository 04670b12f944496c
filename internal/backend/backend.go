// Package backend sends calls to Clerk's Backend API, with the secret key.
package backend

import (
	"context"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// API is where and how calls are sent. It is immutable.
type API struct {
	Transport *transport.Transport
	// BaseURL ends before "/users".
	BaseURL string
	Key     secret.Text
	// MaxFieldSize is the size in bytes that a replaced field may have; 0 is
	// no limit.
	MaxFieldSize int
}

// Fields returns an encoder for the fields of a write.
func (a *API) Fields(operation string) *request.Fields {
	return &request.Fields{Operation: operation, MaxSize: a.MaxFieldSize}
}

// Get sends a read that a generated builder has made, error included.
func Get[T any](ctx context.Context, a *API, operation string, req *http.Request, err error, parse func([]byte) (*T, error)) (*T, error) {
	return send(ctx, a, transport.Call{Operation: operation, Request: req}, err, parse)
}

// Write sends a write of fields, which must hold a change, that a generated builder
// has made, error included. entity is what the write changes: see User, Organization
// and Membership.
func Write[T any](ctx context.Context, a *API, fields *request.Fields, entity string, req *http.Request, err error, parse func([]byte) (*T, error)) (*T, error) {
	if err := fields.Err(); err != nil {
		return nil, err
	}
	return send(ctx, a, transport.Call{Operation: fields.Operation, Write: true, Entity: entity, Request: req}, err, parse)
}

// User names a user to a rate limiter.
func User(id string) string { return "user/" + id }

// Organization names an organization to a rate limiter.
func Organization(id string) string { return "organization/" + id }

// Membership names a membership to a rate limiter.
func Membership(organizationID, userID string) string {
	return "membership/" + organizationID + "/" + userID
}

func send[T any](ctx context.Context, a *API, call transport.Call, err error, parse func([]byte) (*T, error)) (*T, error) {
	if err != nil {
		return nil, clerkerr.Invalid(call.Operation, "", err)
	}
	key := a.Key.Reveal()
	call.Request.Header.Set("Authorization", "Bearer "+key)
	call.Secrets = []string{key}
	return transport.Send(ctx, a.Transport, call, parse)
}
