package benchmarks

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// addProxy puts the proxy and a bare httputil.ReverseProxy in front of the same
// server and sends both the same requests.
func addProxy(s *Set) error {
	upstream := s.serve(http.HandlerFunc(always(answer()).serve))
	bare, err := bareProxy(upstream)
	if err != nil {
		return err
	}
	config := proxy.Config{
		SecretKey: client.SecretKey(key), Upstream: upstream.URL, PublicURL: "https://app.example.com/__clerk", ClientAddress: proxy.FromPeer(),
	}
	plain, err := proxy.New(config)
	if err != nil {
		return err
	}
	config.Policies = []proxy.Policy{proxy.AllowKeys("theme"), proxy.MaxSize(1024)}
	guarded, err := proxy.New(config)
	if err != nil {
		return err
	}
	fronts := []struct {
		name   string
		server *httptest.Server
	}{
		{"ReverseProxy", s.serve(bare)}, {"proxy", s.serve(plain)}, {"proxy with policies", s.serve(guarded)},
	}
	form := url.Values{"unsafe_metadata": {`{"theme":"dark"}`}}.Encode()
	for _, op := range []struct{ name, method, path, body string }{
		{"read", http.MethodGet, "/__clerk/v1/me", ""},
		{"write of metadata", http.MethodPatch, "/__clerk/v1/me/metadata", form},
	} {
		c := Case{Group: "The proxy, over loopback", Name: op.name}
		for _, front := range fronts {
			h := &http.Client{Transport: overLoopback(front.server).transport}
			c.Candidates = append(c.Candidates, Candidate{Name: front.name, Run: func(ctx context.Context) error {
				return through(ctx, h, op.method, front.server.URL+op.path, op.body)
			}})
		}
		s.add(c)
	}
	return nil
}

// bareProxy does the least that a proxy for Clerk must do. It reuses its buffers, as
// package proxy does.
func bareProxy(upstream *httptest.Server) (http.Handler, error) {
	target, err := url.Parse(upstream.URL)
	if err != nil {
		return nil, err
	}
	return &httputil.ReverseProxy{
		Transport:  overLoopback(upstream).transport,
		BufferPool: &blocks{},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.URL.Path = strings.TrimPrefix(r.Out.URL.Path, "/__clerk")
			r.Out.Header.Set("Clerk-Proxy-Url", "https://app.example.com/__clerk")
			r.Out.Header.Set("Clerk-Secret-Key", key)
		},
	}, nil
}

// blocks is an httputil.BufferPool.
type blocks struct{ pool sync.Pool }

// Get implements httputil.BufferPool.
func (b *blocks) Get() []byte {
	if kept, ok := b.pool.Get().(*[32 << 10]byte); ok {
		return kept[:]
	}
	return make([]byte, 32<<10)
}

// Put implements httputil.BufferPool.
func (b *blocks) Put(block []byte) { b.pool.Put((*[32 << 10]byte)(block)) }

func through(ctx context.Context, h *http.Client, method, url, body string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	_, err = textWithUser(h, req)
	return err
}
