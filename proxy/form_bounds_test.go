package proxy_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// TestFormsAreJudgedAsTheyCome: what is wrong with a form is answered before the
// rest of it has come.
func TestFormsAreJudgedAsTheyCome(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ begins, code string }{
		"too many parts":      {strings.Repeat("&", 1001), "request_body_invalid"},
		"a bad escape":        {"a=%zz&", "request_body_invalid"},
		"a semicolon":         {"a=b;c=d&", "request_body_invalid"},
		"a field twice":       {themed + "&" + themed + "&", "form_param_duplicate"},
		"a name like the one": {"Unsafe_Metadata={}&", "form_param_unknown"},
		"no form":             {"{", "unsupported_content_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(w *wire, _ string) { w.send(okAnswer) }, judged, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
				t.Helper()
				kind := formType
				if tc.begins == "{" {
					kind = "Content-Type: application/json"
				}
				w.send("POST /__clerk/v1/x HTTP/1.1\r\nHost: a\r\n" + kind + "\r\nTransfer-Encoding: chunked\r\n\r\n" +
					strings.TrimSuffix(chunks(tc.begins), "0\r\n\r\n"))
				require.Contains(t, w.head(), "\r\nContent-Type: application/json\r\n")
				e := <-reports
				require.Equal(t, tc.code, e.Code)
				require.Zero(t, e.Duration, "it waits for nothing")
			})
		})
	}
}

func TestFormParts(t *testing.T) {
	t.Parallel()
	tapped := newTap(t, anything)
	for name, tc := range map[string]struct {
		raw    string
		passes bool
	}{
		"1000 empty parts":          {update(strings.Repeat("&", 999)), true},
		"1001 empty parts":          {update(strings.Repeat("&", 1000)), false},
		"1000 parts":                {update(strings.Repeat("a=b&", 999) + themed), true},
		"1001 parts":                {update(strings.Repeat("a=b&", 1000) + themed), false},
		"1000 parts of a query":     {request("POST /v1/x?"+strings.Repeat("a&", 999), "a=b", formType), true},
		"1001 parts of a query":     {request("POST /v1/x?"+strings.Repeat("a&", 1000), "a=b", formType), false},
		"a name of 256 bytes":       {update(strings.Repeat("a", 256) + "=b"), true},
		"a name of 257 bytes":       {update(strings.Repeat("a", 257) + "=b"), false},
		"a name, escaped, too long": {update(strings.Repeat("%61", 86) + "=b"), false},
	} {
		require.Equal(t, tc.passes, tapped.pass(tc.raw) != nil, name)
	}
}

// TestPiecesOfAForm: it does not matter in which pieces a form comes.
func TestPiecesOfAForm(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	tapped := newTap(t, proxy.PolicyFunc(refuseRole))
	for range 1000 {
		body := randomForm(random)
		ask := func(pieces func(io.Reader) io.Reader) string {
			r := httptest.NewRequest(http.MethodPatch, "/__clerk/v1/me/metadata", io.NopCloser(pieces(strings.NewReader(body))))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			tapped.last = nil
			tapped.handler.ServeHTTP(w, r)
			if tapped.last != nil {
				require.Equal(t, body, tapped.last.body)
			}
			return w.Body.String()
		}
		whole := ask(func(r io.Reader) io.Reader { return r })
		require.Equal(t, whole, ask(iotest.OneByteReader), body)
		require.Equal(t, whole, ask(iotest.HalfReader), body)
		require.Equal(t, whole, ask(iotest.DataErrReader), body)
	}
}

// sized is a form of that many bytes.
func sized(n int) string { return "a=" + strings.Repeat("b", n-2) }

// held is a body that gives its text and then waits for its end.
type held struct {
	io.Reader
	end <-chan struct{}
}

func (h *held) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err != nil {
		<-h.end
	}
	return n, err
}

func (*held) Close() error { return nil }

// sendForm has h serve a form, and returns the answer.
func sendForm(h http.Handler, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPatch, "/__clerk/v1/me/metadata", body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(bare{w}, r)
	return w
}

// settled is an upstream for many requests at a time.
type settled struct{}

func (settled) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody}, nil
}

func requireOverloaded(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), `"code":"proxy_overloaded"`)
}

// TestFormMemory: large forms that are being read keep others out, and small ones
// get in all the same, up to a bound of their own.
func TestFormMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := guardedConfig("http://127.0.0.1:1", anything)
		c.Transport = settled{}
		c.MaxFormMemory = 4 << 20 // 3 MiB for large forms; small is what has up to 64 KiB
		h := newProxy(t, c)
		end := make(chan struct{})
		answers := make(chan int)
		hold := func(size int) {
			go func() { answers <- sendForm(h, &held{strings.NewReader(sized(size)), end}).Code }()
			synctest.Wait()
		}
		hold(1 << 20)
		hold(1 << 20)
		requireOverloaded(t, sendForm(h, strings.NewReader(sized(1<<20))))
		require.Equal(t, http.StatusNoContent, sendForm(h, strings.NewReader(sized(60<<10))).Code)
		for range 16 {
			hold(60 << 10)
		}
		requireOverloaded(t, sendForm(h, strings.NewReader(sized(60<<10))))
		requireOverloaded(t, sendForm(h, strings.NewReader(themed)))
		close(end)
		for range 18 {
			require.Equal(t, http.StatusNoContent, <-answers)
		}
		for range 20 { // all of it is given back, whatever comes of a form
			require.Equal(t, http.StatusNoContent, sendForm(h, strings.NewReader(sized(1<<20))).Code)
			require.Equal(t, http.StatusRequestEntityTooLarge, sendForm(h, strings.NewReader(sized(1<<20+1))).Code)
			require.Equal(t, http.StatusBadRequest, sendForm(h, strings.NewReader(sized(1<<19)+";")).Code)
		}
	})
}

