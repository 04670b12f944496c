package client

import (
	"os"

	"github.com/clerkmeta/clerkmeta-go/me"
)

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
