package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// refusal is how Clerk says no. Code and param are not looked at where they are
// "": which code says that a token is not known is one of the guesses.
type refusal struct {
	status      int
	code, param string
}

// of checks an error of the SDK.
func (r refusal) of(err error, meaning error) error {
	var e *clerkerr.Error
	switch {
	case err == nil:
		return errors.New("it was not refused")
	case !errors.As(err, &e):
		return err
	case !errors.Is(err, meaning):
		return fmt.Errorf("want %q: %w", meaning.Error(), err)
	case e.Status != r.status, r.code != "" && e.Code() != r.code, r.param != "" && e.Param() != r.param:
		return fmt.Errorf("want %d %s %s: %w", r.status, r.code, r.param, err)
	}
	return nil
}

const nobody = "user_clerkmetaLiveUnknown"

// refusals are the rows of the table of errors that the SDK can bring about.
func (i *instance) refusals() group {
	patch, large := calls.Only(unsafe, metadata.Patch{key: 1}), metadata.Of(map[string]any{key: strings.Repeat("x", 20_000)})
	refused := func(call string, in calls.Input, want refusal, meaning error) func(context.Context, fields) error {
		return func(ctx context.Context, _ fields) error { return want.of(i.call(ctx, call, in).Err, meaning) }
	}
	notFound := func(call string, in calls.Input) func(context.Context, fields) error {
		return refused(call, in, refusal{status: http.StatusNotFound, code: "resource_not_found"}, clerkerr.ErrNotFound)
	}
	g := group{name: "refusals", entity: i.user(), cases: []testcase{
		{"wrong secret key", func(ctx context.Context, _ fields) error {
			other, err := i.backend("sk_test_not_a_key")
			if err != nil {
				return err
			}
			r := calls.Named("users.UpdateUserMetadata").Do(ctx, calls.SDK{Client: other}, calls.Input{User: i.userID, Patch: patch})
			return refusal{http.StatusUnauthorized, "clerk_key_invalid", ""}.of(r.Err, clerkerr.ErrUnauthorized)
		}},
		{"unknown user, PATCH", notFound("users.UpdateUserMetadata", calls.Input{User: nobody, Patch: patch})},
		{"unknown user, PUT", notFound("users.ReplaceUserMetadata", calls.Input{User: nobody, Value: calls.Only(unsafe, metadata.Empty())})},
		{"unknown user, GET", notFound("users.GetUser", calls.Input{User: nobody})},
		{"over the size limit", refused("users.ReplaceUserMetadata", calls.Input{Value: calls.Only(unsafe, large)},
			refusal{http.StatusUnprocessableEntity, clerkerr.CodeExceedsAllowedSize, unsafe}, clerkerr.ErrTooLarge)},
	}}
	if i.organizationID != "" {
		patch := calls.Only(public, metadata.Patch{key: 1})
		g.cases = append(g.cases,
			testcase{"unknown organization", notFound("organizations.UpdateOrganizationMetadata",
				calls.Input{Organization: "org_clerkmetaLiveUnknown", Patch: patch})},
			testcase{"unknown membership (MissingMembership)", notFound("organizations.UpdateOrganizationMembershipMetadata",
				calls.Input{User: nobody, Patch: patch})})
	}
	return g
}

// hidden are the cases about what /v1/me shows and takes.
func (i *instance) hidden() group {
	e := i.signedInUser()
	return group{name: "refusals and privacy of me", entity: e, cases: []testcase{
		{"private metadata is never shown", func(ctx context.Context, _ fields) error {
			patch := metadata.Patch{key: 1}
			if _, err := e.owner.merge(ctx, calls.Fields[metadata.Patch]{Private: patch, Public: patch}); err != nil {
				return err
			}
			read := i.call(ctx, e.get, calls.Input{})
			written := i.call(ctx, e.update, calls.Input{Patch: calls.Only(unsafe, patch)})
			if err := errors.Join(read.Err, written.Err); err != nil {
				return err
			}
			for _, found := range slices.Concat(read.Found, written.Found) {
				u, isUser := found.(*me.User)
				if !isUser {
					return fmt.Errorf("the call returns a %T", found)
				}
				var members map[string]json.RawMessage
				if err := json.Unmarshal(u.Raw, &members); err != nil {
					return errors.New("the user is no JSON object")
				}
				shown, err := u.PublicMetadata.Map()
				if _, there := members[private]; there || err != nil || shown[key] == nil {
					return errors.Join(err, errors.New("private metadata is shown, or public metadata is not"))
				}
			}
			return nil
		}},
		{"unknown token (UnknownToken)", func(ctx context.Context, _ fields) error {
			_, _, err := i.frontend.GetMe(ctx, me.NativeToken("not_a_token"))
			return refusal{status: http.StatusUnauthorized}.of(err, clerkerr.ErrUnauthorized)
		}},
	}}
}

