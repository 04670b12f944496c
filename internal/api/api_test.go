package api_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// echo answers with what it got: the key, the content type and the body.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `["`+r.Header.Get("Authorization")+" "+r.Header.Get("Content-Type")+`",`+string(body)+`]`)
}

func backend() *api.Backend {
	return api.NewBackend(api.Config{
		Transport: transport.New(transport.Config{
			HTTPClient:     &http.Client{Transport: inprocess.Transport(http.HandlerFunc(echo))},
			AttemptTimeout: time.Minute, Timeout: time.Minute,
		}),
		BaseURL: "https://clerk.test/v1", MaxFieldSize: 10,
	}, secret.New("key", ""))
}

func parse(text []byte) (*string, error) {
	s := string(text)
	return &s, nil
}

func build(c *api.Call, contentType string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPatch, c.BaseURL+"/x", body)
	if err == nil {
		req.Header.Set("Content-Type", contentType)
	}
	return req, err
}

func TestWrite(t *testing.T) {
	t.Parallel()
	c := backend().Call(t.Context(), "Op", "user/1")
	field := c.Patch(entity.PublicMetadata, metadata.Patch{"a": "<&>\u2028"})
	req, err := build(c, "application/json", bytes.NewReader(field))
	got, err := api.Send(t.Context(), c, req, err, parse)
	require.NoError(t, err)
	require.Equal(t, "[\"Bearer key application/json\",{\"a\":\"<&>\u2028\"}]", *got)

	_, err = api.Send(t.Context(), c, nil, io.ErrUnexpectedEOF, parse)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "a request that could not be built")

	c = backend().Call(t.Context(), "Op", "user/1")
	c.Patch(entity.PublicMetadata, nil)
	_, err = api.Send(t.Context(), c, req, nil, parse)
	require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)

	c = backend().Call(t.Context(), "Op", "user/1")
	c.Value(entity.PublicMetadata, metadata.Of(map[string]string{"a": "0123456789"}))
	_, err = api.Send(t.Context(), c, req, nil, parse)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
}

func TestRead(t *testing.T) {
	t.Parallel()
	c := backend().Call(t.Context(), "Op", "")
	req, err := build(c, "", strings.NewReader("1"))
	got, err := api.Send(t.Context(), c, req, err, parse)
	require.NoError(t, err)
	require.Equal(t, `["Bearer key ",1]`, *got)

	broken := errors.New("no request")
	got, err = api.Send(t.Context(), c, nil, broken, parse)
	require.Nil(t, got)
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
}

// The first check that fails is the error.
func TestChecks(t *testing.T) {
	t.Parallel()
	c := backend().Call(nil, "Op", "") //nolint:staticcheck // what is tested
	c.Check(errors.New("another"))
	require.ErrorContains(t, c.Err(), "clerk: Op: ctx: is nil")

	for name, c := range map[string]*api.Call{
		"client.New":          (*api.Backend)(nil).Call(t.Context(), "Op", ""),
		"client.New ":         new(api.Backend).Call(t.Context(), "Op", ""),
		"client.NewFrontend":  (*api.Frontend)(nil).Call(t.Context(), "Op"),
		"client.NewFrontend ": new(api.Frontend).Call(t.Context(), "Op"),
	} {
		require.ErrorIs(t, c.Err(), clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, c.Err(), "clerk: Op: service: is nil or zero: make it with "+strings.TrimSpace(name))
	}
	(*api.Frontend)(nil).CloseIdleConnections()
	new(api.Frontend).CloseIdleConnections()
}

func TestMaxFieldSize(t *testing.T) {
	t.Parallel()
	require.Equal(t, 10, backend().MaxFieldSize())
	require.Equal(t, 10, api.NewFrontend(api.Config{MaxFieldSize: 10}).MaxFieldSize())
	require.Zero(t, (*api.Backend)(nil).MaxFieldSize())
	require.Zero(t, (*api.Frontend)(nil).MaxFieldSize())
}
