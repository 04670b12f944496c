package clerkerr

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Error is the error of every call. Get it with errors.As:
//
//	var e *clerkerr.Error
//	if errors.As(err, &e) && e.Outcome == clerkerr.OutcomeUnknown { … }
//
// It prints as Error() for every verb, %+v and %#v included, so that no body or message
// reaches a log by accident.
type Error struct {
	// Operation is the method that was called: "UpdateUserMetadata", "me.UpdateMetadata".
	Operation string
	// Entity is the id that the error is about in a call that reads many, "" in another.
	Entity string
	// Status is the HTTP status of the last answer that came, 0 if none did.
	Status int
	// Details are the errors that Clerk listed, in its order; for a refused argument
	// one entry, which names the parameter.
	Details []Detail
	// TraceID identifies the request to Clerk's support, "" if none came.
	TraceID string
	// Attempts is how many attempts were sent; 0 for a refused argument.
	Attempts int
	// RetryAfter is the wait that the last answer asked for, 0 if it asked for none.
	RetryAfter time.Duration
	// Outcome says whether the write was applied.
	Outcome Outcome
	// Read reports whether the request that failed was a read, alone or before a write
	// that was then not sent. The text then holds no Outcome.
	Read bool
	// Stop says why no further attempt was made.
	Stop StopReason
	// Body is a copy of the start of the last answer's body, at most 64 KiB.
	Body Body
	// Err is the cause besides the answer, if there is one: a network error, the
	// context's error, a decoding error, a refused argument; never the request's URL.
	Err error

	refused bool
}

// Detail is one entry of Clerk's error list. It prints only its Code and Param, since
// Message and LongMessage can quote the value that was sent.
type Detail struct {
	Code        string // Clerk's error code, as in its catalogue: "form_param_unknown"
	Param       string // the parameter at fault (meta.param_name), "" if none is named
	Message     string // Clerk's short text
	LongMessage string // Clerk's long text
}

// Body is the body of an answer. It prints as its length; string(body) is the text.
type Body []byte

// Invalid returns the error of an operation that is refused before any request: param
// names the parameter at fault, if there is one, and cause says what is wrong and what
// is expected. It satisfies ErrInvalidArgument and what cause wraps. Its outcome is
// OutcomeNotApplied.
func Invalid(operation, param string, cause error) *Error {
	e := &Error{Operation: operation, Outcome: OutcomeNotApplied, Err: cause, refused: true}
	if param != "" {
		e.Details = []Detail{{Param: param}}
	}
	return e
}

// Code returns the first code that Clerk listed, "" if there is none.
func (e *Error) Code() string {
	if len(e.Details) == 0 {
		return ""
	}
	return e.Details[0].Code
}

// Codes returns every code that Clerk listed, in its order.
func (e *Error) Codes() []string {
	var codes []string
	for _, d := range e.Details {
		if d.Code != "" {
			codes = append(codes, d.Code)
		}
	}
	return codes
}

// HasCode reports whether Clerk listed code.
func (e *Error) HasCode(code string) bool {
	return code != "" && slices.ContainsFunc(e.Details, func(d Detail) bool { return d.Code == code })
}

// Param returns the first parameter at fault that is named, "" if none is.
func (e *Error) Param() string {
	for _, d := range e.Details {
		if d.Param != "" {
			return d.Param
		}
	}
	return ""
}

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// Error describes the failure in one line that holds no data, for example
//
//	clerk: UpdateUserMetadata: status 429 (too_many_requests), attempts 4, attempts used up, retry after 12s, write not applied, trace 1f0c
func (e *Error) Error() string {
	about := []string{"clerk", e.Operation, clean(e.Entity)}
	var facts []string
	sent := e.Status != 0 || e.Attempts != 0
	switch {
	case !sent:
		about = append(about, clean(e.Param()))
	case e.Status == 0:
		about = append(about, "no answer"+e.detailsText())
	default:
		about = append(about, fmt.Sprintf("status %d", e.Status)+e.detailsText())
	}
	if e.Err != nil {
		// The net/http package quotes what a server sent, some of it raw.
		about = append(about, cleanUpTo(1024, e.Err.Error()))
	} else if !sent {
		about = append(about, "unknown cause")
	}
	if sent {
		facts = append(facts, fmt.Sprintf("attempts %d", e.Attempts), e.Stop.String())
	}
	if e.RetryAfter > 0 {
		facts = append(facts, fmt.Sprintf("retry after %s", e.RetryAfter))
	}
	if !e.Read && (sent || e.Outcome != OutcomeNotApplied) {
		facts = append(facts, fmt.Sprintf("write %s", e.Outcome))
	}
	if e.TraceID != "" {
		facts = append(facts, "trace "+clean(e.TraceID))
	}
	about = slices.DeleteFunc(about, func(text string) bool { return text == "" })
	return strings.Join(append([]string{strings.Join(about, ": ")}, facts...), ", ")
}

// detailsText lists the first details in parentheses, "" if there are none.
func (e *Error) detailsText() string {
	const most = 5
	var texts []string
	for _, d := range e.Details {
		if text := d.String(); text != "" {
			texts = append(texts, text)
		}
	}
	switch n := len(texts); {
	case n == 0:
		return ""
	case n > most:
		texts = append(texts[:most], fmt.Sprintf("and %d more", n-most))
	}
	return " (" + strings.Join(texts, ", ") + ")"
}

// Format writes Error() for every verb, so that %+v and %#v show no fields. Like
// LogValue and MarshalJSON it is a method of the value, for a copy (*e).
func (e Error) Format(s fmt.State, verb rune) { format(s, verb, e.Error()) }

// LogValue returns the fields that fit a log.
func (e Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("msg", e.Error()),
		slog.String("operation", e.Operation),
		slog.Int("status", e.Status),
		slog.String("code", clean(e.Code())),
		slog.Int("attempts", e.Attempts),
	}
	add := func(known bool, attr slog.Attr) {
		if known {
			attrs = append(attrs, attr)
		}
	}
	add(e.Entity != "", slog.String("entity", clean(e.Entity)))
	add(!e.Read, slog.String("outcome", e.Outcome.String()))
	add(e.TraceID != "", slog.String("trace_id", clean(e.TraceID)))
	add(e.RetryAfter > 0, slog.Duration("retry_after", e.RetryAfter))
	return slog.GroupValue(attrs...)
}

// MarshalJSON encodes Error() as a JSON string.
func (e Error) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// String returns the code and the parameter, never the messages.
func (d Detail) String() string { return strings.TrimSpace(clean(d.Code) + " " + clean(d.Param)) }

// Format writes String() for every verb.
func (d Detail) Format(s fmt.State, verb rune) { format(s, verb, d.String()) }

// MarshalJSON encodes String().
func (d Detail) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// String returns the length, never the content.
func (b Body) String() string { return "[" + strconv.Itoa(len(b)) + " bytes]" }

// Format writes String() for every verb.
func (b Body) Format(s fmt.State, verb rune) { format(s, verb, b.String()) }

// MarshalJSON encodes String().
func (b Body) MarshalJSON() ([]byte, error) { return json.Marshal(b.String()) }

// LogValue returns String() for log/slog.
func (b Body) LogValue() slog.Value { return slog.StringValue(b.String()) }

func format(s fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = s.Write([]byte(text))
}

// clean makes a server's text fit a log line: short, and without characters that start
// a line or move a cursor.
func clean(s string) string { return cleanUpTo(128, s) }

func cleanUpTo(most int, s string) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
