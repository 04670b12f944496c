package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// The events of a write reach every --webhook and those of the seed, signed with the secret
// that is printed.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	received := make(chan webhook.Event, 10)
	receiver, err := webhook.New(webhook.SigningSecret(clerktest.DefaultWebhookSecret))
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		event, err := receiver.Verify(r)
		if err == nil {
			received <- event
		}
	}))
	defer s.Close()
	e := emulate(t, `{"users":[{}],"webhooks":[{"url":"`+s.URL+`/seed","events":["user.deleted"]}]}`,
		"--seed", "-", "--webhook-timeout", "1h", "--webhook", s.URL+"/a", "--webhook", s.URL+"/b")
	status, _ := e.do(t, "PATCH", "/v1/users/user_1/metadata", `{"private_metadata":{"a":1}}`)
	require.Equal(t, http.StatusOK, status)
	one, two := <-received, <-received
	require.Equal(t, webhook.UserUpdated, one.Type)
	require.Equal(t, one.ID, two.ID)
	user, err := one.User()
	require.NoError(t, err)
	require.JSONEq(t, `{"a":1}`, user.PrivateMetadata.String())

	status, body := e.do(t, "PUT", "/_emulator/state", `{"webhooks":[{"url":"http://192.0.2.1/"}]}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, body, "webhook 1: url is not on this machine")
	status, _ = e.do(t, "DELETE", "/v1/users/user_1", "")
	require.Equal(t, http.StatusOK, status)
	for range 3 {
		require.Equal(t, webhook.UserDeleted, (<-received).Type)
	}
	require.Contains(t, strings.Join(e.stop(t), "\n"), "export CLERK_WEBHOOK_SIGNING_SECRET="+clerktest.DefaultWebhookSecret+"\n")
}

func TestWebhooksRefused(t *testing.T) {
	t.Parallel()
	const seed = `{"webhooks":[{"url":"http://receiver:3000/"}]}`
	for _, tc := range []struct {
		args, stdin string
		code        int
		stderr      string
	}{
		{"--webhook http://192.0.2.1/hook", "", cli.ExitUsage, "--webhook http://192.0.2.1/hook is not on this machine"},
		{"--webhook http://receiver:1 --webhook-host other", "", cli.ExitUsage, "name its host with --webhook-host, too"},
		{"--webhook localhost:3000", "", cli.ExitUsage, "--webhook must begin with https://"},
		{"--webhook http://a:secretvalue@localhost", "", cli.ExitUsage, "--webhook holds credentials"},
		{"--webhook-host receiver:3000", "", cli.ExitUsage, `--webhook-host has "receiver:3000"; expected host names without port`},
		{"--webhook-timeout 0s", "", cli.ExitUsage, "--webhook-timeout is 0s; it must be positive"},
		{"--seed -", seed, cli.ExitFile, "standard input: webhook 1: url is not on this machine"},
		{"--seed - --webhook-host other", seed, cli.ExitFile, "pass --webhook-host with the host"},
		{"--seed -", `{"webhook_secret":"secretvalue"}`, cli.ExitFile, "line 1, column 19: webhook_secret is not a signing secret"},
		// The name is allowed: the next mistake is found.
		{"--webhook http://receiver/ --webhook-host receiver --addr x", "", cli.ExitUsage, "--addr"},
		{"--seed - --webhook-host receiver --addr x", seed, cli.ExitUsage, "--addr"},
	} {
		var errs bytes.Buffer
		code := cli.Run(t.Context(), cli.Env{
			Args:  append([]string{"emulate"}, strings.Fields(tc.args)...),
			Stdin: strings.NewReader(tc.stdin), Stdout: &bytes.Buffer{}, Stderr: &errs,
		})
		require.Equal(t, tc.code, code, errs.String())
		require.Contains(t, errs.String(), tc.stderr)
		require.NotContains(t, errs.String(), "secretvalue")
	}
}
