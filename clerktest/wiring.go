package clerktest

import (
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

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
