package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// step is a request, and what its answer has to hold.
type step struct {
	what   string
	method string
	path   string
	form   url.Values
	status int
	holds  string
}

// steps are those of the page, with a write as Clerk's browser client sends it.
func steps() []step {
	const write = proxy.DefaultPrefix + "/v1/me/metadata?_method=PATCH"
	unsafe := func(patch string) url.Values { return url.Values{"unsafe_metadata": {patch}} }
	return []step{
		{"the page", http.MethodGet, "/", nil, 200, "<title>Your domain, Clerk's Frontend API</title>"},
		{"who is signed in", http.MethodGet, proxy.DefaultPrefix + "/v1/me", nil, 200, `"first_name":"Ada"`},
		{"a theme", http.MethodPost, write, unsafe(`{"theme":"light"}`), 200, `"theme":"light"`},
		{"a forged role", http.MethodPost, write, unsafe(`{"role":"admin"}`), 422, `"long_message":"Roles are given by an administrator."`},
		{"an unknown key", http.MethodPost, write, unsafe(`{"plan":"pro"}`), 422, `"long_message":"/plan: key is not allowed, allowed are layout, theme"`},
		{"a theme by the backend", http.MethodPost, "/api/theme", url.Values{"theme": {"dark"}}, 200, `{"unsafe_metadata":{"layout":{"columns":2},"theme":"dark"}}`},
		{"the health check", http.MethodGet, "/healthz", nil, 200, `{"status":"ok"}`},
	}
}

// check takes the steps at a site and prints what came of them.
func check(ctx context.Context, out io.Writer, siteURL string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	for _, s := range steps() {
		status, body, err := s.take(ctx, browser, siteURL)
		if err != nil {
			return err
		}
		if status != s.status || !strings.Contains(body, s.holds) {
			return fmt.Errorf("%s: %s %s was answered with %d, not %d with %s:\n%s", s.what, s.method, s.path, status, s.status, s.holds, body)
		}
		fmt.Fprintf(out, "%-22s  %-4s %-38s  %d  %s\n", s.what, s.method, s.path, status, s.holds)
	}
	return nil
}

func (s step) take(ctx context.Context, browser *http.Client, siteURL string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, s.method, siteURL+s.path, strings.NewReader(s.form.Encode()))
	if err != nil {
		return 0, "", err
	}
	if s.form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := browser.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}
