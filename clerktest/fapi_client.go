package clerktest

import (
	"crypto/rand"
	_ "embed" // for the environment
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// getClient answers null to a browser or an app without a client.
func (c *Clerk) getClient(_ *call, cl *device) (any, *problem) { return clientAnswer(cl), nil }

// clientAnswer puts the client into response. Member client is null, as in Clerk's
// answers: both would be the same.
func clientAnswer(cl *device) any {
	return map[string]any{"response": clientJSON(cl), "client": nil}
}

// createClient gives a browser or an app its client, unless it has one.
func (c *Clerk) createClient(in *call, cl *device) (any, *problem) {
	return clientAnswer(c.ensureClient(in, cl)), nil
}

// ensureClient returns cl, or a new client if cl is nil.
func (c *Clerk) ensureClient(in *call, cl *device) *device {
	if cl == nil {
		cl = c.store.newDevice()
		in.issue(cl.token)
	}
	return cl
}

// removeSessions signs the client out of all its sessions and keeps the client.
func (c *Clerk) removeSessions(_ *call, cl *device) (any, *problem) {
	for _, s := range cl.sessions {
		c.store.signOut(s, "removed")
	}
	return clientAnswer(cl), nil
}

// deleteClient is removeSessions and removes the client with its cookie. A development
// browser keeps its client.
func (c *Clerk) deleteClient(in *call, cl *device) (any, *problem) {
	if in.how == credentialBrowser {
		in.setCookie("", -1)
	}
	if in.how != credentialDevBrowser {
		c.store.forgetDevice(cl)
		in.client = nil // has no token left to rotate
	}
	return c.removeSessions(in, cl)
}

// createDevBrowser makes a development browser. Clients have read its token
// from either field.
func (c *Clerk) createDevBrowser(*call) (any, *problem) {
	token := "dvb_" + rand.Text()
	c.store.addDevBrowser(token, c.store.newDevice())
	return map[string]any{"object": "dev_browser", "id": token, "token": token}, nil
}

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
