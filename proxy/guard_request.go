package proxy

import (
	"net/http"
	"strings"
)

// checkHeader refuses headers that make some servers read another method, or another type
// or length of the body. h is what the client sent, including what the proxy does not pass
// on.
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

// checkQuery reads the query of any request as the most lenient parser would, since no
// query holds metadata, and _method has one form only.
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

// isForm reports whether the body is declared, unambiguously, as an uncompressed form in
// UTF-8.
func isForm(h http.Header) bool {
	mediaType, parameters := contentType(h)
	if encodings := h["Content-Encoding"]; len(encodings) > 1 || len(encodings) == 1 && !strings.EqualFold(encodings[0], "identity") {
		return false
	}
	return mediaType == "application/x-www-form-urlencoded" && (parameters == "" || parameters == "charset=utf-8")
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

// passesUnread reports whether a body passes as a stream without being read: on the
// operations that take other bodies than forms, according to Clerk's Frontend API
// document (2026-05-12). None of them takes unsafe metadata, whatever the method.
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
