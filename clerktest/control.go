package clerktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ControlPath is the path at which to mount the handler of ControlHandler.
const ControlPath = "/_emulator/"

// statusError is a refusal with a status other than 400.
type statusError struct {
	error

	status int
}

type controlRoute struct {
	path   string
	method string
	most   int64                                         // bytes of the body, 0 where it is not read
	handle func(*Clerk, url.Values, []byte) (any, error) // nil for the stream of events
}

func controlRoutes() []controlRoute {
	const maxScript, maxState = 1 << 20, 64 << 20
	ok := map[string]string{"status": "ok"}
	return []controlRoute{
		{"health", http.MethodGet, 0, func(*Clerk, url.Values, []byte) (any, error) { return ok, nil }},
		// The state holds the emulator's own credentials, too.
		{"state", http.MethodGet, 0, func(c *Clerk, _ url.Values, _ []byte) (any, error) { return c.State(), nil }},
		{"state", http.MethodPut, maxState, (*Clerk).controlSetState},
		{"entities", http.MethodGet, 0, (*Clerk).controlEntities},
		{"requests", http.MethodGet, 0, (*Clerk).controlRequests},
		{"requests", http.MethodDelete, 0, (*Clerk).controlForgetRequests},
		{"faults", http.MethodGet, 0, (*Clerk).controlFaults},
		{"faults", http.MethodPost, maxScript, (*Clerk).controlScript},
		{"faults", http.MethodDelete, 0, (*Clerk).controlForgetFaults},
		{"webhooks", http.MethodGet, 0, (*Clerk).controlWebhooks},
		{"webhooks", http.MethodPost, maxScript, (*Clerk).controlDeliver},
		{"guesses", http.MethodGet, 0, (*Clerk).controlGuesses},
		{"guesses", http.MethodPut, maxScript, (*Clerk).controlSetGuesses},
		{"operations", http.MethodGet, 0, (*Clerk).controlOperations},
		{"events", http.MethodGet, 0, nil},
		{"reset", http.MethodPost, 0, func(c *Clerk, _ url.Values, _ []byte) (any, error) {
			c.Reset()
			return ok, nil
		}},
	}
}

// ControlHandler returns a handler that offers the methods of Clerk over HTTP, to
// clients in any language, and sends what happens as server-sent events, under
// ControlPath. Its requests are not in the request log and meet no faults.
//
// LocalOnly is around it: neither another machine nor a web page from elsewhere reaches
// the state, and a page of another origin on this machine changes nothing. It requires no
// credential. Its errors do not look like Clerk's, so that no client mistakes one for
// Clerk's.
func (c *Clerk) ControlHandler() http.Handler {
	return LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := c.control(w, r)
		switch {
		case err == nil && v != nil:
			writeControl(w, http.StatusOK, v)
			return
		case err == nil: // a stream has ended
			return
		}
		status := http.StatusBadRequest
		if other, ok := errors.AsType[*statusError](err); ok {
			status = other.status
		}
		writeControl(w, status, refusal(err))
	}))
}

func refusal(err error) any {
	return map[string]string{"error": strings.TrimPrefix(err.Error(), "clerktest: ")}
}

// writeControl answers with JSON that no other page and no cache keeps.
func writeControl(w http.ResponseWriter, status int, v any) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	var body bytes.Buffer
	_ = json.Indent(&body, encode(v), "", "  ")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // fails only when the client is gone
}

func (c *Clerk) control(w http.ResponseWriter, r *http.Request) (any, error) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	name, _ := strings.CutPrefix(r.URL.Path, ControlPath)
	var names, allowed []string
	for _, route := range controlRoutes() {
		names = append(names, route.path)
		if route.path != name {
			continue
		}
		allowed = append(allowed, route.method)
		if route.method != method {
			continue
		}
		if route.handle == nil {
			return nil, c.controlEvents(w, r)
		}
		body, err := readBody(w, r, route.most)
		if err != nil {
			return nil, err
		}
		return route.handle(c, r.URL.Query(), body)
	}
	if allowed == nil {
		err := fmt.Errorf("the path is unknown: %s has %s", ControlPath, strings.Join(slices.Compact(names), ", "))
		return nil, &statusError{err, http.StatusNotFound}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return nil, &statusError{fmt.Errorf("%s takes %s", name, strings.Join(allowed, " and ")), http.StatusMethodNotAllowed}
}

func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if most == 0 {
		return nil, nil
	}
	large := &statusError{fmt.Errorf("the body is over %d bytes", most), http.StatusRequestEntityTooLarge}
	if r.ContentLength > most {
		return nil, large
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, large
	}
	if err != nil {
		return nil, errors.New("the body breaks off")
	}
	return body, nil
}

// controlSetState replaces the state and answers with it, every default filled in.
func (c *Clerk) controlSetState(_ url.Values, body []byte) (any, error) {
	seed, err := ParseSeed(body)
	if err != nil {
		return nil, err
	}
	// A real key must not end up in a state that anyone on this machine can read.
	if strings.HasPrefix(seed.SecretKey, "sk_live_") {
		return nil, errors.New("secret_key is a live key: make one up that begins with sk_test_")
	}
	if err := c.SetState(seed); err != nil {
		return nil, err
	}
	return c.State(), nil
}
