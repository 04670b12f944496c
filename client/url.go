package client

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// DefaultBaseURL is where the Backend API is.
const DefaultBaseURL = "https://api.clerk.com/v1"

const versionPath = "/v1"

// backendURL checks a base URL; one without a path gets /v1, as Clerk's own
// tools do with CLERK_API_URL.
func backendURL(operation, text string, plainHosts []string) (string, error) {
	u, err := checkURL(operation, "base URL", text, plainHosts)
	if err != nil {
		return "", err
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
		return "", invalid(operation, "frontend URL", "ends with /v1, which is added by each call: leave it out")
	}
	return u.String(), nil
}

// checkURL refuses what could send a credential to the wrong place or in the
// clear. Its errors quote nothing of the URL, which may hold a password.
func checkURL(operation, param, text string, plainHosts []string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, invalid(operation, param, "is not a URL")
	case u.User != nil:
		return nil, invalid(operation, param, "holds credentials: leave them out")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, invalid(operation, param, "has a query: leave it out")
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, invalid(operation, param, "has a fragment: leave it out")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, invalid(operation, param, "must begin with https://")
	case u.Hostname() == "":
		return nil, invalid(operation, param, "has no host")
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !contains(plainHosts, u.Hostname()):
		return nil, invalid(operation, param, "is plain http, which would show the key to the network: use https, or client.WithPlainHTTP for a host of your own")
	}
	if u.RawPath != "" {
		return nil, invalid(operation, param, "has an escape in its path that would change it: write the path plainly")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return nil, invalid(operation, param, "has . or .. in its path")
		}
	}
	return u, nil
}

func contains(hosts []string, host string) bool {
	for _, h := range hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}

// isLoopback reports whether a host name can only be this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// hostname is host without a port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

func invalid(operation, param, reason string) error {
	return clerkerr.Invalid(operation, param, errors.New(reason))
}
