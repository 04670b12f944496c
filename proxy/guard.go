package proxy

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// guard holds requests against the policies. It does not ask which endpoints
// take unsafe metadata: Clerk's document for one version names three, older
// versions have more, and the browser chooses the version. Every request that
// could be a write must be one that can be read in one way only, and wherever
// the field is then found, the policies decide.
type guard struct {
	policies []Policy
	maxBody  int64
	shapes   shapes
}

// newGuard returns nil where there are no policies, and so nothing to check.
func newGuard(policies []Policy, maxBody int64) *guard {
	if len(policies) == 0 {
		return nil
	}
	return &guard{policies: slices.Clone(policies), maxBody: maxBody, shapes: newShapes()}
}

// check returns nil where the request may be sent on, to the path and query that
// it is given. A body that was read is replaced by exactly what was read.
func (g *guard) check(r *http.Request, rawPath, rawQuery string) *refusal {
	if no := checkQuery(r.Method, rawQuery); no != nil {
		return no
	}
	if isRead(r) {
		return nil
	}
	if !isPlainPath(rawPath) {
		return unreadable("The path of a write must be made of plain segments.")
	}
	if _, ok := parseForm(rawQuery); !ok {
		return unreadable("The query of a write must be well-formed.")
	}
	if passesUnread(g.shapes.of(rawPath), r.Header) {
		return nil
	}
	return g.checkBody(r)
}

// isRead reports whether a request cannot write: a _method is for POST alone.
func isRead(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return r.ContentLength == 0
	}
	return false
}

// checkBody reads the body, which must be a form, and asks the policies about
// the unsafe metadata in it.
func (g *guard) checkBody(r *http.Request) *refusal {
	body, no := g.readBody(r)
	if no == nil && body == "" {
		return nil
	}
	if !isForm(r.Header) {
		return unsupportedBody()
	}
	if no != nil {
		return no
	}
	value, found, no := findField(body)
	if no != nil || !found {
		return no
	}
	return g.ask(r, body, value)
}

// readBody takes the body as a whole and puts it back with its length: the
// framing of a chunked body ends here.
func (g *guard) readBody(r *http.Request) (string, *refusal) {
	if r.Body == nil {
		return "", nil
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, g.maxBody))
	var overLimit *http.MaxBytesError
	switch {
	case errors.As(err, &overLimit):
		return "", tooLarge()
	case err != nil:
		return "", failed(http.StatusBadRequest, "The request's body could not be read", "the client's body broke off")
	}
	body := string(text)
	r.Body = bodyOf(body)
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil
	return body, nil
}

func bodyOf(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

// findField finds the one field that the policies are about.
func findField(body string) (value string, found bool, no *refusal) {
	pairs, ok := parseForm(body)
	if !ok {
		return "", false, badBody("The request's body is not a well-formed form.")
	}
	for _, p := range pairs {
		switch {
		case p.name == unsafeMetadata && found:
			return "", false, badField("form_param_duplicate", "unsafe_metadata must be there once.")
		case p.name == unsafeMetadata:
			value, found = p.value, true
		case resemblesField(p.name):
			return "", false, badField("form_param_unknown", "A parameter's name resembles unsafe_metadata and is not it.")
		case resemblesMethod(p.name):
			return "", false, badBody("_method belongs into the query.")
		}
	}
	return value, found, nil
}

// ask puts the question to every policy, each with a request and a patch of its
// own to do with as it likes.
func (g *guard) ask(r *http.Request, body, value string) *refusal {
	for _, policy := range g.policies {
		patch, err := metadata.ParsePatch([]byte(value))
		if err != nil {
			return badField("form_param_value_invalid", fmt.Sprintf("unsafe_metadata must be a JSON object: %v", err))
		}
		asked := r.Clone(r.Context())
		asked.Body = bodyOf(body)
		asked.Form, asked.PostForm, asked.MultipartForm = nil, nil, nil // of another body, if somebody parsed one
		if err := policy(asked, patch); err != nil {
			return refusedBy(err)
		}
	}
	return nil
}
