package clerktest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestControlFaults(t *testing.T) {
	t.Parallel()
	clerk := seeded(t)
	posted := control(clerk, "POST", "faults", `{"operation":"GetUser","faults":[
		{"status":429,"code":"too_many_requests","message":"slow down","retry_after":1},
		{},
		{"status":502,"body":"<html>","content_type":"text/html","header":{"cf-ray":"1"}}
	]}`)
	require.Equal(t, http.StatusOK, posted.Code, posted.Body)
	require.Equal(t, http.StatusOK, control(clerk, "POST", "faults", `{"operation":"*","faults":[{"status":200,"body":""}]}`).Code)

	first := backend(t, clerk, "GET", "/users/user_1", "")
	require.Equal(t, "1", first.header.Get("Retry-After"))
	require.Equal(t, "slow down", requireFailed(t, first, http.StatusTooManyRequests, "too_many_requests", "").Errors[0].Message)

	left := control(clerk, "GET", "faults", "")
	require.JSONEq(t, `{"left":[
		{"operation":"GetUser","faults":[{},{"status":502,"body":"<html>","content_type":"text/html","header":{"Cf-Ray":"1"}}]},
		{"operation":"*","faults":[{"status":200,"body":"","content_type":"application/json"}]}
	]}`, left.Body.String())

	require.Equal(t, http.StatusOK, backend(t, clerk, "GET", "/users/user_1", "").status)
	edge := backend(t, clerk, "GET", "/users/user_1", "")
	require.Equal(t, http.StatusBadGateway, edge.status)
	require.Equal(t, "<html>", string(edge.body))
	require.Equal(t, "1", edge.header.Get("cf-ray"))
	require.Empty(t, backend(t, clerk, "GET", "/users/user_1", "").body)

	require.JSONEq(t, `{"left":[]}`, control(clerk, "GET", "faults", "").Body.String())
	require.NoError(t, clerk.Clerk.Script(clerktest.GetUser, clerktest.Drop()))
	require.JSONEq(t, `{"left":[]}`, control(clerk, "DELETE", "faults", "").Body.String())
	require.Empty(t, clerk.Unused())
}

// Every kind of fault becomes the one that Go code scripts, and is listed in the form
// in which it was posted.
func TestControlFaultKinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		posted string
		fault  clerktest.Fault
	}{
		{`{}`, clerktest.Pass()},
		{`{"drop":true,"applied":true}`, clerktest.Applied().And(clerktest.Drop())},
		{`{"truncate":true}`, clerktest.Truncate()},
		{`{"endless_body":true}`, clerktest.EndlessBody()},
		{`{"slow_headers_ms":20,"slow_body_ms":100}`, clerktest.SlowHeaders(20 * time.Millisecond).And(clerktest.SlowBody(100 * time.Millisecond))},
		{`{"status":504,"code":"gateway_timeout","applied":true}`, clerktest.Answer(504, "gateway_timeout").And(clerktest.Applied())},
		{`{"retry_after":0}`, clerktest.Pass(clerktest.RetryAfter(0))},
		{`{"header":{"Retry-After":"Fri, 01 Jan 2027 00:00:00 GMT"}}`, clerktest.Pass(clerktest.Header("Retry-After", "Fri, 01 Jan 2027 00:00:00 GMT"))},
	} {
		t.Run(tc.posted, func(t *testing.T) {
			t.Parallel()
			clerk := seeded(t)
			w := control(clerk, "POST", "faults", `{"operation":"GetUser","faults":[`+tc.posted+`]}`)
			require.JSONEq(t, `{"left":[{"operation":"GetUser","faults":[`+tc.posted+`]}]}`, w.Body.String())
			require.Equal(t, []string{"GetUser: " + tc.fault.String()}, clerk.Unused())
			control(clerk, "DELETE", "faults", "")
		})
	}
}

