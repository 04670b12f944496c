package live

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ErrNotApplicable means that the target lacks the subject of the question.
var ErrNotApplicable = errors.New("not applicable to this target")

// Target is the instance to ask. Probes overwrite the metadata of its user.
type Target struct {
	// Do sends a request; a caller can pace or log here.
	Do func(*http.Request) (*http.Response, error)
	// BackendURL is the Backend API's base URL with /v1, FrontendURL the
	// Frontend API's without; "" if there is none.
	BackendURL, FrontendURL string
	SecretKey               string
	// UserID is the user to write to; it must not be a member of OrganizationID.
	UserID, OrganizationID string
	// ClientToken is a native app's token in which the user is signed in.
	ClientToken string
}

// Probe asks one question.
type Probe func(context.Context, Target) (answer string, err error)

// asker keeps the first error, so that a probe reads as its requests.
type asker struct {
	Target

	ctx context.Context // an asker lives for one probe
	err error
	// version is the API version of the requests, "" to name none.
	version string
}

// The version that questions are asked of, and the one before it.
const (
	newest = "2026-05-12"
	older  = "2025-11-10"
)

type reply struct {
	status int
	header http.Header
	body   struct {
		Unsafe json.RawMessage `json:"unsafe_metadata"`
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
}

// code is the error's code, or the status where there is none.
func (r reply) code() string {
	if len(r.body.Errors) == 0 {
		return fmt.Sprintf("status %d", r.status)
	}
	return r.body.Errors[0].Code
}

// accepted returns yes for a success, no for a request that Clerk found faulty, and the
// code of anything else, such as a 429.
func (r reply) accepted(yes, no string) string {
	switch r.status {
	case http.StatusOK:
		return yes
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return no
	}
	return r.code()
}

// translate returns what the unsafe metadata of the answer means, or the error's code.
func (r reply) translate(answers map[string]string) string {
	if r.status != http.StatusOK {
		return r.code()
	}
	got := string(r.body.Unsafe)
	return cmp.Or(answers[got], got)
}

// refused is translate for a question that Clerk may also answer with a refusal.
func (r reply) refused(answers map[string]string) string {
	return r.accepted(r.translate(answers), "refused")
}

func (a *asker) send(method, address, contentType, authorization, body string) reply {
	var r reply
	if a.err != nil {
		return r
	}
	req, err := http.NewRequestWithContext(a.ctx, method, address, strings.NewReader(body))
	if err != nil {
		a.err = err
		return r
	}
	req.Header.Set("Authorization", authorization)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if a.version != "" {
		req.Header.Set("Clerk-API-Version", a.version)
	}
	var resp *http.Response
	if resp, a.err = a.Do(req); a.err != nil {
		return r
	}
	defer func() { _ = resp.Body.Close() }()
	var text []byte
	if text, a.err = io.ReadAll(io.LimitReader(resp.Body, 1<<20)); a.err != nil {
		return r
	}
	r.status, r.header = resp.StatusCode, resp.Header
	if json.Unmarshal(text, &r.body) != nil {
		return r // a list, or no JSON: the status has to do
	}
	var compact bytes.Buffer
	if json.Compact(&compact, r.body.Unsafe) == nil {
		r.body.Unsafe = compact.Bytes()
	}
	return r
}

func (a *asker) backend(method, path, contentType, body string) reply {
	return a.send(method, a.BackendURL+path, contentType, "Bearer "+a.SecretKey, body)
}

const jsonType = "application/json"

func (a *asker) user(method, body string) reply {
	return a.backend(method, "/users/"+url.PathEscape(a.UserID)+"/metadata", jsonType, body)
}

func (a *asker) put(unsafe string) reply   { return a.user(http.MethodPut, field(unsafe)) }
func (a *asker) patch(unsafe string) reply { return a.user(http.MethodPatch, field(unsafe)) }

// set replaces the user's unsafe metadata and empties the other fields, so that no older
// content counts. A question after a failed set means nothing.
func (a *asker) set(unsafe string) {
	r := a.user(http.MethodPut, `{"public_metadata":{},"private_metadata":{},"unsafe_metadata":`+unsafe+`}`)
	if a.err == nil && r.status != http.StatusOK {
		a.err = fmt.Errorf("preparing the user failed: %s", r.code())
	}
}

func (a *asker) list(query string) reply { return a.backend(http.MethodGet, "/users?"+query, "", "") }

// me reads the signed-in user, as a native app does.
func (a *asker) me(token, query string) reply {
	if a.err == nil && (a.FrontendURL == "" || a.ClientToken == "") {
		a.err = ErrNotApplicable
	}
	return a.send(http.MethodGet, a.FrontendURL+"/v1/me?_is_native=1"+query, "", token, "")
}

func field(unsafe string) string { return `{"unsafe_metadata":` + unsafe + `}` }

// sized is an object that is n bytes long.
func sized(key string, n int) string {
	return `{"` + key + `":"` + strings.Repeat("x", n-len(key)-7) + `"}`
}