// faulty is a request that the SDK does not make.
type faulty struct {
	name, method, path string
	header             map[string]string // on top of the right ones; "" takes one away
	body               string
	want               refusal
}

// faults are the rows of the table of errors that only plain HTTP can bring about.
func (i *instance) faults() group {
	const metadataPath = "/users/{user}/metadata"
	g := group{name: "refusals by plain HTTP", entity: i.user()}
	for _, f := range []faulty{
		{"no Authorization", "GET", "/users/{user}", map[string]string{"Authorization": ""}, "", refusal{401, "authorization_header_format_invalid", ""}},
		{"unknown field", "PATCH", metadataPath, nil, `{"publicMetadata":{}}`, refusal{422, "form_param_unknown", "publicMetadata"}},
		{"metadata that is no object", "PUT", metadataPath, nil, `{"public_metadata":"{}"}`, refusal{422, "form_param_value_invalid", public}},
		{"invalid UTF-8", "PUT", metadataPath, nil, "{\"public_metadata\":{\"a\":\"\xff\"}}", refusal{422, "form_param_value_invalid", ""}},
		{"malformed JSON", "PATCH", metadataPath, nil, `{"public_metadata":`, refusal{400, "request_body_invalid", ""}},
		{"wrong Content-Type", "PATCH", metadataPath, map[string]string{"Content-Type": "text/plain"}, `{}`, refusal{415, "unsupported_content_type", ""}},
		{"unknown API version", "GET", "/users/{user}", map[string]string{"Clerk-API-Version": "1999-01-01"}, "", refusal{400, "api_version_invalid", ""}},
		{"API version in header and query", "GET", "/users/{user}?__clerk_api_version=2026-05-12", nil, "", refusal{400, "api_version_invalid", ""}},
	} {
		g.cases = append(g.cases, testcase{f.name, func(ctx context.Context, _ fields) error {
			address := i.backendURL + strings.ReplaceAll(f.path, "{user}", url.PathEscape(i.userID))
			return i.refuses(ctx, f, address, "Bearer "+i.secretKey, "application/json")
		}})
	}
	if i.clientToken == "" {
		return g
	}
	for _, f := range []faulty{
		{"unsafe_metadata missing", "PATCH", "/v1/me/metadata", nil, "", refusal{422, "form_param_missing", unsafe}},
		{"Origin and Authorization together", "GET", "/v1/me", map[string]string{"Origin": "https://example.com"}, "", refusal{400, "origin_authorization_headers_conflict", ""}},
	} {
		g.cases = append(g.cases, testcase{f.name, func(ctx context.Context, _ fields) error {
			return i.refuses(ctx, f, i.frontendURL+f.path+"?_is_native=1", "Bearer "+i.clientToken, "application/x-www-form-urlencoded")
		}})
	}
	return g
}

func (i *instance) refuses(ctx context.Context, f faulty, address, authorization, contentType string) error {
	req, err := http.NewRequestWithContext(ctx, f.method, address, strings.NewReader(f.body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", authorization)
	// Without a version Clerk answers as an older one, or as the instance's own.
	req.Header.Set("Clerk-API-Version", client.APIVersion)
	if f.method != http.MethodGet {
		req.Header.Set("Content-Type", contentType)
	}
	for name, value := range f.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := i.do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		Errors []struct {
			Code string `json:"code"`
			Meta struct {
				Param string `json:"param_name"`
			} `json:"meta"`
		} `json:"errors"`
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	got := refusal{status: resp.StatusCode}
	if json.Unmarshal(text, &body) == nil && len(body.Errors) > 0 {
		got.code, got.param = body.Errors[0].Code, body.Errors[0].Meta.Param
	}
	if f.want.param == "" {
		got.param = ""
	}
	if got != f.want {
		return fmt.Errorf("want %v, got %v", f.want, got)
	}
	return nil
}
