package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/clerkmeta/clerkmeta-go/client"
)

var errNotSent = errors.New("a dry run sends no write")

// recorder is the transport of a dry run: it keeps the request of a write and fails.
type recorder struct {
	request *http.Request
	body    []byte
}

// RoundTrip keeps a write and fails. Reads, which an unset needs, go through.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		return http.DefaultTransport.RoundTrip(req)
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.body = body
		_ = req.Body.Close() // read to its end
	}
	r.request = req
	return nil, errNotSent
}

type wire struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// show returns the text of the request, without the credential, and without the values of
// private metadata unless --show-private is given.
func (r *recorder) show(o *one, key client.Key) ([]byte, error) {
	w := wire{Method: r.request.Method, URL: r.request.URL.String(), Headers: map[string]string{}, Body: r.body}
	for name := range r.request.Header {
		w.Headers[name] = r.request.Header.Get(name)
	}
	w.Headers["Authorization"] = "Bearer " + key.String() // which prints as its kind
	w.Headers["Content-Length"] = strconv.Itoa(len(r.body))
	if !o.shows(private) {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(r.body, &fields); err != nil {
			return nil, err
		}
		if _, holds := fields[private.json()]; holds {
			// The length stays that of the request.
			fields[private.json()] = json.RawMessage(`"` + hidden + `"`)
			body, err := lineOf(fields)
			if err != nil {
				return nil, err
			}
			w.Body = body
		}
	}
	if o.json() {
		text, err := lineOf(w)
		return o.harmless(o.Stdout, text), err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", w.Method, w.URL)
	for _, name := range slices.Sorted(maps.Keys(w.Headers)) {
		fmt.Fprintf(&b, "%s: %s\n", name, w.Headers[name])
	}
	fmt.Fprintf(&b, "\n%s\n", visible(string(bytes.TrimSpace(w.Body))))
	return b.Bytes(), nil
}
