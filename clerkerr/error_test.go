package clerkerr_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	manyCodes := func(n int) (details []clerkerr.Detail) {
		for i := range n {
			details = append(details, clerkerr.Detail{Code: fmt.Sprintf("code_%d", i)})
		}
		return details
	}
	for name, test := range map[string]struct {
		err  *clerkerr.Error
		want string
	}{
		"zero": {&clerkerr.Error{}, "clerk: unknown cause, write unknown"},
		"rate limited": {
			&clerkerr.Error{
				Operation: "UpdateUserMetadata", Status: 429, Details: []clerkerr.Detail{{Code: "too_many_requests"}}, TraceID: "1f0c",
				Attempts: 4, RetryAfter: 12 * time.Second, Outcome: clerkerr.OutcomeNotApplied, Stop: clerkerr.StopAttempts,
			},
			"clerk: UpdateUserMetadata: status 429 (too_many_requests), attempts 4, attempts used up, retry after 12s, write not applied, trace 1f0c",
		},
		"refused by Clerk": {
			&clerkerr.Error{Operation: "ReplaceUserMetadata", Status: 422, Attempts: 1, Outcome: clerkerr.OutcomeNotApplied, Details: []clerkerr.Detail{
				{Code: "form_param_value_invalid", Param: "public_metadata", Message: "m", LongMessage: "lm"}, {Code: "form_param_unknown", Param: "x"},
			}},
			"clerk: ReplaceUserMetadata: status 422 (form_param_value_invalid public_metadata, form_param_unknown x), attempts 1, not retryable, write not applied",
		},
		"no answer": {
			&clerkerr.Error{Operation: "UpdateUserMetadata", Attempts: 2, Stop: clerkerr.StopCanceled, Err: fmt.Errorf("%w: %w", clerkerr.ErrTransport, context.Canceled), Outcome: clerkerr.OutcomeNotApplied},
			"clerk: UpdateUserMetadata: no answer: no complete answer: context canceled, attempts 2, context ended, write not applied",
		},
		"HTML instead of JSON": {
			&clerkerr.Error{Operation: "UpdateUserMetadata", Status: 502, Attempts: 1, Stop: clerkerr.StopBudget, Body: clerkerr.Body("<html>")},
			"clerk: UpdateUserMetadata: status 502, attempts 1, retry budget spent, write unknown",
		},
		"a read has no outcome": {
			&clerkerr.Error{Operation: "GetUser", Status: 404, Attempts: 1, TraceID: "1f0c", Outcome: clerkerr.OutcomeNotApplied, Read: true},
			"clerk: GetUser: status 404, attempts 1, not retryable, trace 1f0c",
		},
		"a Retry-After beyond the limit": {
			&clerkerr.Error{Status: 429, Attempts: 1, RetryAfter: time.Hour, Stop: clerkerr.StopRetryAfter, Outcome: clerkerr.OutcomeNotApplied},
			"clerk: status 429, attempts 1, Retry-After over the limit, retry after 1h0m0s, write not applied",
		},
		"applied but not understood": {
			&clerkerr.Error{Operation: "UpdateUserMetadata", Status: 200, Attempts: 1, Outcome: clerkerr.OutcomeApplied, Err: fmt.Errorf("%w: user: field %q is missing", clerkerr.ErrDecode, "id")},
			`clerk: UpdateUserMetadata: status 200: answer not understood: user: field "id" is missing, attempts 1, not retryable, write applied`,
		},
		"deadline":         {&clerkerr.Error{Status: 503, Attempts: 1, Stop: clerkerr.StopDeadline}, "clerk: status 503, attempts 1, deadline before next attempt, write unknown"},
		"five details":     {&clerkerr.Error{Status: 422, Details: manyCodes(5)}, "clerk: status 422 (code_0, code_1, code_2, code_3, code_4), attempts 0, not retryable, write unknown"},
		"six details":      {&clerkerr.Error{Status: 422, Details: manyCodes(6)}, "clerk: status 422 (code_0, code_1, code_2, code_3, code_4, and 1 more), attempts 0, not retryable, write unknown"},
		"eight details":    {&clerkerr.Error{Status: 422, Details: manyCodes(8)}, "clerk: status 422 (code_0, code_1, code_2, code_3, code_4, and 3 more), attempts 0, not retryable, write unknown"},
		"nameless details": {&clerkerr.Error{Status: 400, Details: []clerkerr.Detail{{Message: "m"}, {}}}, "clerk: status 400, attempts 0, not retryable, write unknown"},
		"refused argument": {
			clerkerr.Invalid("GetUser", "user_id", errors.New("is empty")),
			"clerk: GetUser: user_id: is empty",
		},
		"nothing to write": {clerkerr.Invalid("UpdateUserMetadata", "", clerkerr.ErrNothingToWrite), "clerk: UpdateUserMetadata: nothing to write"},
		"no cause":         {clerkerr.Invalid("", "", nil), "clerk: unknown cause"},
		"before the first attempt": {
			&clerkerr.Error{Operation: "GetUser", Stop: clerkerr.StopCanceled, Err: context.Canceled, Outcome: clerkerr.OutcomeNotApplied},
			"clerk: GetUser: context canceled",
		},
		"found in an answer that was fine": {
			&clerkerr.Error{Operation: "GetUser", Details: []clerkerr.Detail{{Param: "public_metadata"}}, Err: clerkerr.ErrDecode, Outcome: clerkerr.OutcomeApplied},
			"clerk: GetUser: public_metadata: answer not understood, write applied",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, test.err.Error())
			require.Equal(t, test.want, fmt.Sprint(test.err))
		})
	}
}

