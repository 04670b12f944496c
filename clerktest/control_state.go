package clerktest

import (
	"net/http"
	"strings"
)

// controlState answers with the state, the emulator's own credentials included.
func (c *Clerk) controlState(*http.Request) (any, *refusal) {
	return c.State(), nil
}

// controlSetState replaces the state and answers with it, every default filled in.
func (c *Clerk) controlSetState(r *http.Request) (any, *refusal) {
	text, refused := readBody(r, maxState)
	if refused != nil {
		return nil, refused
	}
	seed, err := ParseSeed(text)
	if err == nil {
		// A real key must not end up in a state that anyone on this machine can read.
		if strings.HasPrefix(seed.SecretKey, "sk_live_") {
			return nil, badRequest("secret_key is a live key: make one up that begins with sk_test_")
		}
		err = c.SetState(seed)
	}
	if err != nil {
		return nil, badRequest("%s", strings.TrimPrefix(err.Error(), "clerktest: "))
	}
	return c.State(), nil
}

func (c *Clerk) controlReset(*http.Request) (any, *refusal) {
	c.Reset()
	return map[string]string{"status": "ok"}, nil
}
