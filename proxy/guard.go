package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// guard applies the policies to requests. It does not depend on the endpoints that
// take unsafe metadata: Clerk's document for one version names three, older versions
// have more, and the browser chooses the version. Every request that could be a write
// must have one reading only. Wherever the field then is, the policies decide.
type guard struct {
	policies []Policy
	maxBody  int64
	timeout  time.Duration
	room     *room
	shapes   *shapes
}

// newGuard returns nil without policies: then there is nothing to check.
func newGuard(c Config, known *shapes) *guard {
	if len(c.Policies) == 0 {
		return nil
	}
	return &guard{
		policies: slices.Clone(c.Policies), maxBody: c.MaxFormBody, timeout: min(c.FormTimeout, c.BodyTimeout),
		room: newRoom(c.MaxFormMemory), shapes: known,
	}
}

// check returns nil if the request may be sent on to the given path and query. It
// replaces a body that it has read by exactly the same bytes.
func (g *guard) check(x *exchange, r *http.Request, rawPath, rawQuery string) *refusal {
	if no := checkQuery(r.Method, rawQuery); no != nil {
		return no
	}
	if isRead(r) {
		return nil
	}
	if !isPlainPath(rawPath) {
		return unreadable("The path of a write must be made of plain segments.")
	}
	if !isFormQuery(rawQuery) {
		return unreadable("The query of a write must be well-formed.")
	}
	if passesUnread(g.shapes.of(rawPath), r.Header) {
		return nil
	}
	return g.checkBody(x, r)
}

// isRead reports whether a request cannot write: a _method is for POST alone.
func isRead(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return r.ContentLength == 0
	}
	return false
}

// checkBody reads the body, which must be a form, and asks the policies about the
// unsafe metadata in it. It restores the body with its length, so the framing of a
// chunked body ends here.
func (g *guard) checkBody(x *exchange, r *http.Request) *refusal {
	if r.Body == nil {
		return nil
	}
	x.form.of = g.room
	x.watch.until(g.timeout)
	body, scan, no := g.readForm(x, r)
	if no != nil {
		return no
	}
	r.Body = bodyOf(body)
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil
	if !scan.found {
		return nil
	}
	value := decodeValue(body[scan.start:scan.end])
	if !x.form.set(int64(cap(body)) + weight(value)) {
		return overloaded()
	}
	no = g.ask(x, r, body, value)
	x.form.set(int64(cap(body)))
	return no
}

// Forms are read into a block that doubles from the first of these sizes on.
const firstBlock = 1 << 10

// readForm reads the body up to its first fault.
func (g *guard) readForm(x *exchange, r *http.Request) (body []byte, scan formScan, no *refusal) {
	if r.ContentLength > 0 {
		if no := g.checkForm(r, r.ContentLength); no != nil {
			return nil, scan, no
		}
	}
	for {
		if len(body) == cap(body) {
			size := min(max(2*int64(cap(body)), firstBlock), g.maxBody+1)
			if !x.form.set(size) {
				return nil, scan, overloaded()
			}
			body = append(make([]byte, 0, size), body...)
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		if body = body[:len(body)+n]; len(body) > 0 {
			if no := g.checkForm(r, int64(len(body))); no != nil {
				return nil, scan, no
			}
		}
		whole := errors.Is(err, io.EOF)
		if no := scan.more(body, whole); no != nil || whole {
			return body, scan, no
		}
		if err != nil {
			return nil, scan, failed(http.StatusBadRequest, "The request's body could not be read", "the client's body broke off")
		}
	}
}

// checkForm judges a body that has at least this length.
func (g *guard) checkForm(r *http.Request, length int64) *refusal {
	switch {
	case !isForm(r.Header):
		return unsupportedBody()
	case length > g.maxBody:
		return tooLarge()
	}
	return nil
}

func bodyOf(text []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(text)) }

// ask asks every policy. Those that judge the text need no patch and spare the later
// ones the work. If no policy has parsed the text, ask does, since what is sent on
// must have one reading.
func (g *guard) ask(x *exchange, r *http.Request, body, value []byte) *refusal {
	read := false
	for _, policy := range g.policies {
		var no *refusal
		if p, ok := policy.(textPolicy); ok {
			no = refusedBy(p.checkText(r.Context(), value))
		} else {
			no, read = askWithPatch(policy, r, body, value), true
		}
		if err := r.Context().Err(); err != nil {
			return x.unanswered(err)
		}
		if no != nil {
			return no
		}
	}
	if read {
		return nil
	}
	_, no := patchOf(value)
	return no
}

// askWithPatch gives the policy copies of the request and of the patch.
func askWithPatch(policy Policy, r *http.Request, body, value []byte) *refusal {
	patch, no := patchOf(value)
	if no != nil {
		return no
	}
	asked := r.Clone(r.Context())
	asked.Body = bodyOf(body)
	asked.Form, asked.PostForm, asked.MultipartForm = nil, nil, nil // of another body, if somebody parsed one
	return refusedBy(policy.Check(asked, patch))
}

func patchOf(value []byte) (metadata.Patch, *refusal) {
	patch, err := metadata.ParsePatch(value)
	if err != nil {
		return nil, badField("form_param_value_invalid", fmt.Sprintf("unsafe_metadata must be a JSON object: %v", err))
	}
	return patch, nil
}