// TestMetadataMemory: what a tree of metadata takes counts while it is judged. One
// that is larger than all the room gets in alone.
func TestMetadataMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end, asked := make(chan struct{}), 0
		waits := proxy.PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
			if _, large := patch["large"]; large {
				asked++
				<-end
			}
			return nil
		})
		c := guardedConfig("http://127.0.0.1:1", waits)
		c.Transport = settled{}
		h := newProxy(t, c)
		large := `unsafe_metadata={"large":[` + strings.Repeat(`{"a":0},`, 100_000) + `{}]}`
		first := make(chan int)
		go func() { first <- sendForm(h, strings.NewReader(large)).Code }()
		synctest.Wait()
		requireOverloaded(t, sendForm(h, strings.NewReader(large)))
		require.Equal(t, http.StatusNoContent, sendForm(h, strings.NewReader(themed)).Code)
		require.Equal(t, 1, asked)
		close(end)
		require.Equal(t, http.StatusNoContent, <-first)
		require.Equal(t, http.StatusNoContent, sendForm(h, strings.NewReader(large)).Code)
	})
}

// TestTextMemory: of a long text there are copies while it is judged, and they count.
func TestTextMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		c := guardedConfig("http://127.0.0.1:1", proxy.PolicyFunc(func(*http.Request, metadata.Patch) error {
			<-end
			return nil
		}))
		c.Transport, c.MaxFormMemory = settled{}, 16<<20
		h := newProxy(t, c)
		long := `unsafe_metadata={"a":"` + strings.Repeat("a", 1<<20-100) + `"}`
		first := make(chan int)
		go func() { first <- sendForm(h, strings.NewReader(long)).Code }()
		synctest.Wait()
		requireOverloaded(t, sendForm(h, strings.NewReader(long)))
		close(end)
		require.Equal(t, http.StatusNoContent, <-first)
	})
}

// TestLimitsSpareTheRest: MaxDepth and MaxSize in front of other policies refuse
// before anything is made of the text. Not parallel: it counts allocations.
func TestLimitsSpareTheRest(t *testing.T) { //nolint:paralleltest // see above
	const levels = 9980
	deep := strings.Repeat(`{"a":`, levels) + "[" + strings.Repeat("null,", 100_000) + "null]" + strings.Repeat("}", levels)
	for name, tc := range map[string]struct { //nolint:paralleltest // see above
		limit proxy.Policy
		value string
		why   string
	}{
		"depth": {proxy.MaxDepth(3), deep, "/a/a/a: nested too deeply: at most 3 levels are allowed"},
		"size":  {proxy.MaxSize(8192), deep, "at most 8192 are allowed"},
		"width": {proxy.MaxSize(8192), `{"a":[` + strings.Repeat("{},", 200_000) + `{}]}`, "unsafe_metadata has 600010 bytes: at most 8192 are allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := false
			h := newProxy(t, guardedConfig("http://127.0.0.1:1", tc.limit, proxy.PolicyFunc(func(*http.Request, metadata.Patch) error {
				asked = true
				return nil
			})))
			var w *httptest.ResponseRecorder
			allocs := testing.AllocsPerRun(3, func() { w = sendForm(h, strings.NewReader("unsafe_metadata="+tc.value)) })
			require.Equal(t, http.StatusUnprocessableEntity, w.Code)
			require.Contains(t, w.Body.String(), tc.why)
			require.False(t, asked)
			require.Less(t, allocs, 200.0, "a tree of it has tens of thousands")
		})
	}
}

// TestLimitsAloneReadStrictly: what is sent on has one reading, also where no policy
// has made a patch of it.
func TestLimitsAloneReadStrictly(t *testing.T) {
	t.Parallel()
	tapped := newTap(t, proxy.MaxSize(1000))
	require.NotNil(t, tapped.pass(update(`unsafe_metadata={"a":"\ud83d\ude00"}`)))
	for _, value := range []string{
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":"\ud800"}`, `{"\udc00":1}`, `{"a":"\ud800\ud800"}`, `[]`, `null`, ``, `{}{}`, `{"a":01}`, `{`,
	} {
		require.Nil(t, tapped.pass(update("unsafe_metadata="+value)), value)
	}
}

// TestAbandonedRequestsStop: once the client has left, no further policy is asked
// and nothing is sent on.
func TestAbandonedRequestsStop(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(cancel func()) proxy.Policy{
		"in a policy": func(cancel func()) proxy.Policy {
			return proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { cancel(); return nil })
		},
		"in one that says so": func(cancel func()) proxy.Policy {
			return proxy.PolicyFunc(func(r *http.Request, _ metadata.Patch) error { cancel(); return r.Context().Err() })
		},
		"before the first": func(cancel func()) proxy.Policy { cancel(); return proxy.MaxSize(1 << 20) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c, reports := observed(guardedConfig("http://127.0.0.1:1", leave(cancel),
				proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { t.Error("asked"); return nil })))
			s := &sent{}
			c.Transport = s
			body := `unsafe_metadata={"a":[` + strings.Repeat("0,", 5000) + `0]}`
			r := httptest.NewRequest(http.MethodPatch, "/__clerk/v1/me/metadata", bytes.NewReader([]byte(body))).WithContext(ctx)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			newProxy(t, c).ServeHTTP(bare{httptest.NewRecorder()}, r)
			require.Equal(t, "the client left", (<-reports).Reason)
			require.Empty(t, s.url)
		})
	}
}
