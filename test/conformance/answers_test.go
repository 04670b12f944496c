package conformance_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

func TestValidateAnswer(t *testing.T) {
	t.Parallel()
	bapi := validators(t)["bapi"]
	header := http.Header{"Content-Type": {"application/json"}}
	count := conformance.Request{API: "bapi", Method: "GET", Path: "/v1/users/count"}
	require.NoError(t, bapi.Validate(t.Context(), count), "a request need not name its operation")
	const refusal = `{"errors":[{"message":"a","long_message":"b","code":"c"}]}`

	for name, tt := range map[string]struct {
		answer   conformance.Answer
		declared bool
		want     string // what the error says; "" for none
	}{
		"right":                   {conformance.Answer{Status: 200, Header: header, Body: `{"object":"total_count","total_count":3}`}, true, ""},
		"declared error":          {conformance.Answer{Status: 422, Header: header, Body: refusal}, true, ""},
		"undeclared error":        {conformance.Answer{Status: 429, Header: header, Body: refusal}, false, ""},
		"wrong type":              {conformance.Answer{Status: 200, Header: header, Body: `{"object":"total_count","total_count":"3"}`}, true, "total_count"},
		"missing field":           {conformance.Answer{Status: 200, Header: header, Body: `{"object":"total_count"}`}, true, "total_count"},
		"content type":            {conformance.Answer{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: `{}`}, true, "Content-Type"},
		"undeclared success":      {conformance.Answer{Status: 201, Header: header, Body: `{}`}, false, "status 201"},
		"undeclared error's body": {conformance.Answer{Status: 429, Header: header, Body: `{"errors":[{"code":"c"}]}`}, false, "message"},
		"undeclared error's type": {conformance.Answer{Status: 503, Body: `<html>`}, false, "content type"},
		"undeclared error's JSON": {conformance.Answer{Status: 503, Header: header, Body: `<html>`}, false, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			declared, err := bapi.ValidateAnswer(t.Context(), count, tt.answer)
			require.Equal(t, tt.declared, declared)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	_, err := bapi.ValidateAnswer(t.Context(), conformance.Request{Method: "GET", Path: "/v1/nothing"}, conformance.Answer{Status: 404})
	require.ErrorContains(t, err, "no matching operation")
}
