package conformance

import (
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
	"strings"

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

// ReadRequests reads every *.ndjson file of a folder. A key of the result is a request's file and line.
func ReadRequests(dir string) (map[string]Request, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		return nil, err
	}
	requests := map[string]Request{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		lines := json.NewDecoder(bytes.NewReader(data))
		lines.DisallowUnknownFields()
		for n := 1; lines.More(); n++ {
			at := fmt.Sprintf("%s:%d", filepath.Base(file), n)
			var r Request
			if err := lines.Decode(&r); err != nil {
				return nil, fmt.Errorf("%s: %w", at, err)
			}
			requests[at] = r
		}
	}
	return requests, nil
}

// Validator checks requests against one of Clerk's documents.
type Validator struct {
	router  routers.Router
	options *openapi3filter.Options
	extra   []string         // query parameters that any operation takes: credentials and the API version
	problem *openapi3.Schema // the shape that all errors have
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

// Validate checks method, path, parameters, content type and body, and the operation if r names one.
func (v *Validator) Validate(ctx context.Context, r Request) error {
	body := r.Body
	if r.Method == http.MethodPut {
		body, _ = ObjectsForNulls(body)
	}
	input, err := v.input(ctx, r, body)
	if err != nil {
		return err
	}
	if id := input.Route.Operation.OperationID; r.Operation != "" && id != r.Operation {
		return fmt.Errorf("%s %s is %s, not %s", r.Method, r.Path, id, r.Operation)
	}
	if err := v.undeclared(input.Request, input.Route, body); err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(ctx, input)
}

// input finds the operation of a request.
func (v *Validator) input(ctx context.Context, r Request, body string) (*openapi3filter.RequestValidationInput, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, "https://clerk.example.com"+r.Path+"?"+r.Query, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	route, pathParams, err := v.router.FindRoute(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	return &openapi3filter.RequestValidationInput{Request: req, PathParams: pathParams, Route: route, Options: v.options}, nil
}

// undeclared refuses query parameters and form fields that the document doesn't name. The validator ignores them.
func (v *Validator) undeclared(req *http.Request, route *routers.Route, body string) error {
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
		form, err := url.ParseQuery(body)
		if err != nil {
			return err
		}
		if media := route.Operation.RequestBody.Value.Content.Get(mediaType); media != nil {
			fields := flatten(media.Schema).parts
			for _, name := range keys(form) {
				if fields["field "+name] == nil {
					errs = append(errs, fmt.Errorf("form field %q is not declared", name))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// ObjectsForNulls writes {} for each metadata field that is null at the top of a body, and reports whether
// there is one. Clerk takes a null in a replacement, though its document types the field as an object.
func ObjectsForNulls(body string) (string, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &fields) != nil {
		return body, false
	}
	found := false
	for _, name := range []string{"public_metadata", "private_metadata", "unsafe_metadata"} {
		if string(fields[name]) == "null" {
			fields[name], found = json.RawMessage("{}"), true
		}
	}
	if !found {
		return body, false
	}
	text, _ := json.Marshal(fields) // of texts that were parsed
	return string(text), true
}

// Answer is the answer to a recorded request.
type Answer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
}

// ValidateAnswer checks status, content type and body of the answer to a request. Clerk sends more
// errors than its documents declare for an operation: for those, declared is false and the body is
// checked against the documents' common shape of an error.
func (v *Validator) ValidateAnswer(ctx context.Context, r Request, a Answer) (declared bool, err error) {
	request, err := v.input(ctx, r, "")
	if err != nil {
		return false, err
	}
	responses := request.Route.Operation.Responses
	if responses.Status(a.Status) == nil && responses.Default() == nil {
		if a.Status < http.StatusBadRequest {
			return false, fmt.Errorf("status %d is not declared", a.Status)
		}
		return false, v.errorBody(a)
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: a.Status, Header: a.Header, Options: v.options,
	}
	input.SetBodyBytes([]byte(a.Body))
	return true, openapi3filter.ValidateResponse(ctx, input)
}

// errorBody checks an error that its operation does not declare.
func (v *Validator) errorBody(a Answer) error {
	if v.problem == nil {
		return errors.New("the document has no common shape of an error")
	}
	contentType, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil || contentType != "application/json" {
		return fmt.Errorf("an error of content type %q", a.Header.Get("Content-Type"))
	}
	var value any
	if err := json.Unmarshal([]byte(a.Body), &value); err != nil {
		return err
	}
	return v.problem.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors())
}
