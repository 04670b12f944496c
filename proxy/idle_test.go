package proxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// trickle is a body that gives one byte after each wait.
type trickle struct {
	wait time.Duration
	left int
}

func (b *trickle) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(b.wait) // in a bubble, where it takes no time
	b.left--
	p[0] = 'x'
	return 1, nil
}

func (*trickle) Close() error { return nil }

// taking reads the request, thinks and answers, unless the request is cancelled.
type taking struct {
	think  time.Duration
	answer io.ReadCloser
}

func (s taking) RoundTrip(r *http.Request) (*http.Response, error) {
	read := make(chan error, 1)
	go func() {
		var err error
		if r.Body != nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		time.Sleep(s.think)
		read <- err
	}()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case err := <-read:
		return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Header: http.Header{}, Body: s.answer}, err
	}
}

// The defaults, on a clock that nobody waits for and a ResponseWriter that has no
// deadlines.
func TestTimes(t *testing.T) {
	t.Parallel()
	const second = time.Second
	for name, tc := range map[string]struct {
		body, answer *trickle
		think        time.Duration
		status       int
		took         time.Duration
	}{
		"slow but moving both ways": {&trickle{29 * second, 10}, &trickle{29 * second, 10}, 29 * second, 200, 609 * second},
		"a body that stands still":  {&trickle{100 * second, 3}, &trickle{}, 0, 408, proxy.DefaultIdleTimeout},
		"a body that stops":         {&trickle{31 * second, 1}, &trickle{}, 0, 408, proxy.DefaultIdleTimeout},
		"no answer":                 {nil, &trickle{}, 100 * second, 502, proxy.DefaultHeaderTimeout},
		"no answer to a body":       {&trickle{second, 5}, &trickle{}, 100 * second, 502, 5*second + proxy.DefaultHeaderTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, reports := observed(configFor(&upstream{addr: "127.0.0.1:1"}))
				c.Transport = taking{tc.think, tc.answer}
				r := httptest.NewRequest(http.MethodPost, "/__clerk/v1/x", nil)
				if tc.body != nil {
					r.Body, r.ContentLength = tc.body, -1
				}
				w := httptest.NewRecorder()
				newProxy(t, c).ServeHTTP(bare{w}, r)
				e := <-reports
				require.Equal(t, tc.status, w.Code)
				require.Equal(t, tc.took, e.Duration)
				synctest.Wait()
				time.Sleep(1000 * second) // lets what was given up end
			})
		})
	}
}
