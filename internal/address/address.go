// Package address checks the addresses of servers that keys are sent to, and decides
// what a loopback address is.
package address

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Parse parses the address of a server, with or without a path, and drops trailing
// slashes. fault says what is wrong with the address and quotes none of it, since it may
// hold a password.
func Parse(text string) (u *url.URL, fault string) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, "is not a URL"
	case u.User != nil:
		return nil, "holds credentials: leave them out"
	case u.RawQuery != "" || u.ForceQuery:
		return nil, "has a query: leave it out"
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, "has a fragment: leave it out"
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "must begin with https://"
	case u.Hostname() == "":
		return nil, "has no host"
	case u.RawPath != "":
		return nil, "has an escape in its path that would change it: write the path plainly"
	}
	u.Path = strings.TrimRight(u.Path, "/")
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return nil, "has . or .. in its path"
		}
	}
	return u, ""
}

// InTheClear reports whether the network can read what is sent to u: plain http to
// another machine.
func InTheClear(u *url.URL) bool { return u.Scheme == "http" && !IsLoopback(u.Hostname()) }

// IsLoopback reports whether a host, with or without a port, can only be this machine.
func IsLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
