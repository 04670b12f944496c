// Package client makes the services of this module: New for Clerk's Backend API,
// NewFrontend for its Frontend API.
//
//	c, err := client.New(client.SecretKey(os.Getenv("CLERK_SECRET_KEY")))
//	if err != nil { … }
//	user, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
//		PrivateMetadata: metadata.Patch{"stripeId": "cus_123"},
//	})
//
// Constructors do no I/O. What they return is immutable, copies what it was given, and
// is safe for concurrent use: make one for a process and share it.
package client

import (
	"cmp"
	"os"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// APIVersion is the version of Clerk's API that every request names. No option changes
// it, since the types fit this version.
const APIVersion = "2026-05-12"

// Version is the version of this module, as the User-Agent names it.
const Version = "0.1.0"

// Client is a connection to Clerk's Backend API. It is immutable and safe for
// concurrent use.
type Client struct {
	// Users reads and writes the metadata of users.
	Users *users.Service
	// Organizations reads and writes the metadata of organizations and of their
	// memberships.
	Organizations *organizations.Service

	connection api.Config
}

// CloseIdleConnections closes the unused connections of the client's own pool, for
// programs that make clients and drop them. Calls under way continue, and later ones
// connect again. It does nothing with WithHTTPClient. It is safe for concurrent use.
func (c *Client) CloseIdleConnections() { c.connection.Transport.CloseIdleConnections() }

// MaxFieldSize returns the most bytes that the client writes to a field:
// metadata.MaxSize, or 0, which is no limit, with WithoutSizeCheck.
func (c *Client) MaxFieldSize() int { return c.connection.MaxFieldSize }

// New returns a Client that signs its requests with key. It does no I/O: the first call
// shows whether Clerk accepts the key. The error satisfies clerkerr.ErrInvalidArgument.
func New(key Key, opts ...Option) (*Client, error) {
	const operation = "client.New"
	if err := keys.CheckSecret(key.Reveal(), EnvSecretKey); err != nil {
		return nil, clerkerr.Invalid(operation, "key", err)
	}
	cfg, err := configure(operation, opts)
	if err != nil {
		return nil, err
	}
	baseURL, err := backendURL(operation, cmp.Or(cfg.baseURL, DefaultBaseURL), cfg.plainHosts, key.IsLive())
	if err != nil {
		return nil, err
	}
	connection := cfg.connection(baseURL)
	backend := api.NewBackend(connection, key.hidden)
	return &Client{Users: (*users.Service)(backend), Organizations: (*organizations.Service)(backend), connection: connection}, nil
}

// NewFrontend returns a me.Service that calls the Frontend API at frontendURL, such as
// "https://clerk.example.com"; each call takes the end user's credential. FrontendURL
// returns the address that a publishable key names. NewFrontend takes the options of
// New except WithBaseURL, and does no I/O. The error satisfies
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

// Environment variables that FromEnv and FrontendFromEnv read, as Clerk's tools do.
const (
	EnvSecretKey      = "CLERK_SECRET_KEY"
	EnvAPIURL         = "CLERK_API_URL"
	EnvPublishableKey = "CLERK_PUBLISHABLE_KEY"
	EnvFrontendURL    = "CLERK_FAPI_URL"
)

// FromEnv is New with the key in CLERK_SECRET_KEY and the base URL in CLERK_API_URL,
// if that is set; WithBaseURL overrides it. Errors are New's.
func FromEnv(opts ...Option) (*Client, error) {
	if base := os.Getenv(EnvAPIURL); base != "" && !given(opts, optionBaseURL) {
		opts = append(opts[:len(opts):len(opts)], WithBaseURL(base))
	}
	return New(SecretKey(os.Getenv(EnvSecretKey)), opts...)
}

// FrontendFromEnv is NewFrontend with the address in CLERK_FAPI_URL or, if that is not
// set, the address that the key in CLERK_PUBLISHABLE_KEY names. Errors are
// NewFrontend's and FrontendURL's.
func FrontendFromEnv(opts ...Option) (*me.Service, error) {
	address := os.Getenv(EnvFrontendURL)
	if address == "" {
		var err error
		if address, err = FrontendURL(os.Getenv(EnvPublishableKey)); err != nil {
			return nil, err
		}
	}
	return NewFrontend(address, opts...)
}
