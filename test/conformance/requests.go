package conformance

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Request is a recorded request, one line of an *.ndjson file. Credentials are left out.
type Request struct {
	API       string      `json:"api"`
	Operation string      `json:"operation"`
	Method    string      `json:"method"`
	Path      string      `json:"path"`
	Query     string      `json:"query"`
	Header    http.Header `json:"header"`
	Body      string      `json:"body"`
}

// ReadRequests reads every *.ndjson file of a folder. The keys of the result say where each request stands.
func ReadRequests(dir string) (map[string]Request, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		return nil, err
	}
	requests := map[string]Request{}
	for _, file := range files {
		if err := readFile(file, requests); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

func readFile(file string, into map[string]Request) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		at := fmt.Sprintf("%s:%d", filepath.Base(file), n)
		var r Request
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&r); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		into[at] = r
	}
	return lines.Err()
}

// Validator checks requests against one of Clerk's documents.
type Validator struct {
	router  routers.Router
	options *openapi3filter.Options
	// extra are query parameters that any operation takes: credentials and the API version.
	extra []string
	// problem is the shape that all errors have.
	problem *openapi3.Schema
}

// NewValidator prepares a document for validating requests whose paths start with base.
// It changes the document's servers.
func NewValidator(doc *openapi3.T, base string) (*Validator, error) {
	// A server without a host takes requests to any host.
	doc.Servers = openapi3.Servers{{URL: base}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	v := &Validator{
		router: router,
		options: &openapi3filter.Options{
			AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
			RejectWhenRequestBodyNotSpecified: true,
			SkipSettingDefaults:               true,
			MultiError:                        true,
		},
		// Browsers send the last three although no document names them.
		extra: []string{"__clerk_api_version", "__clerk_db_jwt", "_clerk_session_id"},
	}
	for _, s := range doc.Components.SecuritySchemes {
		if s.Value.In == openapi3.ParameterInQuery {
			v.extra = append(v.extra, s.Value.Name)
		}
	}
	if s := doc.Components.Schemas["ClerkErrors"]; s != nil {
		v.problem = s.Value
	}
	return v, nil
}

// Validate checks method, path, parameters, content type and body, and that this is the operation named,
// if one is.
func (v *Validator) Validate(ctx context.Context, r Request) error {
	body, err := withoutReplacedNulls(r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, "https://clerk.example.com"+r.Path+"?"+r.Query, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if len(body) == 0 {
		req.Body = http.NoBody
	}
	req.Header = r.Header.Clone()
	route, pathParams, err := v.router.FindRoute(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	if r.Operation != "" && route.Operation.OperationID != r.Operation {
		return fmt.Errorf("%s %s is %s, not %s", r.Method, r.Path, route.Operation.OperationID, r.Operation)
	}
	if err := v.undeclared(req, route, body); err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
		Request: req, PathParams: pathParams, Route: route, Options: v.options,
	})
}

// undeclared refuses query parameters and form fields that the document doesn't name. The validator ignores them.
func (v *Validator) undeclared(req *http.Request, route *routers.Route, body []byte) error {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return err
	}
	declared := parameters(route.PathItem, route.Operation)
	var errs []error
	for _, name := range keys(query) {
		if declared["query parameter "+name] == nil && !slices.Contains(v.extra, name) {
			errs = append(errs, fmt.Errorf("query parameter %q is not declared", name))
		}
	}
	mediaType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err == nil && mediaType == "application/x-www-form-urlencoded" && route.Operation.RequestBody != nil {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return err
		}
		if media := route.Operation.RequestBody.Value.Content.Get(mediaType); media != nil {
			fields := flatten(media.Schema).properties()
			for _, name := range keys(form) {
				if fields[name] == nil {
					errs = append(errs, fmt.Errorf("form field %q is not declared", name))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// withoutReplacedNulls stands an object in for a metadata field that a replacement sets to null:
// Clerk takes it, though its document types the field as an object.
func withoutReplacedNulls(r Request) ([]byte, error) {
	var fields map[string]json.RawMessage
	if r.Method != http.MethodPut || json.Unmarshal([]byte(r.Body), &fields) != nil || fields == nil {
		return []byte(r.Body), nil
	}
	for _, name := range []string{"public_metadata", "private_metadata", "unsafe_metadata"} {
		if string(fields[name]) == "null" {
			fields[name] = json.RawMessage("{}")
		}
	}
	return json.Marshal(fields)
}
