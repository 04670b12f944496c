package clerktest

import (
	_ "embed" // for the environment
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// environmentText is the environment of a plain development instance. {address}
// stands for that of the Frontend API, whose pages the fake does not serve.
//
//go:embed environment.json
var environmentText string

// getEnvironment needs no credential: browser clients send it first.
func (c *Clerk) getEnvironment(in *call, _ *device) (any, *problem) {
	address := string(encode(in.issuer()))
	environment := strings.NewReplacer(
		"{address}", address[1:len(address)-1],
		`"{organizations}"`, strconv.FormatBool(!c.config.OrganizationsDisabled),
	).Replace(environmentText)
	return json.RawMessage(environment), nil
}

// updateEnvironment sends a development instance the address of its application, which
// the fake does not use.
func (c *Clerk) updateEnvironment(in *call, cl *device) (any, *problem) {
	if in.Header.Get("Origin") == "" {
		return nil, fail(http.StatusBadRequest, "origin_missing")
	}
	return c.getEnvironment(in, cl)
}
