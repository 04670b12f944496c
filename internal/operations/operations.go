// Package operations lists the operations of Clerk's APIs.
package operations

import (
	_ "embed" // for the list
	"iter"
	"strings"
)

// text has an operation on each line. test/conformance generates it from Clerk's
// documents and compares the two.
//
//go:embed operations.txt
var text string

// Operation is an operation of one of Clerk's APIs.
type Operation struct {
	API    string // "bapi" or "fapi"
	Method string
	Path   string // with "*" for each id: "/v1/users/*/metadata"
	ID     string // the operationId
}

// All yields every operation of both APIs, ordered by API, method and path.
func All() iter.Seq[Operation] {
	return func(yield func(Operation) bool) {
		for line := range strings.Lines(text) {
			fields := strings.Fields(line)
			if fields[0] != "#" && !yield(Operation{fields[0], fields[1], fields[2], fields[3]}) {
				return
			}
		}
	}
}
