package clerktest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// ControlPath is the path at which to mount the handler of ControlHandler.
const ControlPath = "/_emulator/"

const (
	maxScript = 1 << 20  // bytes of a script of faults
	maxState  = 64 << 20 // bytes of a state
)

// refusal is why a control request fails. It does not have the shape of Clerk's
// errors, so that no client mistakes it for one.
type refusal struct {
	status int
	reason string
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

type controlRoute struct {
	path   string
	method string
	handle func(*Clerk, *http.Request) (any, *refusal)
}

func controlRoutes() []controlRoute {
	return []controlRoute{
		{"health", http.MethodGet, (*Clerk).controlHealth},
		{"state", http.MethodGet, (*Clerk).controlState},
		{"state", http.MethodPut, (*Clerk).controlSetState},
		{"requests", http.MethodGet, (*Clerk).controlRequests},
		{"requests", http.MethodDelete, (*Clerk).controlForgetRequests},
		{"faults", http.MethodGet, (*Clerk).controlFaults},
		{"faults", http.MethodPost, (*Clerk).controlScript},
		{"faults", http.MethodDelete, (*Clerk).controlForgetFaults},
		{"reset", http.MethodPost, (*Clerk).controlReset},
	}
}

// ControlHandler returns a handler that offers the methods of Clerk over HTTP, to
// clients in any language: health, state, requests, faults and reset under
// ControlPath. Its requests are not in the request log and meet no faults.
//
// It answers 403 unless the peer, the Host header and any Origin are loopback
// addresses and no header shows a proxy: neither another machine nor a web page from
// elsewhere reaches the state. It requires no credential.
func (c *Clerk) ControlHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, refused := c.control(w, r)
		status := http.StatusOK
		if refused != nil {
			status, v = refused.status, map[string]string{"error": refused.reason}
		}
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		var body bytes.Buffer
		enc := json.NewEncoder(&body)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		_ = enc.Encode(v) // strings, numbers and what was JSON before encode
		w.WriteHeader(status)
		_, _ = w.Write(body.Bytes()) // fails only when the client is gone
	})
}

func (c *Clerk) control(w http.ResponseWriter, r *http.Request) (any, *refusal) {
	if reason := notLocal(r); reason != "" {
		return nil, &refusal{http.StatusForbidden, reason}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	name, _ := strings.CutPrefix(r.URL.Path, ControlPath)
	var allowed []string
	for _, route := range controlRoutes() {
		if route.path != name {
			continue
		}
		if route.method == method {
			r.Body = http.MaxBytesReader(w, r.Body, maxState)
			return route.handle(c, r)
		}
		allowed = append(allowed, route.method)
	}
	if allowed == nil {
		return nil, &refusal{http.StatusNotFound, "the path is unknown: " + ControlPath + " has " + strings.Join(controlNames(), ", ")}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return nil, &refusal{http.StatusMethodNotAllowed, name + " takes " + strings.Join(allowed, " and ")}
}

func controlNames() []string {
	var names []string
	for _, route := range controlRoutes() {
		names = append(names, route.path)
	}
	return slices.Compact(names)
}

// notLocal returns why a request is not from this machine, or "". A header can only
// speak against a request; the peer's address alone speaks for it.
func notLocal(r *http.Request) string {
	if !address.IsLoopback(r.RemoteAddr) {
		return "only this machine may do this: the peer's address is not a loopback address"
	}
	// This stops DNS rebinding: a foreign name that resolves to the loopback address.
	if !address.IsLoopback(r.Host) {
		return "the Host header is neither localhost nor a loopback address"
	}
	for _, origin := range r.Header.Values("Origin") {
		_, host, _ := strings.Cut(origin, "://")
		if !address.IsLoopback(host) {
			return "a web page from elsewhere may not do this: the Origin header is neither localhost nor a loopback address"
		}
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host"} {
		if r.Header.Get(name) != "" {
			return "the request came through a proxy: it has the header " + name
		}
	}
	return ""
}

func (c *Clerk) controlHealth(*http.Request) (any, *refusal) {
	return map[string]string{"status": "ok"}, nil
}

// readBody reads a body of at most limit bytes.
func readBody(r *http.Request, limit int64) ([]byte, *refusal) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), int64(len(body)) > limit:
		return nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is over %d bytes", limit)}
	case err != nil:
		return nil, badRequest("the body breaks off")
	}
	return body, nil
}

// decodeStrictly decodes exactly one JSON value. It refuses members that the type does
// not have, and names the line of the fault.
func decodeStrictly(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	fault, faulty := errors.AsType[*jsonscan.Error](jsonscan.Check(text))
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, misfit := errors.AsType[*json.UnmarshalTypeError](err)
	at := max(int(dec.InputOffset())-1, 0)
	switch {
	case err == nil && !faulty:
		return nil
	case err == nil:
		at, err = fault.Offset, fault
	case errors.Is(err, io.EOF):
		return errors.New("the body is empty: JSON is expected")
	case errors.Is(err, io.ErrUnexpectedEOF):
		at, err = len(text), errors.New("the JSON breaks off")
	case syntax:
		at = jsonscan.Fault(text)
	case misfit:
		// encoding/json's words for the place differ between releases.
		wrong, _ := structfields.FindMisfit(text, reflect.TypeOf(into))
		at = wrong.Offset
		err = fmt.Errorf("%s is %s, which is not what is expected there",
			cmp.Or(strings.Join(wrong.Path, "."), "the body"), cmp.Or(wrong.Kind, "a value"))
	}
	line, _ := position(text, at)
	return fmt.Errorf("line %d: %s", line, strings.TrimPrefix(err.Error(), "json: "))
}
