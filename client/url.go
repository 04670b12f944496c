package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// DefaultBaseURL is where the Backend API is.
const DefaultBaseURL = "https://api.clerk.com/v1"

const versionPath = "/v1"

// backendURL checks a base URL and adds /v1 if it has no path, as Clerk's tools do
// with CLERK_API_URL.
func backendURL(operation, text string, plainHosts []string, live bool) (string, error) {
	u, err := checkURL(operation, "base URL", text, plainHosts)
	switch {
	case err != nil:
		return "", err
	case live && address.InTheClear(u):
		return "", invalid(operation, "base URL", "is plain http, over which a live key never goes: use https")
	}
	if u.Path == "" {
		u.Path = versionPath
	}
	return u.String(), nil
}

// frontendURLOf checks the address of a Frontend API, which ends before /v1.
func frontendURLOf(operation, text string, plainHosts []string) (string, error) {
	u, err := checkURL(operation, "frontend URL", text, plainHosts)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(u.Path, versionPath) {
		return "", invalid(operation, "frontend URL", "ends with /v1, which each call adds: leave it out")
	}
	return u.String(), nil
}

// checkURL refuses what could send a credential to the wrong place or in the clear.
func checkURL(operation, param, text string, plainHosts []string) (*url.URL, error) {
	u, err := address.Parse(text)
	switch {
	case err != nil:
		return nil, clerkerr.Invalid(operation, param, err)
	case address.InTheClear(u) && !address.Named(u, plainHosts):
		return nil, clerkerr.Invalid(operation, param, fmt.Errorf("%w: use https, or client.WithPlainHTTP for a host of your own", address.ErrInTheClear))
	}
	return u, nil
}

func invalid(operation, param, reason string) error {
	return clerkerr.Invalid(operation, param, errors.New(reason))
}
