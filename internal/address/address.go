// Package address checks the addresses of servers that keys are sent to, and decides
// what a loopback address is.
package address

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Parse parses the address of a server, with or without a path, and drops trailing
// slashes. The host is an ASCII name or an IP address without a zone. The error quotes
// nothing of the address, which may hold a password.
func Parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("is not a URL")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	segments := strings.Split(u.Path, "/")
	switch {
	case u.User != nil:
		return nil, errors.New("holds credentials: leave them out")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("has a query: leave it out")
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, errors.New("has a fragment: leave it out")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case !isHost(u.Hostname()) || strings.HasSuffix(u.Host, ":") || !isPort(Port(u)):
		return nil, errors.New("has a host or a port that is not valid")
	case u.RawPath != "":
		return nil, errors.New("has an escape in its path that would change it: write the path plainly")
	case slices.Contains(segments, ".") || slices.Contains(segments, ".."):
		return nil, errors.New("has . or .. in its path")
	}
	return u, nil
}

// isHost also allows underscores, which container networks have in names.
func isHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Zone() == ""
	}
	const longest = 253 // RFC 1035
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || strings.Trim(label, allowed) != "" {
			return false
		}
	}
	return len(host) <= longest
}

func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// Port returns the port of u, or that of its scheme.
func Port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	default:
		return "443"
	}
}

// ErrInTheClear refuses an address that InTheClear reports, unless the caller allows it.
var ErrInTheClear = errors.New("is plain http, which would show the key to the network")

// InTheClear reports whether the network can read what is sent to u: plain http to
// another machine.
func InTheClear(u *url.URL) bool { return u.Scheme == "http" && !IsLoopback(u.Hostname()) }

// Named reports whether the host of u is one of the hosts, without regard to case and port.
func Named(u *url.URL, hosts []string) bool {
	return slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, u.Hostname()) })
}

// ErrOffLoopback refuses an address that CheckLocal does not allow.
var ErrOffLoopback = errors.New("is not on this machine")

// CheckLocal refuses an address that Parse refuses, and one of a host that neither can only
// be this machine nor is one of the hosts.
func CheckLocal(text string, hosts []string) error {
	u, err := Parse(text)
	if err == nil && !IsLoopback(u.Hostname()) && !Named(u, hosts) {
		err = ErrOffLoopback
	}
	return err
}

// CheckNames checks hosts for Named.
func CheckNames(hosts []string) error {
	for _, h := range hosts {
		if h == "" || strings.ContainsAny(h, "/:*?#@ ") {
			return fmt.Errorf("has %q; expected host names without port, path or wildcard", h)
		}
	}
	return nil
}

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
