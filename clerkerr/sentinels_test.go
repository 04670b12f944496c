package clerkerr_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

var sentinels = []error{
	clerkerr.ErrInvalidArgument, clerkerr.ErrNothingToWrite, clerkerr.ErrInvalid, clerkerr.ErrTooLarge,
	clerkerr.ErrUnauthorized, clerkerr.ErrCredentialConflict, clerkerr.ErrForbidden, clerkerr.ErrNotFound, clerkerr.ErrConflict, clerkerr.ErrLocked,
	clerkerr.ErrManaged, clerkerr.ErrRateLimited, clerkerr.ErrServer, clerkerr.ErrRedirect, clerkerr.ErrTransport,
	clerkerr.ErrDecode, clerkerr.ErrResponseTooLarge, clerkerr.ErrLocalLimit,
}

// requireMeanings checks that err has exactly these meanings and no other.
func requireMeanings(t *testing.T, err error, want ...error) {
	t.Helper()
	var got []error
	for _, s := range sentinels {
		if errors.Is(err, s) {
			got = append(got, s)
		}
	}
	require.ElementsMatch(t, want, got, "%v", err)
}

func TestMeanings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		code   string
		want   []error
	}{
		{0, "", nil},
		{http.StatusOK, "", nil},
		{299, "", nil},
		{http.StatusMultipleChoices, "", []error{clerkerr.ErrRedirect}},
		{http.StatusPermanentRedirect, "", []error{clerkerr.ErrRedirect}},
		{399, "", []error{clerkerr.ErrRedirect}},
		{http.StatusBadRequest, "request_body_invalid", []error{clerkerr.ErrInvalid}},
		{http.StatusBadRequest, "api_version_invalid", []error{clerkerr.ErrInvalid}},
		{http.StatusBadRequest, clerkerr.CodeOriginConflict, []error{clerkerr.ErrInvalid, clerkerr.ErrCredentialConflict}},
		{http.StatusUnauthorized, "authorization_header_format_invalid", []error{clerkerr.ErrUnauthorized}},
		{http.StatusUnauthorized, "clerk_key_invalid", []error{clerkerr.ErrUnauthorized}},
		{http.StatusForbidden, "organization_not_enabled_in_instance", []error{clerkerr.ErrForbidden}},
		{http.StatusNotFound, "resource_not_found", []error{clerkerr.ErrNotFound}},
		{http.StatusMethodNotAllowed, "", nil},
		{http.StatusRequestTimeout, "", nil},
		{http.StatusConflict, "", []error{clerkerr.ErrConflict}},
		{http.StatusConflict, clerkerr.CodeResourceLocked, []error{clerkerr.ErrConflict, clerkerr.ErrLocked}},
		{http.StatusConflict, clerkerr.CodeManagedBySCIM, []error{clerkerr.ErrConflict, clerkerr.ErrManaged}},
		{http.StatusRequestEntityTooLarge, "request_body_too_large", []error{clerkerr.ErrTooLarge}},
		{http.StatusUnsupportedMediaType, "unsupported_content_type", []error{clerkerr.ErrInvalid}},
		{http.StatusUnprocessableEntity, "form_param_unknown", []error{clerkerr.ErrInvalid}},
		{http.StatusUnprocessableEntity, "form_param_value_invalid", []error{clerkerr.ErrInvalid}},
		{http.StatusUnprocessableEntity, clerkerr.CodeExceedsAllowedSize, []error{clerkerr.ErrInvalid, clerkerr.ErrTooLarge}},
		{http.StatusTooEarly, "", nil},
		{http.StatusTooManyRequests, "too_many_requests", []error{clerkerr.ErrRateLimited}},
		{http.StatusInternalServerError, "internal_clerk_error", []error{clerkerr.ErrServer}},
		{http.StatusServiceUnavailable, "service_unavailable", []error{clerkerr.ErrServer}},
		{http.StatusGatewayTimeout, "gateway_timeout", []error{clerkerr.ErrServer}},
		{599, "", []error{clerkerr.ErrServer}},
		{600, "", nil},
	} {
		e := &clerkerr.Error{Status: test.status}
		if test.code != "" {
			e.Details = []clerkerr.Detail{{Code: "other"}, {Code: test.code}}
		}
		requireMeanings(t, e, test.want...)
		requireMeanings(t, fmt.Errorf("wrapped: %w", e), test.want...)
	}
}

func TestMeaningsOfCauses(t *testing.T) {
	t.Parallel()
	for _, s := range sentinels {
		requireMeanings(t, s, s)
		requireMeanings(t, &clerkerr.Error{Err: fmt.Errorf("cause: %w", s)}, s)
		if !errors.Is(clerkerr.Invalid("GetUser", "", nil), s) {
			requireMeanings(t, clerkerr.Invalid("GetUser", "", s), clerkerr.ErrInvalidArgument, clerkerr.ErrInvalid, s)
		}
	}
	requireMeanings(t, clerkerr.Invalid("GetUser", "user_id", nil), clerkerr.ErrInvalidArgument, clerkerr.ErrInvalid)
	requireMeanings(t, &clerkerr.Error{Status: 200, Err: fmt.Errorf("%w: %w", clerkerr.ErrDecode, clerkerr.ErrResponseTooLarge)},
		clerkerr.ErrDecode, clerkerr.ErrResponseTooLarge)
}
