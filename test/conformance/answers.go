package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

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
