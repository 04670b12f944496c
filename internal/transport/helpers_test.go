package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

const (
	credential = "dvb_a+b/c"
	thing      = `{"id":"1"}`
	// longer than an error body is read
	tooLong = 64<<10 + 1
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer is a complete answer; headers are names and values in turn.
func answer(status int, body string, headers ...string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: h, Request: r,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	}
}

// cut is an answer whose connection is lost after body.
func cut(status int, body string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := answer(status, "")(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), broken(io.ErrUnexpectedEOF)))
		return resp, err
	}
}

func broken(err error) roundTripper {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// Read makes a broken answer a body that fails.
func (f roundTripper) Read([]byte) (int, error) {
	_, err := f(nil)
	return 0, err
}

// inTurn answers with its steps in turn, the last of them for ever, and counts.
func inTurn(count *int, steps ...roundTripper) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		step := steps[min(*count, len(steps)-1)]
		*count++
		return step(r)
	}
}

// config is one that retries at once.
func config(rt http.RoundTripper) transport.Config {
	return transport.Config{
		HTTPClient: &http.Client{Transport: rt}, APIVersion: "2000-01-01", UserAgent: "test/1",
		MaxRetries: 2, BaseDelay: 1, MaxDelay: 1, MaxRetryAfter: time.Minute,
		AttemptTimeout: 10 * time.Second, Timeout: time.Hour, Budget: transport.NewBudget(100, 1),
	}
}

// newCall is a write with a credential in its query.
func newCall(t *testing.T) transport.Call {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPatch, "https://clerk.test/v1/me?__dev_session=dvb_a%2Bb%2Fc", bytes.NewReader([]byte("body")))
	require.NoError(t, err)
	return transport.Call{Operation: "Op", Write: true, Request: req, Secret: credential}
}

type result struct {
	ID string `json:"id"`
}

func parse(text []byte) (*result, error) {
	var r result
	err := json.Unmarshal(text, &r)
	if err == nil && r.ID == "" {
		err = errors.New("no id")
	}
	if err != nil {
		return &r, fmt.Errorf("%w: %w", clerkerr.ErrDecode, err)
	}
	return &r, nil
}

func send(ctx context.Context, t *testing.T, c transport.Config, call transport.Call) (*result, error) {
	t.Helper()
	got, err := transport.Send(ctx, transport.New(c), call, parse)
	if err != nil {
		require.IsType(t, &clerkerr.Error{}, err)
	}
	return got, err
}

func fails(t *testing.T, c transport.Config) (*result, *clerkerr.Error) {
	t.Helper()
	got, err := send(t.Context(), t, c, newCall(t))
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	return got, e
}
