package clerktest

import "crypto/rand"

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
