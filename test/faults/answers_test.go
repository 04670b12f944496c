package faults

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// scripted is a fault that the in-process Clerk acts out.
func scripted(what clerktest.Fault, m meaning) fault {
	return altered(what.String(), what, m, nil)
}

// altered is scripted, with the answer altered on its way.
func altered(name string, what clerktest.Fault, m meaning, alter func(*http.Response)) fault {
	carry := func(_ *testing.T, clerk *clerktest.Test, _ context.CancelFunc) (good, bad http.RoundTripper) {
		good = clerk.Transport()
		return good, roundTripper(func(r *http.Request) (*http.Response, error) {
			clerk.Script(clerktest.AnyOperation, what)
			resp, err := good.RoundTrip(r)
			if err == nil && alter != nil {
				alter(resp)
			}
			return resp, err
		})
	}
	return fault{name: name, carry: carry, meaning: m}
}

const page = "<!DOCTYPE html><html><body>plan</body></html>"

// answers are whole answers other than Clerk's own.
func answers() []fault {
	all := []fault{
		scripted(clerktest.Answer(409, "resource_locked"), meaning{status: 409, code: "resource_locked", transient: true}),
		scripted(clerktest.Answer(409, "attribute_managed_by_scim"), meaning{status: 409, code: "attribute_managed_by_scim"}),
		scripted(clerktest.Answer(422, "form_param_exceeds_allowed_size"), meaning{status: 422, code: "form_param_exceeds_allowed_size"}),
		scripted(clerktest.AnswerBody(503, "text/html", page), meaning{status: 503, transient: true}),
		scripted(clerktest.AnswerBody(403, "text/html", page), meaning{status: 403}),
		scripted(clerktest.Answer(404, "resource_not_found").And(clerktest.Truncate()), meaning{status: 404}),
		scripted(clerktest.Answer(502, "bad_gateway").And(clerktest.EndlessBody()), meaning{status: 502, transient: true}),
	}
	again := map[int]bool{
		408: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true,
		520: true, 521: true, 522: true, 523: true, 524: true, 525: true, 526: true, 527: true, 530: true,
	}
	for _, status := range []int{400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 415, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504, 505, 511, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530} {
		m := meaning{status: status, code: "some_code", transient: again[status]}
		all = append(all, scripted(clerktest.Answer(status, m.code), m))
		if status >= 500 {
			m.runs = true
			all = append(all, scripted(clerktest.Answer(status, m.code).And(clerktest.Applied()), m))
		}
	}
	locations := map[string][]clerktest.Part{
		"nowhere":      nil,
		"same host":    {clerktest.Header("Location", "/v1/users/user_2")},
		"another host": {clerktest.Header("Location", "https://elsewhere.test/v1/me")},
		"malformed":    {clerktest.Header("Location", "http://[::1")},
	}
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for to, location := range locations {
			f := scripted(clerktest.AnswerBody(status, "text/html", "", location...), meaning{status: status})
			f.name = fmt.Sprint("redirect ", status, " ", to)
			all = append(all, f)
		}
	}
	return all
}

// successes are answers with a success status that are not what they should be.
func successes() []fault {
	odd := `{"id":7,"data":7,"response":7}`
	foreign := meaning{status: 200, is: []error{clerkerr.ErrDecode}}
	foreignApplied := foreign
	foreignApplied.runs = true
	misshapen := foreignApplied
	misshapen.clerks, misshapen.partial = true, true
	empty := misshapen
	empty.status = 204
	cut := meaning{status: 200, runs: true, clerks: true, partial: true, transient: true, is: []error{clerkerr.ErrTransport}}
	tooLarge := altered("endless body", clerktest.Pass(), meaning{
		status: 200, runs: true, clerks: true, is: []error{clerkerr.ErrDecode, clerkerr.ErrResponseTooLarge},
	}, func(resp *http.Response) {
		_ = resp.Body.Close()
		resp.Body, resp.ContentLength = io.NopCloser(endless{}), -1
	})
	tooLarge.long = true // 32 MB are read
	return []fault{
		tooLarge,
		scripted(clerktest.Pass(clerktest.Header("Content-Type", "text/plain")), meaning{harmless: true}),
		scripted(clerktest.AnswerBody(200, "text/html", page), foreign),
		scripted(clerktest.AnswerBody(200, "application/json", page).And(clerktest.Applied()), foreignApplied),
		scripted(clerktest.AnswerBody(200, "text/plain", "ok"), foreign),
		scripted(clerktest.AnswerBody(200, "application/json", "7"), foreign),
		scripted(clerktest.AnswerBody(200, "application/json", "null"), foreign),
		scripted(clerktest.AnswerBody(200, "application/json", "{}").And(clerktest.Applied()), misshapen),
		scripted(clerktest.AnswerBody(200, "application/json", odd).And(clerktest.Applied()), misshapen),
		scripted(clerktest.AnswerBody(204, "", "").And(clerktest.Applied()), empty),
		scripted(clerktest.Truncate(), cut),
		scripted(clerktest.Drop(), meaning{transient: true, is: []error{clerkerr.ErrTransport}}),
		scripted(clerktest.Drop().And(clerktest.Applied()), meaning{runs: true, transient: true, is: []error{clerkerr.ErrTransport}}),
	}
}

// endless is an object that begins and does not end. It fills what it is given,
// as the 32 MB that are read of it would take long by the page.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for n := copy(p, "{"); n < len(p); n += copy(p[n:], p[:n]) {
	}
	return len(p), nil
}

