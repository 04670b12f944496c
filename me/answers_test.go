package me_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, says string }{
		"no response": {`{"client":null}`, "not valid JSON, 0 bytes"},
		"a list":      {`[]`, `has a type that is not documented`},
		"null user":   {`{"response":null}`, `field "id" is missing`},
		"no id":       {`{"response":{"unsafe_metadata":{}}}`, `field "id" is missing`},
		"unsafe":      {`{"response":{"id":"user_1","unsafe_metadata":[]}}`, `field "unsafe_metadata"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body(tc.body), Request: r}, nil
			})
			svc, err := client.NewFrontend("https://clerk.example.com", client.WithHTTPClient(&http.Client{Transport: rt}))
			require.NoError(t, err)
			user, _, err := svc.UpdateMetadata(t.Context(), me.Cookie("abc"), metadata.Patch{"a": 1})
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.ErrorContains(t, err, tc.says)
			require.NotNil(t, user, "what could be read comes along")
			var e *clerkerr.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, clerkerr.OutcomeApplied, e.Outcome)
		})
	}
}

// Of an answer that breaks off behind the user, the user is what could be read.
func TestAnswerThatIsCutShort(t *testing.T) {
	t.Parallel()
	const user = `{"id":"user_1","unsafe_metadata":{"a":1}}`
	rt := roundTrip(func(r *http.Request) (*http.Response, error) {
		cut := io.MultiReader(strings.NewReader(`{"response":`+user+`,"client":{"id":`), iotest.ErrReader(io.ErrUnexpectedEOF))
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(cut), Request: r}, nil
	})
	svc, err := client.NewFrontend("https://clerk.example.com", client.WithHTTPClient(&http.Client{Transport: rt}), client.WithRetry(client.Retry{MaxRetries: client.None}))
	require.NoError(t, err)
	got, _, err := svc.UpdateMetadata(t.Context(), me.Cookie("abc"), metadata.Patch{"a": 1})
	require.ErrorIs(t, err, clerkerr.ErrTransport)
	require.NotNil(t, got)
	require.Equal(t, "user_1", got.ID)
	require.JSONEq(t, `{"a":1}`, got.UnsafeMetadata.String())
	require.Equal(t, user, string(got.Raw), "the client's half is left out")
}
