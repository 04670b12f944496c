// Package client makes the services of this module: New for Clerk's Backend API,
// NewFrontend for its Frontend API.
//
//	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")))
//	if err != nil { … }
//	user, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
//		PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
//	})
//
// It is the only package that knows the options. Constructors do no I/O. What
// they return is immutable, keeps its own copy of what it was given, and is safe
// for concurrent use: make one for a process and share it.
package client

import (
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// APIVersion is the version of Clerk's API that every request asks for. It comes
// from the OpenAPI documents that this module is generated from and cannot be
// changed by an option: the types fit this version.
const APIVersion = bapi.APIVersion

// Version is the version of this module, as the User-Agent names it.
const Version = "0.1.0"

// Client is a connection to Clerk's Backend API. It is immutable and safe for
// concurrent use.
type Client struct {
	// Users reads and writes the metadata of users.
	Users *users.Service
	// Organizations reads and writes the metadata of organizations and of
	// their memberships.
	Organizations *organizations.Service

	transport    *transport.Transport
	maxFieldSize int
}

// CloseIdleConnections closes the connections of the client's own pool that are
// not in use: for programs that make clients and drop them. Calls under way go on,
// and later ones connect anew. With WithHTTPClient it does nothing, since the
// connections are the caller's. It is safe for concurrent use. A *me.Service has
// the same method.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// MaxFieldSize is the size in bytes up to which a field may grow before the client
// refuses to write it: metadata.MaxSize, or 0, which is no limit, with
// WithoutSizeCheck.
func (c *Client) MaxFieldSize() int { return c.maxFieldSize }

// New returns a Client that signs its requests with key. It does no I/O, so it
// cannot tell whether Clerk accepts the key. The error satisfies
// clerkerr.ErrInvalidArgument; for a key of the wrong kind it says which key is
// wanted.
func New(key Key, opts ...Option) (*Client, error) {
	const operation = "client.New"
	if err := key.check(operation); err != nil {
		return nil, err
	}
	cfg, err := configure(operation, opts)
	if err != nil {
		return nil, err
	}
	base := cfg.baseURL
	if base == "" {
		base = DefaultBaseURL
	}
	baseURL, err := backendURL(operation, base, cfg.plainHosts)
	if err != nil {
		return nil, err
	}
	connection := cfg.connection(baseURL)
	backend := api.NewBackend(connection, key.secret)
	return &Client{
		Users: (*users.Service)(backend), Organizations: (*organizations.Service)(backend),
		transport: connection.Transport, maxFieldSize: cfg.maxFieldSize,
	}, nil
}

// NewFrontend returns a me.Service that calls the Frontend API at frontendURL,
// such as "https://clerk.example.com"; the end user's credential is given with
// each call. FrontendURL gives the address for a publishable key. It takes the
// options that New takes, but WithBaseURL. It does no I/O. The error satisfies
// clerkerr.ErrInvalidArgument.
func NewFrontend(frontendURL string, opts ...Option) (*me.Service, error) {
	const operation = "client.NewFrontend"
	cfg, err := configure(operation, opts)
	if err != nil {
		return nil, err
	}
	if cfg.baseURL != "" {
		return nil, invalid(operation, "WithBaseURL", "is for client.New: the Frontend API's address is the first argument")
	}
	baseURL, err := frontendURLOf(operation, frontendURL, cfg.plainHosts)
	if err != nil {
		return nil, err
	}
	return (*me.Service)(api.NewFrontend(cfg.connection(baseURL))), nil
}

func (c config) connection(baseURL string) api.Config {
	return api.Config{Transport: transport.New(c.transport), BaseURL: baseURL, MaxFieldSize: c.maxFieldSize}
}
