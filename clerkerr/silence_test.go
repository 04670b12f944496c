package clerkerr_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Words that an answer holds and that no log may.
const (
	inMessage = "message-quoting-a-value"
	inLong    = "long-message-quoting-a-value"
	inBody    = "body-with-a-value"
)

func revealing() *clerkerr.Error {
	return &clerkerr.Error{
		Operation: "UpdateUserMetadata", Status: 422, TraceID: "trace_1", Attempts: 1, RetryAfter: time.Second,
		Details: []clerkerr.Detail{{Code: "form_param_value_invalid", Param: "public_metadata", Message: inMessage, LongMessage: inLong}},
		Body:    clerkerr.Body(`{"errors":"` + inBody + `"}`),
		Outcome: clerkerr.OutcomeNotApplied,
		Err:     errors.New("cause"),
	}
}

// printed writes v in every way that a program may log it.
func printed(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10v", "%-10.3s"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	fmt.Fprintln(&out, v)
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	out.Write(encoded)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).With("with", v).WithGroup("group").Info("call", "value", v, slog.Group("inner", "value", v))
	}
	return out.String()
}

func TestNothingIsRevealed(t *testing.T) {
	t.Parallel()
	e := revealing()
	type holder struct {
		Err    error
		Body   clerkerr.Body
		Detail clerkerr.Detail
	}
	for name, v := range map[string]any{
		"pointer":           e,
		"copy":              *e,
		"wrapped":           fmt.Errorf("updating: %w", e),
		"wrapped twice":     fmt.Errorf("request: %w", fmt.Errorf("updating: %w", e)),
		"joined":            errors.Join(errors.New("other"), e),
		"in a slice":        []error{e},
		"in a map":          map[string]any{"err": e},
		"in a struct":       holder{e, e.Body, e.Details[0]},
		"behind a pointer":  &holder{e, e.Body, e.Details[0]},
		"details":           e.Details,
		"detail":            e.Details[0],
		"pointer to detail": &e.Details[0],
		"body":              e.Body,
		"pointer to body":   &e.Body,
		"bodies":            []clerkerr.Body{e.Body},
		"log value":         e.LogValue(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := printed(t, v)
			for _, word := range []string{inMessage, inLong, inBody} {
				bytesOf := strings.Trim(fmt.Sprintf("%d", []byte(word)), "[]")
				for _, form := range []string{word, fmt.Sprintf("%x", word), fmt.Sprintf("%X", word), bytesOf} {
					require.Negative(t, strings.Index(out, form), "%q is printed", word)
				}
			}
			require.Negative(t, strings.Index(out, strings.Trim(mustJSON([]byte(e.Body)), `"`)), "the body is printed in base64")
		})
	}
	require.Equal(t, `{"errors":"`+inBody+`"}`, string(e.Body), "who asks for the body gets it")
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestEveryVerbPrintsTheSame(t *testing.T) {
	t.Parallel()
	e := revealing()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		require.Equal(t, e.Error(), fmt.Sprintf(verb, e))
		require.Equal(t, e.Error(), fmt.Sprintf(verb, *e))
		require.Equal(t, "form_param_value_invalid public_metadata", fmt.Sprintf(verb, e.Details[0]))
		require.Equal(t, "[30 bytes]", fmt.Sprintf(verb, e.Body))
	}
	require.Equal(t, fmt.Sprintf("%q", e.Error()), fmt.Sprintf("%q", e))
	require.Equal(t, `"[30 bytes]"`, fmt.Sprintf("%q", e.Body))
	require.Equal(t, `"[30 bytes]"`, mustJSON(e.Body))
	require.Equal(t, `"form_param_value_invalid public_metadata"`, mustJSON(e.Details[0]))
	require.Equal(t, mustJSON(e.Error()), mustJSON(e))
	require.Equal(t, "[0 bytes]", clerkerr.Body(nil).String())
}

func TestLogValue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	remove := func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: remove})).Error("call", "err", revealing())
	require.JSONEq(t, `{"level":"ERROR","msg":"call","err":{
		"msg":"clerk: UpdateUserMetadata: status 422 (form_param_value_invalid public_metadata): cause, attempts 1, not retryable, retry after 1s, write not applied, trace trace_1",
		"operation":"UpdateUserMetadata","status":422,"code":"form_param_value_invalid","attempts":1,
		"outcome":"not applied","trace_id":"trace_1","retry_after":1000000000}}`, out.String())
	require.NotContains(t, clerkerr.Invalid("GetUser", "user_id", nil).LogValue().String(), "trace_id")
	require.NotContains(t, clerkerr.Error{Read: true, Outcome: clerkerr.OutcomeNotApplied}.LogValue().String(), "applied")
}
