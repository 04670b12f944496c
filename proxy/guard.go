package proxy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// guard applies the policies and returns nil if the request may be sent on, with exactly
// the bytes of a body that it has read. header is what the client sent.
//
// It knows no list of endpoints that take unsafe metadata: older versions of the API have
// more of them, and the browser chooses the version. So every request that could be a
// write must have one reading only, and wherever the field then is, the policies decide.
func (x *exchange) guard(header http.Header, asked target) *refusal {
	no := cmp.Or(checkHeader(header), checkQuery(x.in.Method, asked.query))
	switch {
	case no != nil:
		return no
	case isRead(x.in):
		return nil
	case !isPlainPath(asked.path, plain):
		return unreadable.explain("The path of a write must be made of plain segments.")
	case !isFormQuery(asked.query):
		return unreadable.explain("The query of a write must be well-formed.")
	case x.body == nil || passesUnread(x.report.Route, x.in.Header):
		return nil
	}
	return x.guardBody()
}

// isRead reports whether a request cannot write: a _method is for POST alone.
func isRead(r *http.Request) bool {
	return r.ContentLength == 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions)
}

// guardBody asks the policies about the unsafe metadata in the body, which must be a form.
// It restores the body with its length: the framing of a chunked body ends here.
func (x *exchange) guardBody() *refusal {
	config := x.handler.config
	x.watch.until(min(config.FormTimeout, config.BodyTimeout))
	body, scan, no := x.readForm(config.MaxFormBody)
	if no != nil {
		return no
	}
	x.in.Body = bodyOf(body)
	x.in.ContentLength = int64(len(body))
	x.in.TransferEncoding = nil
	if !scan.found {
		return nil
	}
	value := decodeValue(body[scan.start:scan.end])
	if !x.form.set(int64(cap(body)) + weight(value)) {
		return overloaded
	}
	no = x.ask(body, value)
	x.form.set(int64(cap(body)))
	return no
}

// readForm reads the body up to its first fault.
func (x *exchange) readForm(limit int64) (body []byte, scan formScan, no *refusal) {
	const firstBlock = 1 << 10
	if x.in.ContentLength > 0 {
		no = checkForm(x.in.Header, x.in.ContentLength, limit)
	}
	for whole := false; no == nil && !whole; {
		if len(body) == cap(body) {
			size := min(max(2*int64(cap(body)), firstBlock), limit+1)
			if !x.form.set(size) {
				return nil, scan, overloaded
			}
			body = append(make([]byte, 0, size), body...)
		}
		n, err := x.in.Body.Read(body[len(body):cap(body)])
		if body = body[:len(body)+n]; len(body) > 0 {
			no = checkForm(x.in.Header, int64(len(body)), limit)
		}
		whole = errors.Is(err, io.EOF)
		if no == nil {
			no = scan.more(body, whole)
		}
		if no == nil && err != nil && !whole {
			no = brokenBody
		}
	}
	return body, scan, no
}

// checkForm judges a body that has at least this length.
func checkForm(h http.Header, length, limit int64) *refusal {
	switch {
	case !isForm(h):
		return unsupported.explain("A body must be application/x-www-form-urlencoded in UTF-8, with one Content-Type and not compressed.")
	case length > limit:
		return tooLarge
	}
	return nil
}

func bodyOf(text []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(text)) }

// ask asks every policy, those that judge the text without a patch. If no policy has
// parsed the text, ask does, since what is sent on must have one reading.
func (x *exchange) ask(body, value []byte) *refusal {
	ctx, parsed := x.in.Context(), false
	for _, policy := range x.handler.config.Policies {
		var no *refusal
		if l, ok := policy.(limit); ok {
			no = refusedBy(l.checkText(ctx, value))
		} else {
			no, parsed = askWithPatch(policy, x.in, body, value), true
		}
		if err := ctx.Err(); err != nil {
			return unreachable.because(x.reason(err))
		}
		if no != nil {
			return no
		}
	}
	if parsed {
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
	asked.Form, asked.PostForm, asked.MultipartForm = nil, nil, nil // of another body, if the caller parsed one
	return refusedBy(policy.Check(asked, patch))
}

func patchOf(value []byte) (metadata.Patch, *refusal) {
	patch, err := metadata.ParsePatch(value)
	if err != nil {
		return nil, badField("form_param_value_invalid", fmt.Sprintf("unsafe_metadata must be a JSON object: %v", err))
	}
	return patch, nil
}

// checkHeader refuses headers that make some servers read another method, or another type
// or length of the body.
func checkHeader(h http.Header) *refusal {
	for name := range h {
		folded := fold(name)
		if methodHeaders[folded] {
			return unreadable.explain("A header that names another method is not accepted.")
		}
		if (strings.HasPrefix(folded, "content-") || folded == "transfer-encoding") && folded != strings.ToLower(name) {
			return unreadable.explain("A header's name resembles one that describes the body.")
		}
	}
	return nil
}

// checkQuery reads a query as the most lenient parser would, since no query holds
// metadata, and _method has one form only.
func checkQuery(method, rawQuery string) *refusal {
	overridden := false
	for part := range strings.FieldsFuncSeq(rawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(part, "=")
		switch {
		case resemblesField(name):
			no := unreadable.explain("unsafe_metadata belongs in the body of the request.")
			no.Meta.ParamName = unsafeMetadata
			return no
		case !resemblesMethod(name):
		case name != methodParam, overridden, method != http.MethodPost, !isMadeOf(value, capitals):
			return unreadable.explain("_method is for a POST, once, and names a method in capitals.")
		default:
			overridden = true
		}
	}
	return nil
}

// isForm reports whether the body is declared, once, as an uncompressed form in UTF-8.
func isForm(h http.Header) bool {
	mediaType, parameters := contentType(h)
	encodings := h["Content-Encoding"]
	return mediaType == "application/x-www-form-urlencoded" && (parameters == "" || parameters == "charset=utf-8") &&
		(len(encodings) == 0 || len(encodings) == 1 && strings.EqualFold(encodings[0], "identity"))
}

// contentType returns the Content-Type in lower case, "" unless there is exactly one.
func contentType(h http.Header) (mediaType, parameters string) {
	values := h["Content-Type"]
	if len(values) != 1 {
		return "", ""
	}
	mediaType, parameters, _ = strings.Cut(strings.ToLower(values[0]), ";")
	return strings.TrimSpace(mediaType), strings.TrimSpace(parameters)
}

// passesUnread reports whether a body passes as a stream: on the operations of Clerk's
// Frontend API document (2026-05-12) that take other bodies than forms, and no metadata.
func passesUnread(shape string, h http.Header) bool {
	mediaType, _ := contentType(h)
	switch shape {
	case "/v1/me/profile_image", "/v1/organizations/{id}/logo":
		return mediaType == "multipart/form-data" || mediaType == "application/octet-stream"
	case "/oauth/register", "/api_keys", "/api_keys/{id}", "/api_keys/{id}/revoke",
		"/v1/organizations/{id}/billing/payment_methods",
		"/v1/organizations/{id}/billing/payers/default_payment_method":
		return mediaType == "application/json"
	}
	return false
}
