package proxy_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// BenchmarkProxy holds the Handler against a bare httputil.ReverseProxy over
// loopback. One iteration is a round of requests through each, the other one
// first every time, so that what else the machine does meets both alike. Reported
// are medians over the rounds, of the time of a request and of proxy's share of
// bare's, and the quartiles of that. Rounds are short, so that a disturbance
// spoils few of them: -benchtime=300x gives a steady median on a busy machine.
func BenchmarkProxy(b *testing.B) {
	clerk := httptest.NewServer(http.HandlerFunc(echo))
	b.Cleanup(clerk.Close)
	c := configFor(&upstream{})
	c.Upstream = clerk.URL
	ours, err := proxy.New(c)
	require.NoError(b, err)
	b.Cleanup(ours.CloseIdleConnections)
	sides := []*browser{newBrowser(b, bareProxy(b, clerk.URL)), newBrowser(b, ours)}
	for _, load := range []struct {
		name              string
		clients, requests int
		body              string
	}{
		{"small", 1, 50, ""},
		{"parallel", 16, 10, ""},
		{"64KB", 1, 20, strings.Repeat("x", 64<<10)},
	} {
		b.Run(load.name, func(b *testing.B) {
			var took, allocated [2][]float64
			n := float64(load.clients * load.requests)
			for first := 0; b.Loop(); first = 1 - first {
				for _, side := range []int{first, 1 - first} {
					before, started := mallocs(), time.Now()
					var all sync.WaitGroup
					for range load.clients {
						all.Go(func() { sides[side].ask(b, load.requests, load.body) })
					}
					all.Wait()
					took[side] = append(took[side], float64(time.Since(started).Nanoseconds())/n)
					allocated[side] = append(allocated[side], float64(mallocs()-before)/n)
				}
			}
			compare(b, took, "ns")
			compare(b, allocated, "allocs")
		})
	}
}

// bareProxy is the least that streams: its Rewrite sets the upstream's URL and
// host, it flushes after each write, and it keeps as many connections, and
// blocks to copy with, as a Handler does. It sets none of Clerk's headers, and
// bounds and reports nothing.
func bareProxy(b *testing.B, upstream string) http.Handler {
	b.Helper()
	target, err := url.Parse(upstream)
	require.NoError(b, err)
	pool := &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true, ForceAttemptHTTP2: true}
	b.Cleanup(pool.CloseIdleConnections)
	bare := &httputil.ReverseProxy{
		Rewrite:       func(p *httputil.ProxyRequest) { p.SetURL(target) },
		Transport:     pool,
		FlushInterval: -1,
		BufferPool:    &blocks{},
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 { // or now and then an answer that comes before all is read is lost
			_ = http.NewResponseController(w).EnableFullDuplex()
		}
		bare.ServeHTTP(w, r)
	})
}

// blocks is an httputil.BufferPool.
type blocks struct{ pool sync.Pool }

func (b *blocks) Get() []byte {
	if kept, ok := b.pool.Get().(*[32 << 10]byte); ok {
		return kept[:]
	}
	return make([]byte, 32<<10)
}

func (b *blocks) Put(block []byte) { b.pool.Put((*[32 << 10]byte)(block)) }

func echo(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, "{}")
		return
	}
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(body)
}

// browser sends requests to one handler.
type browser struct {
	client *http.Client
	url    string
}

func newBrowser(b *testing.B, h http.Handler) *browser {
	b.Helper()
	front := httptest.NewServer(h)
	b.Cleanup(front.Close)
	pool := &http.Transport{MaxIdleConnsPerHost: 256}
	b.Cleanup(pool.CloseIdleConnections)
	return &browser{&http.Client{Transport: pool}, front.URL + "/__clerk/v1/me"}
}

func (c *browser) ask(b *testing.B, times int, body string) {
	b.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	for range times {
		r, _ := http.NewRequest(method, c.url, strings.NewReader(body))
		answer, err := c.client.Do(r)
		if err != nil {
			b.Error(err)
			return
		}
		if n, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK || n < int64(len(body)) {
			b.Error("not the whole answer", answer.StatusCode, n, err)
		}
		_ = answer.Body.Close()
	}
}

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}

// compare reports the medians of bare and proxy, and the quotients of the rounds.
func compare(b *testing.B, sides [2][]float64, unit string) {
	b.Helper()
	quotients := make([]float64, len(sides[0]))
	for i, bare := range sides[0] {
		quotients[i] = sides[1][i] / bare
	}
	b.ReportMetric(quantile(sides[0], 0.5), "bare-"+unit)
	b.ReportMetric(quantile(sides[1], 0.5), "proxy-"+unit)
	b.ReportMetric(quantile(quotients, 0.25), "q1-"+unit)
	b.ReportMetric(quantile(quotients, 0.5), "share-"+unit)
	b.ReportMetric(quantile(quotients, 0.75), "q3-"+unit)
}

func quantile(values []float64, q float64) float64 {
	return slices.Sorted(slices.Values(values))[int(q*float64(len(values)-1))]
}
