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

// step is a request, a GET or else the POST of a form, and what its answer must hold.
type step struct {
	what   string
	path   string
	form   url.Values
	status int
	holds  string
}

// steps are those of the page, with writes as Clerk's browser client sends them.
func steps() []step {
	const write = proxy.DefaultPrefix + "/v1/me/metadata?_method=PATCH"
	unsafe := func(patch string) url.Values { return url.Values{"unsafe_metadata": {patch}} }
	return []step{
		{"the page", "/", nil, 200, "<title>Your domain, Clerk's Frontend API</title>"},
		{"the signed-in user", proxy.DefaultPrefix + "/v1/me", nil, 200, `"first_name":"Ada"`},
		{"a theme", write, unsafe(`{"theme":"light"}`), 200, `"theme":"light"`},
		{"a forged role", write, unsafe(`{"role":"admin"}`), 422, `"long_message":"Roles are given by an administrator."`},
		{"an unknown key", write, unsafe(`{"plan":"pro"}`), 422, `"long_message":"/plan: key is not allowed: expected one of layout, theme"`},
		{"a theme by the backend", "/api/theme", url.Values{"theme": {"dark"}}, 200, `{"unsafe_metadata":{"layout":{"columns":2},"theme":"dark"}}`},
		{"the health check", "/healthz", nil, 200, `{"status":"ok"}`},
	}
}

// check takes the steps at a site and prints them.
func check(ctx context.Context, out io.Writer, siteURL string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	for _, s := range steps() {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, siteURL+s.path, strings.NewReader(s.form.Encode()))
		if err != nil {
			return err
		}
		if s.form != nil {
			request.Method = http.MethodPost
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer, err := browser.Do(request)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return err
		}
		if answer.StatusCode != s.status || !strings.Contains(string(body), s.holds) {
			return fmt.Errorf("%s: %s %s: status %d, expected %d with %s:\n%s", s.what, request.Method, s.path, answer.StatusCode, s.status, s.holds, body)
		}
		fmt.Fprintf(out, "%-22s  %-4s %-38s  %d  %s\n", s.what, request.Method, s.path, s.status, s.holds)
	}
	return nil
}
