package clerktest

import (
	_ "embed" // for the environment
	"encoding/json"
	"net/http"
	"strings"
)

// environmentText is the environment of a plain development instance. {address}
// stands for that of the Frontend API.
//
//go:embed environment.json
var environmentText []byte

// getEnvironment needs no credential: browser clients send it first.
func (c *Clerk) getEnvironment(in *call) (any, *problem) {
	if p := c.checkClient(in); p != nil {
		return nil, p
	}
	var environment map[string]any
	if err := json.Unmarshal(environmentText, &environment); err != nil {
		return nil, failLong(http.StatusInternalServerError, "internal_clerk_error", err.Error())
	}
	if display, ok := environment["display_config"].(map[string]any); ok {
		for name, value := range display {
			if url, ok := value.(string); ok { // of a page, which the fake does not serve
				display[name] = strings.Replace(url, "{address}", in.issuer(), 1)
			}
		}
	}
	if organizations, ok := environment["organization_settings"].(map[string]any); ok {
		organizations["enabled"] = !c.config.OrganizationsDisabled
	}
	return environment, nil
}

// updateEnvironment is how a development instance learns where its application
// runs. The fake does not need to know.
func (c *Clerk) updateEnvironment(in *call) (any, *problem) {
	if in.Header.Get("Origin") == "" {
		return nil, fail(http.StatusBadRequest, "origin_missing")
	}
	return c.getEnvironment(in)
}
