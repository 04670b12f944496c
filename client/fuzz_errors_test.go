package client_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// errorBody is the envelope as encoding/json reads it where every type is right.
type errorBody struct {
	Errors []struct {
		Code        string `json:"code"`
		Message     string `json:"message"`
		LongMessage string `json:"long_message"`
		Meta        struct {
			ParamName string `json:"param_name"`
		} `json:"meta"`
	} `json:"errors"`
	TraceID string `json:"clerk_trace_id"`
}

// FuzzErrorAnswer: every answer that is no success is a typed error with its
// status and what its body says, and prints nothing of messages and bodies,
// nothing that would break a log's lines and no credential.
func FuzzErrorAnswer(f *testing.F) {
	for _, body := range []string{
		``, `<html>502</html>`, tooManyJSON, lockedJSON, managedJSON, `{"errors":null}`, `{"errors":[null,1,"x",{}]}`, `{"errors":{"code":"x"}}`, `[]`,
		`{"errors":[{"code":"form_param_unknown","message":"m","long_message":"can4ry","meta":{"param_name":"a\nb"}},{"code":7,"meta":[]}],"clerk_trace_id":"1f\u0000"}`,
		`{"errors":[{"code":"sk_test_example"}],"clerk_trace_id":"sk_test_example"}`, "{\"errors\":[{\"code\":\"\xff\"}]}",
		`{"errors":[{"COde":"0"}]}`,
	} {
		f.Add(422, []byte(body), "trace_1")
		f.Add(409, []byte(body), "")
		f.Add(101, []byte(body), "a\r\nb")
		f.Add(302, []byte(body), key)
		f.Add(-1, []byte(body), "\x1b[2J")
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, trace string) {
		if status >= 200 && status <= 299 || status == 0 {
			return
		}
		c := newClient(t, answer(status, string(body), "Clerk-Trace-Id", trace), client.WithRetry(client.Retry{MaxRetries: client.None}))
		user, err := update(t.Context(), c)
		require.Nil(t, user)
		e := asFailure(t, err)
		require.Equal(t, status, e.Status)
		if status < 200 {
			body = nil // after these comes no body
		}
		require.Equal(t, 1, e.Attempts)
		if status >= 400 && status <= 499 {
			require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
		} else {
			require.Equal(t, clerkerr.OutcomeUnknown, e.Outcome)
		}
		require.Equal(t, string(body[:min(len(body), 64<<10)]), string(e.Body))

		text := e.Error()
		require.Less(t, len(text), 4096)
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
		require.NotContains(t, text, key)
		silent := *e
		silent.Body, silent.Details = nil, nil
		for _, d := range e.Details {
			silent.Details = append(silent.Details, clerkerr.Detail{Code: d.Code, Param: d.Param})
		}
		require.Equal(t, silent.Error(), text, "messages and bodies are in no text")

		var said errorBody
		if json.Unmarshal(body, &said) != nil || strings.Contains(string(body), key) || len(body) > 64<<10 ||
			!exact(body, "errors", "code", "message", "long_message", "meta", "param_name", "clerk_trace_id") {
			return
		}
		var want []clerkerr.Detail
		for _, s := range said.Errors {
			d := clerkerr.Detail{Code: s.Code, Message: s.Message, LongMessage: s.LongMessage, Param: s.Meta.ParamName}
			if d != (clerkerr.Detail{}) {
				want = append(want, d)
			}
		}
		require.Equal(t, want, e.Details)
		if said.TraceID != "" {
			require.Equal(t, said.TraceID, e.TraceID)
		}
	})
}

// FuzzRetryAfter: digits are seconds, a date is measured against the answer's own
// date, anything else asks for nothing, and none of it is a negative wait or one
// that overflows.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "7", " 7 ", "007", "-5", "+5", "5.5", "1e3", "5, 6", "9223372036", "9223372037", "9223372036854775808", strings.Repeat("9", 40), "٣",
		"Mon, 11 May 2026 10:00:07 GMT", "Monday, 11-May-26 10:00:07 GMT", "Mon May 11 10:00:07 2026", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		f.Add(value, "Mon, 11 May 2026 10:00:00 GMT")
		f.Add(value, "")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		c := newClient(t, answer(429, tooManyJSON, "Retry-After", value, "Date", date), client.WithRetry(client.Retry{MaxRetries: client.None}))
		_, err := update(t.Context(), c)
		e := asFailure(t, err)
		require.True(t, errors.Is(err, clerkerr.ErrRateLimited))
		require.GreaterOrEqual(t, e.RetryAfter, time.Duration(0))
		trimmed := strings.TrimSpace(value)
		sent, dateErr := http.ParseTime(date)
		switch until, untilErr := http.ParseTime(trimmed); {
		case trimmed != "" && strings.Trim(trimmed, "0123456789") == "":
			seconds, _ := new(big.Int).SetString(trimmed, 10)
			want := seconds.Mul(seconds, big.NewInt(int64(time.Second)))
			if !want.IsInt64() {
				want = big.NewInt(math.MaxInt64)
			}
			require.Equal(t, time.Duration(want.Int64()), e.RetryAfter)
		case untilErr != nil:
			require.Zero(t, e.RetryAfter)
		case dateErr == nil:
			require.Equal(t, max(0, until.Sub(sent)), e.RetryAfter)
		}
	})
}
