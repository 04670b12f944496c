package recorder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

// ErrNoDocuments says that CLERK_OPENAPI_DIR names no folder with Clerk's documents.
var ErrNoDocuments = errors.New("CLERK_OPENAPI_DIR names no folder with Clerk's OpenAPI documents: nothing was checked")

// Exemption is a departure from Clerk's documents that Check accepts.
type Exemption struct {
	Name   string
	Reason string
	// excuse changes the exchange into one that the documents describe, and reports whether
	// it changed anything.
	excuse func(*Exchange) bool
}

// Exemptions returns every departure that Check accepts.
func Exemptions() []Exemption {
	return []Exemption{
		{
			"browser's query", "the browser client sends these with every request, though no document names them",
			func(x *Exchange) bool {
				return x.Request.API == "fapi" && dropQuery(x, "_clerk_js_version", "__clerk_api_version", "_clerk_session_id", "debug")
			},
		},
		{
			"browser's form", "the browser client sends the visibility of its tab with a request for a token, and its language and time zone with a sign-up, which no document names",
			func(x *Exchange) bool {
				switch {
				case x.Request.API != "fapi":
					return false
				case strings.HasSuffix(x.Request.Path, "/tokens"):
					return dropForm(x, "tab_state")
				case strings.HasPrefix(x.Request.Path, "/v1/client/sign_ups"):
					return dropForm(x, "locale", "timezone")
				}
				return false
			},
		},
		{
			"_method", "the browser client POSTs what the documents call PATCH, PUT or DELETE, and names the method in the query",
			func(x *Exchange) bool {
				query, _ := url.ParseQuery(x.Request.Query)
				method := query.Get("_method")
				if x.Request.API != "fapi" || x.Request.Method != http.MethodPost || method == "" {
					return false
				}
				x.Request.Method = strings.ToUpper(method)
				return dropQuery(x, "_method")
			},
		},
		{
			"list's query at the count", "the official Go client sends a list's limit, offset and order_by to the count too",
			func(x *Exchange) bool {
				return x.Request.Path == "/v1/users/count" && dropQuery(x, "limit", "offset", "order_by")
			},
		},
		{
			"pages of a list", "Clerk's clients ask for pages of invitations and of sessions and read data and total_count, while the document has an array only",
			func(x *Exchange) bool {
				query, _ := url.ParseQuery(x.Request.Query)
				listed := x.Request.Path == "/v1/invitations" || x.Request.Path == "/v1/sessions"
				if !listed || query.Get("paginated") != "true" {
					return false
				}
				var page struct {
					Data json.RawMessage `json:"data"`
				}
				if json.Unmarshal([]byte(x.Answer.Body), &page) != nil || page.Data == nil {
					return false
				}
				x.Answer.Body = string(page.Data)
				return true
			},
		},
		{
			"body of a DELETE", "the official Go client sends null with every DELETE, and to revoke an invitation",
			func(x *Exchange) bool {
				revokes := x.Request.Method == http.MethodPost && strings.HasPrefix(x.Request.Path, "/v1/invitations/") && strings.HasSuffix(x.Request.Path, "/revoke")
				if x.Request.Method != http.MethodDelete && !revokes || x.Request.Body != "null" {
					return false
				}
				x.Request.Body = ""
				return true
			},
		},
		{
			"null in a replacement", "a PUT may set a field itself to null, which then is read as null, while the documents type it as an object",
			func(x *Exchange) (found bool) {
				if x.Request.API == "bapi" {
					// Package conformance exempts the request.
					x.Answer.Body, found = conformance.ObjectsForNulls(x.Answer.Body)
				}
				return found
			},
		},
	}
}

// undeclared are the errors that Clerk sends without declaring them for each operation.
var undeclared = map[int]string{
	http.StatusUnauthorized:          "every operation can be refused for its credential",
	http.StatusConflict:              "the catalogue has resource_locked, and no metadata operation declares it",
	http.StatusUnsupportedMediaType:  "the catalogue's",
	http.StatusRequestEntityTooLarge: "the catalogue's",
	http.StatusTooManyRequests:       "the rate limits are documented in a guide, not per operation",
	http.StatusInternalServerError:   "the catalogue's",
	http.StatusServiceUnavailable:    "the catalogue's",
}

// Checker compares exchanges with Clerk's documents.
type Checker struct {
	validators map[string]*conformance.Validator
}

// NewChecker reads Clerk's documents. The error is ErrNoDocuments where there are none.
func NewChecker() (*Checker, error) {
	dir := os.Getenv("CLERK_OPENAPI_DIR")
	c := &Checker{validators: map[string]*conformance.Validator{}}
	for api, base := range map[string]string{"bapi": "/v1", "fapi": "/"} {
		path := filepath.Join(dir, api+"-"+conformance.Version+".yml")
		if _, err := os.Stat(path); dir == "" || err != nil {
			return nil, ErrNoDocuments
		}
		doc, err := openapi3.NewLoader().LoadFromFile(path)
		if err != nil {
			return nil, err
		}
		if c.validators[api], err = conformance.NewValidator(doc, base); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Check returns what is wrong with an exchange, and which exemptions it needed. A request that
// Clerk refused may be wrong.
func (c *Checker) Check(ctx context.Context, x Exchange) (used []string, err error) {
	for _, e := range Exemptions() {
		if e.excuse(&x) {
			used = append(used, e.Name)
		}
	}
	v := c.validators[x.Request.API]
	var errs []error
	if refused := x.Answer.Status >= 400 && x.Answer.Status < 500; !refused {
		if err := v.Validate(ctx, x.Request); err != nil {
			errs = append(errs, fmt.Errorf("request: %w", err))
		}
	}
	declared, err := v.ValidateAnswer(ctx, x.Request, x.Answer)
	if err != nil {
		errs = append(errs, fmt.Errorf("answer %d: %w", x.Answer.Status, err))
	}
	if !declared && x.Answer.Status >= 400 {
		if _, ok := undeclared[x.Answer.Status]; ok {
			used = append(used, fmt.Sprintf("undeclared %d", x.Answer.Status))
		} else if err == nil {
			errs = append(errs, fmt.Errorf("answer: status %d is not declared", x.Answer.Status))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return used, fmt.Errorf("%s %s: %w", x.Request.Method, x.Request.Path, err)
	}
	return used, nil
}

// CheckAll checks exchanges and reports how many needed each exemption.
func (c *Checker) CheckAll(ctx context.Context, exchanges []Exchange) (report string, err error) {
	used := map[string]int{}
	var errs []error
	for _, x := range exchanges {
		names, err := c.Check(ctx, x)
		for _, name := range names {
			used[name]++
		}
		errs = append(errs, err)
	}
	if err = errors.Join(errs...); err != nil {
		err = fmt.Errorf("not as Clerk's documents say:\n%w", err)
	}
	return fmt.Sprintf("%d exchanges compared with Clerk's documents, exempted: %v", len(exchanges), used), err
}

func dropQuery(x *Exchange, names ...string) bool { return drop(&x.Request.Query, names) }

func dropForm(x *Exchange, names ...string) bool { return drop(&x.Request.Body, names) }

// drop takes parameters out of a query or a form.
func drop(encoded *string, names []string) bool {
	values, err := url.ParseQuery(*encoded)
	if err != nil {
		return false
	}
	dropped := false
	for _, name := range names {
		dropped = dropped || values.Has(name)
		values.Del(name)
	}
	if dropped {
		*encoded = values.Encode()
	}
	return dropped
}
