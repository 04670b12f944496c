package client_test

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// errDial is what net/http returns where nothing listens.
var errDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}

// whatIsRetried lists answers, and whether another attempt can help.
func whatIsRetried() map[string]struct {
	step  roundTripper
	again bool
} {
	type kind = struct {
		step  roundTripper
		again bool
	}
	all := map[string]kind{
		"409 resource_locked": {answer(409, lockedJSON), true},
		"409 locked, second in the list": {answer(409,
			`{"errors":[{"code":"x"},{"code":"resource_locked"}]}`), true},
		"409 attribute_managed_by_scim": {answer(409, managedJSON), false},
		"409 without a code":            {answer(409, ""), false},
		"409 HTML":                      {answer(409, "<html>resource_locked</html>", "Content-Type", "text/html"), false},
		"423 resource_locked":           {answer(423, lockedJSON), false},
		"200 not JSON":                  {answer(200, "<html>", "Content-Type", "text/html"), false},
		"200 of another shape":          {answer(200, `{"id":5}`), false},
		"204":                           {answer(204, ""), false},
		"200 too large":                 {endless(200, nil), false},
		"200 cut short":                 {cut(200, `{"id":"user`), true},
		"500 cut short":                 {cut(500, `{"err`), true},
		"404 cut short":                 {cut(404, `{"err`), false},
		"reset":                         {broken(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), true},
		"dial refused":                  {broken(errDial), true},
		"unexpected EOF":                {broken(io.ErrUnexpectedEOF), true},
		"no answer and no error":        {broken(nil), true},
		"unknown authority":             {broken(x509.UnknownAuthorityError{}), false},
		"certificate of another host":   {broken(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}), false},
		"certificate expired":           {broken(x509.CertificateInvalidError{Reason: x509.Expired}), false},
		"certificate not verified":      {broken(&tls.CertificateVerificationError{Err: errors.New("x")}), false},
		"no TLS there":                  {broken(tls.RecordHeaderError{Msg: "x"}), false},
	}
	again := map[int]bool{408: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true, 530: true}
	for status := 520; status <= 527; status++ {
		again[status] = true
	}
	for _, status := range []int{101, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 410, 411, 412, 413, 415, 418, 421, 422, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 519, 520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 530, 531, 599} {
		all[fmt.Sprint(status)] = kind{answer(status, codeJSON("some_code")), again[status]}
	}
	return all
}

func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	for name, tc := range whatIsRetried() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, retries := range []int{0, 1, 3, 10} {
					if name == "200 too large" && (retries != 1 || testing.Short()) {
						continue // 32 MB each
					}
					rt := play(tc.step)
					_, err := update(t.Context(), newClient(t, rt, client.WithRetry(client.Retry{MaxRetries: cmp.Or(retries, client.None), Timeout: time.Hour})))
					e := asFailure(t, err)
					want, stop := 1, clerkerr.StopFinal
					if tc.again {
						want, stop = retries+1, clerkerr.StopAttempts
					}
					require.Equal(t, want, rt.count())
					require.Equal(t, want, e.Attempts)
					require.Equal(t, stop, e.Stop)
					require.Equal(t, "UpdateUserMetadata", e.Operation)
				}
			})
		})
	}
}

func TestDefaultRetriesAndRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := play(answer(503, ""), broken(io.EOF), answer(429, ""), answer(200, userJSON))
		user, err := update(t.Context(), newClient(t, rt))
		require.NoError(t, err)
		require.Equal(t, "user_1", user.ID)
		require.Equal(t, 1+3, rt.count())

		rt = play(answer(503, ""))
		_, err = newClient(t, rt).Users.GetUser(t.Context(), "user_1")
		require.ErrorIs(t, err, clerkerr.ErrServer)
		require.Equal(t, 1+3, rt.count())
	})
}

func TestCertificateOverLoopback(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := update(t.Context(), overLoopback(t, server.URL, atOnce()))
	e := asFailure(t, err)
	require.Equal(t, 1, e.Attempts)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	require.ErrorIs(t, err, clerkerr.ErrTransport)
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)
}

// Something on the way answers in plain text after the request has arrived.
func TestPlainTextInsideTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn.(*tls.Conn).NetConn(), "HTTP/1.1 502 Bad Gateway\r\n\r\n")
	}))
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := update(t.Context(), overLoopback(t, server.URL, atOnce(), client.WithHTTPClient(server.Client())))
	e := asFailure(t, err)
	var record tls.RecordHeaderError
	require.ErrorAs(t, err, &record)
	require.Equal(t, clerkerr.OutcomeUnknown, e.Outcome)
}

func TestFullJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const runs = 300
		ceilings := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}
		drawn := make([][]time.Duration, len(ceilings))
		for range runs {
			rt := play(answer(500, ""))
			_, err := update(t.Context(), newClient(t, rt, client.WithRetry(client.Retry{MaxRetries: len(ceilings), BaseDelay: time.Second, MaxDelay: 3 * time.Second})))
			require.Error(t, err)
			for i, wait := range rt.waits() {
				drawn[i] = append(drawn[i], wait)
			}
		}
		for i, ceiling := range ceilings {
			require.Len(t, drawn[i], runs)
			least, most, sum := ceiling, time.Duration(0), time.Duration(0)
			for _, wait := range drawn[i] {
				least, most, sum = min(least, wait), max(most, wait), sum+wait
			}
			require.LessOrEqual(t, most, ceiling)
			require.Greater(t, most, ceiling*8/10)
			require.Less(t, least, ceiling*2/10)
			require.InDelta(t, ceiling/2, sum/runs, float64(ceiling/10)) // six standard deviations
		}
	})
}
