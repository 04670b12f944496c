package security

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// TestPanicsShowNothing panics in whatever a call calls, and prints the value and
// the stack as the runtime does.
func TestPanicsShowNothing(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]client.Option{
		"attempt hook": client.WithAttemptHook(func(_ context.Context, a observe.Attempt) { panic(a) }),
		"call hook": client.WithCallHook(func(_ context.Context, c observe.Call) (context.Context, func(observe.Result)) {
			panic(c)
		}),
		"end of a call": client.WithCallHook(func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
			return ctx, func(r observe.Result) { panic(r) }
		}),
		"transport": client.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			panic("transport")
		})}),
	} {
		opts := []client.Option{opt, client.WithBaseURL("http://127.0.0.1:4010")}
		if name != "transport" {
			clerk, err := instance()
			require.NoError(t, err)
			opts = append(opts, client.WithHTTPClient(&http.Client{Transport: clerk.Transport()}))
		}
		c, err := client.New(client.SecretKey(secretKey), opts...)
		require.NoError(t, err)
		f, err := client.NewFrontend("http://127.0.0.1:4010", append(opts[:1:1], opts[2:]...)...)
		require.NoError(t, err)
		for _, call := range []func(){
			func() {
				_, _ = c.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch()})
			},
			func() { _, _, _ = f.UpdateMetadata(t.Context(), me.DevBrowser(devToken), patch()) },
		} {
			everything.requireNone(t, name, panicked(t, call))
		}
	}
}

// panicked is what a program that does not recover would write.
func panicked(t *testing.T, call func()) (text string) {
	t.Helper()
	defer func() {
		v := recover()
		require.NotNil(t, v)
		text = fmt.Sprintf("panic: %v\n%s", v, debug.Stack()) + everyPrint(v)
	}()
	call()
	return ""
}

// TestTraceShowsNoQuery records everything that net/http/httptrace shows except the
// request's header, which it shows by design: the address appears, no query, no body.
func TestTraceShowsNoQuery(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Config{Rotation: true}.Start(t, secretSeed())
	f, err := client.NewFrontend(clerk.URL())
	require.NoError(t, err)
	c, err := client.New(client.SecretKey(secretKey), client.WithBaseURL(clerk.URL()))
	require.NoError(t, err)
	var told record
	tell := func(v ...any) { _, _ = fmt.Fprintf(&told, "%+v\n", v) }
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GetConn:              func(hostPort string) { tell(hostPort) },
		GotConn:              func(i httptrace.GotConnInfo) { tell(i.Conn.RemoteAddr(), i.Reused) },
		GotFirstResponseByte: func() { tell("first byte") },
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			tell(code, header)
			return nil
		},
		WroteHeaders: func() { tell("headers") },
		WroteRequest: func(i httptrace.WroteRequestInfo) { tell(i) },
	})
	_, _, err = f.UpdateMetadata(ctx, me.DevBrowser(devToken), patch())
	require.NoError(t, err)
	_, err = c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch()})
	require.NoError(t, err)
	require.Contains(t, told.String(), "127.0.0.1:")
	everything.requireNone(t, "the trace", told.String())
}
