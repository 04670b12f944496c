package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// step is a request of someone's browser, a GET or else the POST of a form, and what its
// answer must hold.
type step struct {
	who, what string
	path      string
	form      url.Values
	status    int
	holds     string
	// arrives says that the answer may be another one at first: a role is up to freshness
	// old, and a webhook takes its way.
	arrives bool
}

func steps() []step {
	signIn := func(user string) url.Values { return url.Values{"user": {user}} }
	return []step{
		{who: "anyone", what: "has no session token", path: "/account", status: 401, holds: "Refused: not signed in, or no longer"},
		{who: "anyone", what: "sends an unsigned webhook", path: "/clerk", form: url.Values{}, status: 401, holds: "Unauthorized"},
		{who: "anyone", what: "forges an event of Stripe's", path: "/stripe", form: url.Values{"plan": {"pro"}}, status: 400, holds: "no event of Stripe's"},
		{who: "Alan", what: "signs in", path: "/sign-in", form: signIn("user_alan"), status: 200, holds: "The session token says: role member, plan free"},
		{who: "Alan", what: "is no admin", path: "/admin", status: 403, holds: "Refused: for admins only"},
		{who: "Ada", what: "signs in", path: "/sign-in", form: signIn("user_ada"), status: 200, holds: "The session token says: role admin, plan free"},
		{who: "Ada", what: "lists the users by plan", path: "/admin", status: 200, holds: "free: Ada (admin), Alan (member), Grace (admin)"},
		{who: "Ada", what: "buys, Stripe sends events", path: "/checkout", form: url.Values{}, status: 200, holds: "The session token says: role admin, plan free"},
		{who: "Ada", what: "is found on another plan", path: "/admin", status: 200, holds: "pro: Ada (admin)"},
		{who: "Ada", what: "signs in, a new token", path: "/sign-in", form: signIn("user_ada"), status: 200, holds: "The session token says: role admin, plan pro"},
		{who: "Grace", what: "signs in", path: "/sign-in", form: signIn("user_grace"), status: 200, holds: "The session token says: role admin, plan free"},
		{who: "Grace", what: "takes Ada's role", path: "/admin/role", form: url.Values{"user": {"user_ada"}, "role": {"member"}}, status: 200, holds: "Users by plan"},
		{who: "Ada", what: "is no admin any more", path: "/admin", status: 403, holds: "Refused: for admins only", arrives: true},
		{who: "Ada", what: "has the same token", path: "/account", status: 200, holds: "The session token says: role admin, plan pro"},
		{who: "Grace", what: "has it from Clerk's webhook", path: "/admin", status: 200, holds: "pro: Ada (member)", arrives: true},
	}
}

// Of a step that arrives.
const (
	checkEvery = 50 * time.Millisecond
	checkFor   = time.Minute
)

// check takes the steps at a site and prints them.
func check(ctx context.Context, out io.Writer, siteURL string) error {
	browsers := map[string]*http.Client{}
	for _, s := range steps() {
		if browsers[s.who] == nil {
			jar, err := cookiejar.New(nil)
			if err != nil {
				return err
			}
			browsers[s.who] = &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
		}
		request, err := s.take(ctx, browsers[s.who], siteURL)
		if err != nil {
			return fmt.Errorf("%s %s: %w", s.who, s.what, err)
		}
		fmt.Fprintf(out, "%-6s  %-27s  %-4s %-11s  %d  %s\n", s.who, s.what, request, s.path, s.status, s.holds)
	}
	return nil
}

// take takes a step, over and over if its answer may be late.
func (s step) take(ctx context.Context, browser *http.Client, siteURL string) (method string, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	for {
		method, err = s.try(ctx, browser, siteURL)
		if err == nil || !s.arrives {
			return method, err
		}
		select {
		case <-ctx.Done():
			return method, err
		case <-time.After(checkEvery):
		}
	}
}

func (s step) try(ctx context.Context, browser *http.Client, siteURL string) (method string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, siteURL+s.path, strings.NewReader(s.form.Encode()))
	if err != nil {
		return "", err
	}
	if s.form != nil {
		request.Method = http.MethodPost
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Stripe-Signature", stripeHeader("whsec_forged", []byte(s.form.Encode())))
	}
	answer, err := browser.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode != s.status || !strings.Contains(string(body), s.holds) {
		return "", fmt.Errorf("%s %s: status %d, expected %d with %q:\n%s", request.Method, s.path, answer.StatusCode, s.status, s.holds, body)
	}
	return request.Method, nil
}