// TestHostileAnswer: nothing that a server sends can forge a log line.
func TestHostileAnswer(t *testing.T) {
	t.Parallel()
	hostile := "a\nlevel=INFO msg=forged\r\x1b[2J\u2028\u202e\x00\xff" + strings.Repeat("é", 500)
	e := &clerkerr.Error{
		Operation: "GetUser", Status: 400, TraceID: hostile, Attempts: 1,
		Details: []clerkerr.Detail{{Code: hostile}, {Param: hostile}, {Code: hostile, Param: hostile}},
		Err:     errors.New("malformed MIME header line: " + hostile + hostile),
	}
	for _, text := range []string{e.Error(), e.Details[2].String(), clerkerr.Invalid("GetUser", hostile, e.Err).Error(), e.LogValue().String()} {
		require.True(t, utf8.ValidString(text))
		for _, r := range "\n\r\x1b\u2028\u202e\x00\xff" {
			require.NotContains(t, text, string(r))
		}
		require.Less(t, len(text), 5000)
		require.Contains(t, text, "…")
	}
	require.Equal(t, hostile, e.Code(), "as data it is what was sent")

	// A cut never falls into the middle of a character.
	for n := range 5 {
		d := clerkerr.Detail{Code: strings.Repeat("x", 125+n) + "ééé"}
		require.NotContains(t, d.String(), "?")
		require.LessOrEqual(t, len(d.String()), 128+len("…"))
	}
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	var empty clerkerr.Error
	require.Empty(t, empty.Code())
	require.Empty(t, empty.Codes())
	require.Empty(t, empty.Param())
	require.False(t, empty.HasCode(""))
	require.NoError(t, empty.Unwrap())

	e := &clerkerr.Error{Details: []clerkerr.Detail{{Code: "a"}, {Param: "p"}, {Code: "b", Param: "q"}}}
	require.Equal(t, "a", e.Code())
	require.Equal(t, []string{"a", "b"}, e.Codes())
	require.Equal(t, "p", e.Param())
	require.True(t, e.HasCode("b"))
	require.False(t, e.HasCode("p"))
	require.False(t, e.HasCode(""), "an entry without a code lists none")

	for d, want := range map[clerkerr.Detail]string{
		{Code: "c", Message: "m", LongMessage: "l"}: "c",
		{Param: "p", Message: "m"}:                  "p",
		{Code: "c", Param: "p"}:                     "c p",
		{Message: "m"}:                              "",
	} {
		require.Equal(t, want, d.String())
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	cause := errors.New("is empty")
	err := fmt.Errorf("calling: %w", clerkerr.Invalid("GetUser", "user_id", cause))
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, err, clerkerr.ErrInvalid)
	require.ErrorIs(t, err, cause)
	require.Equal(t, "user_id", e.Param())
	require.Empty(t, e.Codes())
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	require.Equal(t, clerkerr.StopFinal, e.Stop)
	require.Zero(t, e.Attempts)
	require.Zero(t, e.Status)
	require.Empty(t, clerkerr.Invalid("GetUser", "", cause).Details)

	tooLarge := clerkerr.Invalid("ReplaceUserMetadata", "public_metadata", fmt.Errorf("%w: 9000 bytes", clerkerr.ErrTooLarge))
	require.ErrorIs(t, tooLarge, clerkerr.ErrTooLarge)
	require.ErrorIs(t, tooLarge, clerkerr.ErrInvalidArgument)
	require.NotErrorIs(t, &clerkerr.Error{Status: http.StatusUnprocessableEntity}, clerkerr.ErrInvalidArgument)
}

func TestOutcomeAndStopNames(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for s := clerkerr.StopFinal; s <= clerkerr.StopCanceled; s++ {
		names[s.String()] = true
	}
	require.Len(t, names, 6, "every reason has a text of its own")
	require.Equal(t, "unknown", clerkerr.Outcome(99).String())
	require.Equal(t, "not retryable", clerkerr.StopReason(99).String())
}
