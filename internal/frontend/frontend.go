// Package frontend holds where and how calls to Clerk's Frontend API are sent.
package frontend

import (
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// API is where and how calls are sent; the credential comes with each call. It
// is immutable.
type API struct {
	Transport *transport.Transport
	// BaseURL ends before "/v1/me".
	BaseURL string
	// MaxFieldSize is the size in bytes that a replaced field may have; 0 is
	// no limit.
	MaxFieldSize int
}

// Fields returns an encoder for the fields of a write.
func (a *API) Fields(operation string) *request.Fields {
	return &request.Fields{Operation: operation, MaxSize: a.MaxFieldSize}
}
