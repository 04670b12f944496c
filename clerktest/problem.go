package clerktest

import (
	_ "embed" // for the texts
	"maps"
	"net/http"
)

// problem is a failed request, in the shape of Clerk's error list.
type problem struct {
	status  int
	header  http.Header // besides what every answer has
	entries []entry
}

type entry struct {
	Message     string         `json:"message"`
	LongMessage string         `json:"long_message"`
	Code        string         `json:"code"`
	Meta        map[string]any `json:"meta,omitzero"`
}

// errorsText has the short and the long message of each code. The long one of a
// parameter's code follows the parameter's name.
//
//go:embed errors.json
var errorsText []byte

var errorTexts = decoded[map[string][2]string](errorsText)

// fail is a problem with the texts of its code.
func fail(status int, code string) *problem {
	texts, ok := errorTexts()[code]
	if !ok {
		texts = [2]string{"is invalid", "is invalid"}
	}
	return &problem{status: status, entries: []entry{{Message: texts[0], LongMessage: texts[1], Code: code}}}
}

// failLong is fail with another long text.
func failLong(status int, code, long string) *problem {
	p := fail(status, code)
	p.entries[0].LongMessage = long
	return p
}

// internal is an error of the fake itself.
func internal(err error) *problem {
	return failLong(http.StatusInternalServerError, "internal_clerk_error", err.Error())
}

// failParam is a 422 about one parameter.
func failParam(code, param string) *problem {
	p := fail(http.StatusUnprocessableEntity, code)
	p.entries[0].LongMessage = param + " " + p.entries[0].LongMessage
	p.entries[0].Meta = map[string]any{"param_name": param}
	return p
}

// failQuery is a 422 about a malformed parameter of the query. Its meta is reported to
// be empty.
func failQuery(code, param string) *problem {
	p := failParam(code, param)
	p.entries[0].Meta = map[string]any{}
	return p
}

// unsupported refuses an "operation" or a "parameter" that Clerk has and the fake lacks: a
// client cannot see that it was ignored. Clerk does not send this code, and no client
// repeats a request after this status.
func unsupported(kind, meta, name string) *problem {
	p := failLong(http.StatusBadRequest, "clerktest_unsupported", "clerktest does not model the "+kind+" "+name+": script the answer")
	p.entries[0].Meta = map[string]any{meta: name}
	return p
}

// answer returns the problem as an answer.
func (p *problem) answer(trace string) answer {
	a := jsonAnswer(p.status, map[string]any{"errors": p.entries, "clerk_trace_id": trace})
	maps.Copy(a.header, p.header)
	return a
}
