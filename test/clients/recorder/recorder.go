// Package recorder records what passes between a client and a Clerk, and compares it with the OpenAPI
// documents that Clerk publishes.
package recorder

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

// Exchange is a request and its answer, one line of NDJSON. Credentials are left out.
type Exchange struct {
	Request conformance.Request `json:"request"`
	Answer  conformance.Answer  `json:"answer"`
}

// Recorder keeps the exchanges of the handlers that it wraps.
type Recorder struct {
	mu        sync.Mutex
	exchanges []Exchange
}

// Wrap records the handler's requests and answers, except those for the emulator's own addresses and
// the preflights of browsers.
func (rec *Recorder) Wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_emulator/") || r.Method == http.MethodOptions {
			h.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		request := conformance.Request{
			API: api(r), Method: r.Method, Path: r.URL.EscapedPath(), Query: public(r.URL.Query()).Encode(),
			Header: header(r.Header), Body: string(body),
		}
		r.Body = io.NopCloser(bytes.NewReader(body)) // the length stays as declared, or undeclared
		tee := &tee{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(tee, r)
		if r.Context().Err() != nil {
			return // the client is gone, and got no whole answer
		}
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.exchanges = append(rec.exchanges, Exchange{request, conformance.Answer{
			Status: tee.status, Header: header(w.Header()), Body: tee.body.String(),
		}})
	})
}

// Exchanges returns what was recorded so far, in the order in which the answers ended.
func (rec *Recorder) Exchanges() []Exchange {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.exchanges)
}

// Write writes exchanges as NDJSON.
func Write(w io.Writer, exchanges []Exchange) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, x := range exchanges {
		if err := enc.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

// Proxy passes everything on to a Clerk elsewhere, under the name that the client knows.
func Proxy(target *url.URL) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
}

// api returns which of Clerk's two APIs a request is for, where one address serves both.
func api(r *http.Request) string {
	for _, prefix := range []string{"/v1/me", "/v1/client", "/v1/environment", "/v1/dev_browser", "/.well-known/"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return "fapi"
		}
	}
	return "bapi"
}

func public(query url.Values) url.Values {
	for _, name := range []string{"__clerk_db_jwt", "__dev_session", "rotating_token_nonce"} {
		query.Del(name)
	}
	return query
}

func header(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"Authorization", "Cookie", "Set-Cookie", "Clerk-Secret-Key"} {
		h.Del(name)
	}
	return h
}

type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(b []byte) (int, error) {
	t.body.Write(b)
	return t.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }
