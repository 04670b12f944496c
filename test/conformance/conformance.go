// Package conformance compares the project's OpenAPI documents, and the requests of its tests, with the
// documents that Clerk publishes. It is a separate module, which keeps the validator out of the SDK's
// module graph.
//
// CLERK_OPENAPI_DIR names a folder with Clerk's documents, bapi-2026-05-12.yml, fapi-2026-05-12.yml and
// webhooks-2025-04-15.yml, CLERKMETA_RECORD_DIR one of *.ndjson files with recorded requests. Tests without
// the folder that they need are skipped.
package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Version is the version of Clerk's API whose documents are compared. Clerk's file names carry it.
const Version = "2026-05-12"

// OperationsHeader is the first line of clerktest's list of operations.
const OperationsHeader = "# Generated from Clerk's OpenAPI documents of " + Version + " by test/conformance. DO NOT EDIT.\n"

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// Operations returns every operation of a document, one a line, in the form of clerktest's list: the API, the
// method, the path behind the base path with * for each parameter, and the operationId.
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
