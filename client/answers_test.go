package client_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
)

const page = `<!DOCTYPE html><html><body>s3cret-value</body></html>`

func TestEdgeAnswersWithHTML(t *testing.T) {
	t.Parallel()
	rt := answer(502, page, "Content-Type", "text/html", "Cf-Ray", "8a1b-FRA")
	user, err := update(t.Context(), newClient(t, rt, atOnce()))
	e := asFailure(t, err)
	require.Nil(t, user)
	require.ErrorIs(t, err, clerkerr.ErrServer)
	require.Equal(t, 502, e.Status)
	require.Empty(t, e.Details)
	require.Equal(t, "8a1b-FRA", e.TraceID)
	require.Equal(t, page, string(e.Body))
	require.NotErrorIs(t, err, clerkerr.ErrDecode)
}

func TestSuccessThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		step    roundTripper
		outcome clerkerr.Outcome
		id      string // of the user that comes with the error
	}{
		{"HTML", answer(200, page, "Content-Type", "text/html"), clerkerr.OutcomeUnknown, ""},
		{"HTML that claims to be JSON", answer(200, " \n"+page), clerkerr.OutcomeUnknown, ""},
		{"text", answer(200, "ok", "Content-Type", "text/plain"), clerkerr.OutcomeUnknown, ""},
		{"empty page", answer(200, "", "Content-Type", "text/html"), clerkerr.OutcomeUnknown, ""},
		{"null", answer(200, "null"), clerkerr.OutcomeUnknown, ""},
		{"empty", answer(200, ""), clerkerr.OutcomeApplied, "-"},
		{"empty, no type", answer(200, "", "Content-Type", ""), clerkerr.OutcomeApplied, "-"},
		{"204", answer(204, ""), clerkerr.OutcomeApplied, "-"},
		{"empty object", answer(200, "{}"), clerkerr.OutcomeApplied, "-"},
		{"list", answer(200, "[]"), clerkerr.OutcomeApplied, "-"},
		{"broken JSON", answer(200, `{"id":"user_1","created_at":17`), clerkerr.OutcomeApplied, "user_1"},
		{"id of another type", answer(200, `{"id":7}`), clerkerr.OutcomeApplied, "-"},
		{"other field of another type", answer(201, `{"id":"user_1","created_at":"yesterday"}`), clerkerr.OutcomeApplied, "user_1"},
		{"metadata of another type", answer(200, `{"id":"user_1","public_metadata":[1]}`), clerkerr.OutcomeApplied, "user_1"},
		{"JSON with another Content-Type", answer(200, `{"id":7}`, "Content-Type", "text/plain"), clerkerr.OutcomeApplied, "-"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rt := play(tc.step)
			c := newClient(t, rt)
			user, err := update(t.Context(), c)
			e := asFailure(t, err)
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.NotErrorIs(t, err, clerkerr.ErrTransport)
			require.NotErrorIs(t, err, clerkerr.ErrResponseTooLarge)
			require.Equal(t, 1, rt.count())
			require.Equal(t, tc.outcome, e.Outcome)
			require.Equal(t, clerkerr.StopFinal, e.Stop)
			require.Equal(t, tc.id != "", user != nil)
			if tc.id != "" {
				require.Equal(t, strings.Trim(tc.id, "-"), user.ID)
			}
			_, err = c.Users.GetUser(t.Context(), "user_1")
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.Equal(t, clerkerr.OutcomeNotApplied, asFailure(t, err).Outcome)
		})
	}
}

func TestJSONUnderAnyContentType(t *testing.T) {
	t.Parallel()
	user, err := update(t.Context(), newClient(t, answer(200, userJSON, "Content-Type", "text/plain")))
	require.NoError(t, err)
	require.Equal(t, "user_1", user.ID)
}

