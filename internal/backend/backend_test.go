package backend_test

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
	"github.com/clerkmeta/clerkmeta-go/internal/backend"
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

func api() *backend.API {
	return &backend.API{
		Transport: transport.New(transport.Config{
			HTTPClient:     &http.Client{Transport: inprocess.Transport(http.HandlerFunc(echo))},
			AttemptTimeout: time.Minute, Timeout: time.Minute,
		}),
		BaseURL: "https://clerk.test/v1", Key: secret.New("key", ""), MaxFieldSize: 10,
	}
}

func parse(text []byte) (*string, error) {
	s := string(text)
	return &s, nil
}

func build(contentType string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPatch, "https://clerk.test/v1/x", body)
	if err == nil {
		req.Header.Set("Content-Type", contentType)
	}
	return req, err
}

func TestWrite(t *testing.T) {
	t.Parallel()
	f := api().Fields("Op")
	field := f.Patch(entity.PublicMetadata, metadata.Patch{"a": "<&>\u2028"})
	req, err := build("application/json", bytes.NewReader(field))
	require.NoError(t, err)
	got, err := backend.Write(t.Context(), api(), f, backend.User("user_1"), req, nil, parse)
	require.NoError(t, err)
	require.Equal(t, "[\"Bearer key application/json\",{\"a\":\"<&>\u2028\"}]", *got)

	_, err = backend.Write(t.Context(), api(), api().Fields("Op"), backend.User("user_1"), req, nil, parse)
	require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)
	_, err = backend.Write(t.Context(), api(), f, backend.User("user_1"), nil, io.ErrUnexpectedEOF, parse)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "a request that could not be built")
}

func TestGet(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequest(http.MethodGet, "https://clerk.test/v1/x", strings.NewReader("1"))
	require.NoError(t, err)
	got, err := backend.Get(t.Context(), api(), "Op", req, nil, parse)
	require.NoError(t, err)
	require.Equal(t, `["Bearer key ",1]`, *got)

	broken := errors.New("no request")
	got, err = backend.Get(t.Context(), api(), "Op", nil, broken, parse)
	require.Nil(t, got)
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
}

func TestEntities(t *testing.T) {
	t.Parallel()
	require.Equal(t, "user/1", backend.User("1"))
	require.Equal(t, "organization/1", backend.Organization("1"))
	require.Equal(t, "membership/1/2", backend.Membership("1", "2"))
}

func TestFields(t *testing.T) {
	t.Parallel()
	f := api().Fields("Op")
	require.Equal(t, "Op", f.Operation)
	require.Equal(t, 10, f.MaxSize)
}