const longest = time.Duration(math.MaxInt64)

// waits are what Retry-After can say. A bubble's clock begins with the year 2000.
func waits() []fault {
	const (
		early = "Sat, 01 Jan 2000 00:00:00 GMT"
		late  = "Thu, 01 Jan 2026 00:00:00 GMT"
		later = "Thu, 01 Jan 2026 00:00:07 GMT"
	)
	var all []fault
	for _, tc := range []struct {
		name   string
		header http.Header
		asked  time.Duration
		stop   clerkerr.StopReason
	}{
		{"seconds", http.Header{"Retry-After": {"7"}}, 7 * time.Second, clerkerr.StopFinal},
		{"zero", http.Header{"Retry-After": {"0"}}, 0, clerkerr.StopFinal},
		{"negative", http.Header{"Retry-After": {"-7"}}, 0, clerkerr.StopFinal},
		{"malformed", http.Header{"Retry-After": {"soon"}}, 0, clerkerr.StopFinal},
		{"two, the first counts", http.Header{"Retry-After": {"7", "9000"}}, 7 * time.Second, clerkerr.StopFinal},
		{"too long", http.Header{"Retry-After": {"31"}}, 31 * time.Second, clerkerr.StopRetryAfter},
		{"huge", http.Header{"Retry-After": {"99999999999999999999"}}, longest, clerkerr.StopRetryAfter},
		{"a date, the server's clock 26 years ahead", http.Header{"Retry-After": {later}, "Date": {late}}, 7 * time.Second, clerkerr.StopFinal},
		{"a date that is past by the server's clock", http.Header{"Retry-After": {late}, "Date": {later}}, 0, clerkerr.StopFinal},
		{"a past date, the server's clock 26 years ahead", http.Header{"Retry-After": {early}, "Date": {late}}, 0, clerkerr.StopFinal},
		{"seconds, the server's clock 26 years ahead", http.Header{"Retry-After": {"7"}, "Date": {late}}, 7 * time.Second, clerkerr.StopFinal},
		{"a date far off by the only clock there is", http.Header{"Retry-After": {"Sat, 01 Jan 2000 01:00:00 GMT"}, "Date": {"now"}}, time.Hour, clerkerr.StopRetryAfter},
	} {
		m := meaning{status: 429, code: "too_many_requests", transient: true, asked: tc.asked, stop: tc.stop}
		all = append(all, altered("Retry-After: "+tc.name, clerktest.Answer(429, m.code), m, func(resp *http.Response) { maps.Copy(resp.Header, tc.header) }))
	}
	return all
}

// stalls are answers that do not come in time, and contexts that end.
func stalls() []fault {
	const forever = time.Hour
	canceled, late := []error{context.Canceled}, []error{context.DeadlineExceeded}
	slow := []error{clerkerr.ErrTransport, context.DeadlineExceeded}
	in := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			if d == 0 {
				cancel()
			}
			time.AfterFunc(d, cancel)
			return ctx, cancel
		}
	}
	by := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
	}
	const stop = clerkerr.StopCanceled
	wait7 := clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(7*time.Second))
	all := []fault{
		scripted(clerktest.SlowHeaders(forever), meaning{runs: true, transient: true, is: slow}),
		scripted(clerktest.SlowBody(forever), meaning{status: 200, runs: true, clerks: true, partial: true, transient: true, is: slow}),
		scripted(clerktest.Answer(503, "").And(clerktest.SlowHeaders(forever)), meaning{transient: true, is: slow}),
		scripted(clerktest.Answer(404, "resource_not_found").And(clerktest.SlowBody(forever)), meaning{status: 404}),
	}
	for name, tc := range map[string]struct {
		what clerktest.Fault
		m    meaning
	}{
		"canceled before":                {clerktest.Pass(), meaning{unattempted: true, ends: in(0), is: canceled, stop: stop}},
		"expired before":                 {clerktest.Pass(), meaning{unattempted: true, ends: by(-1), is: late, stop: stop}},
		"canceled before the headers":    {clerktest.SlowHeaders(forever), meaning{runs: true, ends: in(3 * time.Second), is: canceled, stop: stop}},
		"expired before the headers":     {clerktest.SlowHeaders(forever), meaning{runs: true, ends: by(3 * time.Second), is: late, stop: stop}},
		"canceled in the body":           {clerktest.SlowBody(forever), meaning{status: 200, runs: true, clerks: true, partial: true, ends: in(3 * time.Second), is: canceled, stop: stop}},
		"expired in the body":            {clerktest.SlowBody(forever), meaning{status: 200, runs: true, clerks: true, partial: true, ends: by(3 * time.Second), is: late, stop: stop}},
		"canceled in the wait":           {wait7, meaning{status: 429, code: "too_many_requests", asked: 7 * time.Second, ends: in(3 * time.Second), is: canceled, stop: stop}},
		"would expire in the wait":       {wait7, meaning{status: 429, code: "too_many_requests", asked: 7 * time.Second, ends: by(3 * time.Second), stop: clerkerr.StopDeadline}},
		"would expire as the wait ended": {wait7, meaning{status: 429, code: "too_many_requests", asked: 7 * time.Second, ends: by(7 * time.Second), stop: clerkerr.StopDeadline}},
	} {
		all = append(all, altered("context "+name, tc.what, tc.m, nil))
	}
	return all
}