func TestTraceID(t *testing.T) {
	t.Parallel()
	const inBody = `{"errors":[{"code":"x"}],"clerk_trace_id":"body"}`
	for _, tc := range []struct {
		name    string
		body    string
		headers []string
		want    string
	}{
		{"body first", inBody, []string{"Clerk-Trace-Id", "header", "Cf-Ray", "ray"}, "body"},
		{"header next", `{"errors":[]}`, []string{"Clerk-Trace-Id", "header", "Cf-Ray", "ray"}, "header"},
		{"ray last", `{"clerk_trace_id":""}`, []string{"Cf-Ray", "ray"}, "ray"},
		{"not a string", `{"clerk_trace_id":7}`, []string{"Cf-Ray", "ray"}, "ray"},
		{"none", `{}`, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := update(t.Context(), newClient(t, answer(400, tc.body, tc.headers...)))
			require.Equal(t, tc.want, asFailure(t, err).TraceID)
		})
	}
	_, err := update(t.Context(), newClient(t, answer(200, "{}", "Clerk-Trace-Id", "of a success")))
	require.Equal(t, "of a success", asFailure(t, err).TraceID)
}

func TestErrorEnvelopes(t *testing.T) {
	t.Parallel()
	huge := `{"errors":[{"code":"` + strings.Repeat("x", maxErrorBody) + `"}]}`
	many := `{"errors":[` + strings.Repeat(`{"code":"c"},`, 999) + `{"code":"c"}]}`
	for _, tc := range []struct {
		name    string
		body    string
		details int
		code    string
		param   string
	}{
		{"documented", `{"errors":[{"message":"m","long_message":"l","code":"form_param_unknown","meta":{"param_name":"public_metadata"}}],"meta":{}}`, 1, "form_param_unknown", "public_metadata"},
		{"several", `{"errors":[{"code":"a"},{"code":"b","meta":{"param_name":"p"}}]}`, 2, "a", "p"},
		{"list is text", `{"errors":"no"}`, 0, "", ""},
		{"list is an object", `{"errors":{"code":"a"}}`, 0, "", ""},
		{"null", `{"errors":null}`, 0, "", ""},
		{"entries of all kinds", `{"errors":[7,"x",null,{},[],{"code":"a"}]}`, 1, "a", ""},
		{"code is a number", `{"errors":[{"code":7,"message":"m"}]}`, 1, "", ""},
		{"meta is text", `{"errors":[{"code":"a","meta":"p"}]}`, 1, "a", ""},
		{"meta is null", `{"errors":[{"code":"a","meta":null}]}`, 1, "a", ""},
		{"param is a number", `{"errors":[{"code":"a","meta":{"param_name":7}}]}`, 1, "a", ""},
		{"not an object", `[1]`, 0, "", ""},
		{"not JSON", `{"errors":[{"code":"a"}`, 0, "", ""},
		{"empty", ``, 0, "", ""},
		{"huge", huge, 0, "", ""},
		{"many", many, 1000, "c", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := update(t.Context(), newClient(t, answer(422, tc.body)))
			e := asFailure(t, err)
			require.ErrorIs(t, err, clerkerr.ErrInvalid)
			require.Equal(t, 422, e.Status)
			require.Len(t, e.Details, tc.details)
			require.Equal(t, tc.code, e.Code())
			require.Equal(t, tc.param, e.Param())
			require.Equal(t, tc.body[:min(len(tc.body), maxErrorBody)], string(e.Body))
			require.Less(t, len(err.Error()), 500)
		})
	}
	_, err := update(t.Context(), newClient(t, answer(400, `{"errors":"no","clerk_trace_id":"kept"}`)))
	require.Equal(t, "kept", asFailure(t, err).TraceID)
	_, err = update(t.Context(), newClient(t, answer(400, `{"errors":[{"message":"short","long_message":"long"}]}`)))
	require.Equal(t, []clerkerr.Detail{{Message: "short", LongMessage: "long"}}, asFailure(t, err).Details)
}

