// Command clerkmeta-vet finds what Clerk's API version 2026-05-12 changes for a Go program:
//
//	clerkmeta-vet [-fix] [-diff] ./...
//	go vet -vettool=$(which clerkmeta-vet) ./...
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet"
)

func main() {
	multichecker.Main(vet.Analyzers()...)
}