func TestControlFaultsRefused(t *testing.T) {
	t.Parallel()
	script := func(fault string) string { return `{"operation":"GetUser","faults":[{},` + fault + `]}` }
	for _, tc := range []struct {
		name, body, reason string
	}{
		{"empty", "", "line 1, column 1: there is no text"},
		{"broken off", "{\n\"operation\":", "line 2, column 13: not valid JSON"},
		{"no JSON", "{\n\n  operation: 1}", "line 3, column 3: not valid JSON"},
		{"more", `{"operation":"GetUser","faults":[{}]}` + "\n{}", "line 2, column 1: not valid JSON: more than one JSON value"},
		{"wrong kind", "{\"operation\":\"GetUser\",\n\"faults\":[{\"status\":\"429\"}]}", "line 2, column 21: faults[0].status is a string; expected type integer"},
		{"no object", `[1]`, "line 1, column 1: the document is an array"},
		{"half a surrogate pair", "{\"operation\":\"*\",\n\"faults\":[{\"status\":500,\"code\":\"x\\ud800\"}]}", "line 2, column 34: string is not valid UTF-8: half a surrogate pair"},
		{"a member twice", "{\"operation\":\"*\",\n\"operation\":\"GetUser\"}", `line 2, column 12: "operation": key occurs twice`},
		{"unknown member", "{\"operation\":\"GetUser\",\n\"fault\":{}}", `line 2, column 1: the document has no member "fault"`},
		{"unknown member of a fault", script(`{"retryafter":1}`), `faults[1] has no member "retryafter"`},
		{"no operation", `{"faults":[{}]}`, `the document lacks "operation"`},
		{"unknown operation", `{"operation":"GetUsers","faults":[{}]}`, `operation "GetUsers" is unknown`},
		{"no faults", `{"operation":"GetUser"}`, "no fault for GetUser"},
		{"status alone", script(`{"status":429}`), "fault 2: status 429 needs a code"},
		{"code alone", script(`{"code":"x"}`), "fault 2: a code or a body needs a status"},
		{"code and body", script(`{"status":429,"code":"x","body":""}`), "fault 2: a code and a body"},
		{"content type alone", script(`{"status":429,"code":"x","content_type":"text/html"}`), "fault 2: a content_type"},
		{"status there is not", script(`{"status":999,"code":"x"}`), "status 999"},
		{"message alone", script(`{"message":"x"}`), "a message needs an Answer"},
		{"negative wait", script(`{"slow_body_ms":-1}`), "_ms is outside 0 to 3600000"},
		{"endless wait", script(`{"slow_headers_ms":9223372036854775807}`), "_ms is outside 0 to 3600000"},
		{"negative Retry-After", script(`{"retry_after":-1}`), "faults[1].retry_after is outside 0 to 2147483647"},
		{"header name", script(`{"header":{"a b":"c"}}`), `fault 2: the header "a b"`},
		{"header value", script(`{"header":{"a":"c\nd"}}`), `fault 2: the header "a"`},
		{"applied alone", script(`{"applied":true}`), "Applied needs"},
		{"drop and answer", script(`{"drop":true,"retry_after":1}`), "a dropped connection has no answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			clerk := seeded(t)
			w := control(clerk, "POST", "faults", tc.body)
			requireRefused(t, w, http.StatusBadRequest, tc.reason)
			require.NotContains(t, w.Body.String(), "clerktest")
			require.Empty(t, clerk.Unused(), "no part is scripted")
		})
	}
	clerk := seeded(t)
	unannounced := func(r *http.Request) { r.ContentLength = -1 }
	requireRefused(t, control(clerk, "POST", "faults", strings.Repeat(" ", 1<<20+1), unannounced), http.StatusRequestEntityTooLarge, "1048576")
	requireRefused(t, control(clerk, "POST", "faults", "", func(r *http.Request) {
		r.Body = brokenBody{}
	}), http.StatusBadRequest, "breaks off")
}

// A wait that was scripted over HTTP is one: in a bubble it takes no time.
func TestControlFaultWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := seeded(t)
		require.Equal(t, http.StatusOK, control(clerk, "POST", "faults", `{"operation":"GetUser","faults":[{"slow_body_ms":1500}]}`).Code)
		began := time.Now()
		require.Equal(t, http.StatusOK, backend(t, clerk, "GET", "/users/user_1", "").status)
		require.Equal(t, 1500*time.Millisecond, time.Since(began))
	})
}

// brokenBody is a body whose client went away.
type brokenBody struct{}

// Read fails.
func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// Close does nothing.
func (brokenBody) Close() error { return nil }