func TestOutcomeAccumulates(t *testing.T) {
	t.Parallel()
	reset := broken(&net.OpError{Op: "read", Err: syscall.ECONNRESET})
	noSuchHost := broken(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}})
	throughProxy := broken(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED})
	unprocessable, page200 := answer(422, codeJSON("x")), answer(200, page, "Content-Type", "text/html")
	const applied, not, unknown = clerkerr.OutcomeApplied, clerkerr.OutcomeNotApplied, clerkerr.OutcomeUnknown
	for _, tc := range []struct {
		name   string
		steps  []roundTripper
		want   clerkerr.Outcome
		result bool
	}{
		{"reset after sending, then 429", []roundTripper{reset, answer(429, "")}, unknown, false},
		{"dial refused", []roundTripper{broken(errDial)}, not, false},
		{"no such host", []roundTripper{noSuchHost}, not, false},
		{"proxy refused", []roundTripper{throughProxy}, not, false},
		{"dial refused, then 404", []roundTripper{broken(errDial), answer(404, "")}, not, false},
		{"reset", []roundTripper{reset}, unknown, false},
		{"500, then 404", []roundTripper{answer(500, ""), answer(404, "")}, unknown, false},
		{"429, then 500, then 409", []roundTripper{answer(429, ""), answer(500, ""), answer(409, "")}, unknown, false},
		{"503 for ever", []roundTripper{answer(503, "")}, unknown, false},
		{"Cloudflare's 520, then 404", []roundTripper{answer(520, ""), answer(404, "")}, unknown, false},
		{"Cloudflare's 524 for ever", []roundTripper{answer(524, page, "Content-Type", "text/html")}, unknown, false},
		{"Cloudflare's 530 for ever", []roundTripper{answer(530, "")}, unknown, false},
		{"501", []roundTripper{answer(501, "")}, unknown, false},
		{"429 for ever", []roundTripper{answer(429, "")}, not, false},
		{"locked for ever", []roundTripper{answer(409, lockedJSON)}, not, false},
		{"408 and 425", []roundTripper{answer(408, ""), answer(425, ""), unprocessable}, not, false},
		{"404", []roundTripper{answer(404, "")}, not, false},
		{"404 cut short", []roundTripper{cut(404, "{")}, not, false},
		{"cut success, then 422", []roundTripper{cut(200, userJSON), unprocessable}, applied, true},
		{"cut success, then reset", []roundTripper{cut(200, userJSON), reset}, applied, true},
		{"cut success for ever", []roundTripper{cut(200, userJSON)}, applied, true},
		{"500, then cut success, then 500", []roundTripper{answer(500, ""), cut(200, userJSON), answer(500, "")}, applied, true},
		{"cut page, then 422", []roundTripper{cut(200, page), unprocessable}, unknown, false},
		{"page", []roundTripper{page200}, unknown, false},
		{"429, then page", []roundTripper{answer(429, ""), page200}, unknown, false},
		{"redirect", []roundTripper{answer(302, "")}, unknown, false},
		{"500, then success of another shape", []roundTripper{answer(500, ""), answer(200, `{"id":7}`)}, applied, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, play(tc.steps...), atOnce())
			user, err := update(t.Context(), c)
			require.Equal(t, tc.want, asFailure(t, err).Outcome)
			require.Equal(t, tc.result, user != nil)

			_, err = newClient(t, play(tc.steps...), atOnce()).Users.GetUser(t.Context(), "user_1")
			require.Equal(t, not, asFailure(t, err).Outcome)
		})
	}
}

// Each call passes on what came and the typed error, whatever it is for.
func TestEveryCallFails(t *testing.T) {
	t.Parallel()
	for _, c := range calls.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			r := c.Do(t.Context(), newSDK(t, answer(404, codeJSON("resource_not_found"))), calls.Valid())
			e := asFailure(t, r.Err)
			require.Empty(t, r.Found)
			require.ErrorIs(t, e, clerkerr.ErrNotFound)
			require.Equal(t, c.Operation(), e.Operation)
			require.Equal(t, "trace_1", e.TraceID)
			require.Equal(t, 1, e.Attempts)
		})
	}
}

// A RoundTripper that breaks the rules of net/http costs no panic.
func TestOddRoundTrippers(t *testing.T) {
	t.Parallel()
	bare := func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNotFound, Request: r}, nil
	}
	_, err := update(t.Context(), newClient(t, roundTripper(bare)))
	require.ErrorIs(t, err, clerkerr.ErrNotFound)

	// After 101 the body is a connection that no timeout reaches.
	switching := func(r *http.Request) (*http.Response, error) {
		pr, _ := io.Pipe()
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Request: r, Body: pr}, nil
	}
	_, err = update(t.Context(), newClient(t, roundTripper(switching), client.WithRetry(client.Retry{AttemptTimeout: 1})))
	require.Equal(t, 101, asFailure(t, err).Status)

	_, err = update(t.Context(), newClient(t, broken(nil), atOnce()))
	require.ErrorContains(t, err, "neither a response nor an error")
}
