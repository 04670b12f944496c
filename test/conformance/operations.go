package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// OperationsHeader is the first line of clerktest's list of operations.
const OperationsHeader = "# Generated from Clerk's OpenAPI documents of " + Version + " by test/conformance. DO NOT EDIT.\n"

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// Operations is every operation of a document, one a line, in the form of clerktest's list: the API, the method, the path behind
// the base path with * for each parameter, and the operationId.
func Operations(api, base string, doc *openapi3.T) string {
	var lines []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			lines = append(lines, fmt.Sprintf("%s %s %s %s\n", api, method, base+pathParameter.ReplaceAllString(path, "*"), op.OperationID))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
