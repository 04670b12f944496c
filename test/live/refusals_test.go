package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
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
	patch := metadata.Patch{key: 1}
	notFound := refusal{status: http.StatusNotFound, code: "resource_not_found"}
	g := group{name: "refusals", entity: i.user(), cases: []testcase{
		{"wrong secret key", func(ctx context.Context, _ fields) error {
			other, err := i.backend("sk_test_not_a_key")
			if err != nil {
				return err
			}
			_, err = other.Users.UpdateUserMetadata(ctx, i.userID, users.UpdateUserMetadataParams{UnsafeMetadata: patch})
			return refusal{http.StatusUnauthorized, "clerk_key_invalid", ""}.of(err, clerkerr.ErrUnauthorized)
		}},
		{"unknown user, PATCH", func(ctx context.Context, _ fields) error {
			_, err := i.api.Users.UpdateUserMetadata(ctx, nobody, users.UpdateUserMetadataParams{UnsafeMetadata: patch})
			return notFound.of(err, clerkerr.ErrNotFound)
		}},
		{"unknown user, PUT", func(ctx context.Context, _ fields) error {
			_, err := i.api.Users.ReplaceUserMetadata(ctx, nobody, users.ReplaceUserMetadataParams{UnsafeMetadata: metadata.Empty()})
			return notFound.of(err, clerkerr.ErrNotFound)
		}},
		{"unknown user, GET", func(ctx context.Context, _ fields) error {
			_, err := i.api.Users.GetUser(ctx, nobody)
			return notFound.of(err, clerkerr.ErrNotFound)
		}},
		{"over the size limit", func(ctx context.Context, _ fields) error {
			_, err := i.api.Users.ReplaceUserMetadata(ctx, i.userID, users.ReplaceUserMetadataParams{
				UnsafeMetadata: metadata.Of(map[string]any{key: strings.Repeat("x", 20_000)}),
			})
			return refusal{http.StatusUnprocessableEntity, clerkerr.CodeExceedsAllowedSize, unsafe}.of(err, clerkerr.ErrTooLarge)
		}},
	}}
	if i.organizationID != "" {
		g.cases = append(g.cases, testcase{"unknown organization", func(ctx context.Context, _ fields) error {
			_, err := i.api.Organizations.UpdateOrganizationMetadata(ctx, "org_clerkmetaLiveUnknown",
				organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch})
			return notFound.of(err, clerkerr.ErrNotFound)
		}}, testcase{"unknown membership (MissingMembership)", func(ctx context.Context, _ fields) error {
			_, err := i.api.Organizations.UpdateOrganizationMembershipMetadata(ctx, i.organizationID, nobody,
				organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch})
			return notFound.of(err, clerkerr.ErrNotFound)
		}})
	}
	return g
}

// hidden are the cases about what /v1/me shows and takes.
func (i *instance) hidden() group {
	e := i.signedInUser()
	return group{name: "refusals and privacy of me", entity: e, cases: []testcase{
		{"private metadata is never shown", func(ctx context.Context, _ fields) error {
			if _, err := e.owner.merge(ctx, patches{private: {key: 1}, public: {key: 1}}); err != nil {
				return err
			}
			read, rotation, err := i.frontend.GetMe(ctx, i.credential)
			i.rotated(rotation.Token())
			if err != nil {
				return err
			}
			written, rotation, err := i.frontend.UpdateMetadata(ctx, i.credential, metadata.Patch{key: 1})
			i.rotated(rotation.Token())
			if err != nil {
				return err
			}
			for _, u := range []*me.User{read, written} {
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
