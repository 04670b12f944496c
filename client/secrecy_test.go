package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

const devToken = "dvb_a+b/c=d"

// everyPrint is whatever printing, encoding and logging make of v, and for an
// error the same of all that it wraps, as error trackers walk it.
func everyPrint(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%s", "%q", "%+v", "%#v", "%x", "%d"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	encoded, err := json.Marshal(v)
	require.NoError(t, err)
	b.Write(encoded)
	encoded, err = json.Marshal(map[string]any{"v": v})
	require.NoError(t, err)
	b.Write(encoded)
	opts := &slog.HandlerOptions{Level: slog.LevelDebug}
	slog.New(slog.NewJSONHandler(&b, opts)).Info("m", "v", v, "nested", slog.GroupValue(slog.Any("v", v)))
	slog.New(slog.NewTextHandler(&b, opts)).Info("m", "v", v)
	switch wrapper := v.(type) {
	case interface{ Unwrap() error }:
		if cause := wrapper.Unwrap(); cause != nil {
			fmt.Fprintf(&b, "%v %+v", cause, cause)
			b.WriteString(everyPrint(t, cause))
		}
	case interface{ Unwrap() []error }:
		for _, cause := range wrapper.Unwrap() {
			fmt.Fprintf(&b, "%v %+v", cause, cause)
			b.WriteString(everyPrint(t, cause))
		}
	}
	return b.String()
}

// requireNoSecrets checks that text holds nothing secret.
func requireNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{
		key, devToken, url.QueryEscape(devToken), url.PathEscape(devToken), "dvb_a", "__dev_session=",
		"s3cret-value", "plan", "sess_1", "?", "_clerk_session_id", "<html>",
	} {
		require.NotContains(t, text, secret)
	}
}

// failures is a way to fail for each thing that can be in an error.
func failures() map[string]roundTripper {
	withURL := func(r *http.Request, cause error) error {
		return &url.Error{Op: "Patch", URL: r.URL.String(), Err: cause}
	}
	echo := func(r *http.Request) error {
		return fmt.Errorf("cannot send %s with %s", r.URL, r.Header.Get("Authorization"))
	}
	fail := func(make func(r *http.Request) error) roundTripper {
		return func(r *http.Request) (*http.Response, error) { return nil, make(r) }
	}
	quoting := `{"errors":[{"code":"form_param_value_invalid","message":"s3cret-value is bad","long_message":"s3cret-value","meta":{"param_name":"private_metadata"}}],"clerk_trace_id":"t"}`
	all := map[string]roundTripper{
		"Clerk's message quotes the value": answer(422, quoting),
		"retried until the end":            answer(503, quoting),
		"locked":                           answer(409, lockedJSON),
		"html":                             answer(502, page),
		"decode":                           answer(200, page),
		"shape":                            answer(200, `{"id":"user_1","public_metadata":"s3cret-value"}`),
		"cut":                              cut(200, `{"public_metadata":"s3cret-value`),
		"redirect":                         answer(302, "", "Location", "https://example.com/?plan=s3cret-value"),
		"too large":                        endless(200, nil),
		"url error":                        fail(func(r *http.Request) error { return withURL(r, errors.New("refused")) }),
		"url error within one":             fail(func(r *http.Request) error { return withURL(r, withURL(r, errDial)) }),
		"url error wrapped":                fail(func(r *http.Request) error { return fmt.Errorf("proxy: %w", withURL(r, errDial)) }),
		"answer that quotes the credential": func(r *http.Request) (*http.Response, error) {
			secret := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + r.URL.Query().Get("__dev_session")
			return answer(422, `{"errors":[{"code":"bad `+secret+`","message":"","long_message":"","meta":{"param_name":"`+secret+`"}}],"clerk_trace_id":"`+secret+`"}`)(r)
		},
		"url error with the key in it": fail(func(r *http.Request) error { return withURL(r, echo(r)) }),
	}
	if testing.Short() {
		delete(all, "too large") // 32 MB each
	}
	return all
}

func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	credential := me.DevBrowser(devToken).WithSession("sess_1")
	for name, step := range failures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			var attempts []observe.Attempt
			opts := []client.Option{
				quick(client.Retry{MaxRetries: 1}),
				client.WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				client.WithAttemptHook(func(_ context.Context, a observe.Attempt) { attempts = append(attempts, a) }),
			}
			_, err := update(t.Context(), newClient(t, step, opts...))
			requireNoSecrets(t, everyPrint(t, asFailure(t, err)))
			requireNoSecrets(t, everyPrint(t, fmt.Errorf("saving: %w", err)))
			if name == "too large" {
				return
			}
			_, _, err = newFrontend(t, step, opts...).UpdateMetadata(t.Context(), credential, metadata.Patch{"plan": "s3cret-value"})
			requireNoSecrets(t, everyPrint(t, asFailure(t, err)))
			requireNoSecrets(t, logged.String())
			for _, a := range attempts {
				requireNoSecrets(t, fmt.Sprintf("%v %+v %#v", a.Err, a, a.Err))
			}
		})
	}
}

// A text that holds a secret is replaced; what the error is stays known.
func TestScrubbedErrorIsStillItself(t *testing.T) {
	t.Parallel()
	step := func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("%s: %w", r.Header.Get("Authorization"), context.DeadlineExceeded)
	}
	_, err := update(t.Context(), newClient(t, roundTripper(step), atOnce()))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, clerkerr.ErrTransport)
	require.ErrorContains(t, err, "Bearer [redacted]: context deadline exceeded")
	var timeout interface{ Timeout() bool }
	require.ErrorAs(t, err, &timeout)
	require.True(t, timeout.Timeout())
}

func TestNoSecretInAnyRefusal(t *testing.T) {
	t.Parallel()
	s := newSDK(t, broken(errors.New("a request was sent")), client.WithRetry(client.Retry{MaxRetries: client.None}))
	for _, bad := range []struct {
		user, org  string
		credential me.Credential
		patch      metadata.Patch
		value      metadata.Value
	}{
		{"user_1", "org_1", me.Cookie(key), metadata.Patch{"x": "s3cret-value"}, metadata.Of("s3cret-value")},
		{"s3cret-value?", "s3cret-value?", me.Cookie("s3cret-value "), metadata.Patch{"a": "s3cret-value"}, metadata.Of(strings.Repeat("s3cret-value", 999))},
		{"user_1", "org_1", me.NativeToken("s3cret-value;"), metadata.Patch{"a": "s3cret-value", "b": nil}, metadata.Of(map[string]any{"a": strings.Repeat("s3cret-value", 999)})},
	} {
		in := calls.Input{User: bad.user, Organization: bad.org, Credential: bad.credential, Patch: calls.Same(bad.patch), Value: calls.Same(bad.value)}
		for _, c := range calls.All() {
			err := c.Do(t.Context(), s, in).Err
			if errors.Is(err, clerkerr.ErrInvalidArgument) {
				text := everyPrint(t, err)
				require.NotContains(t, text, "s3cret-value")
				require.NotContains(t, text, key)
			}
		}
	}
}
