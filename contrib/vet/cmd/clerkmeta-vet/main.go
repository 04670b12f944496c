// Command clerkmeta-vet finds what Clerk's API version 2026-05-12 changes for a Go program:
//
//	clerkmeta-vet [-fix] [-diff] ./...
//	go vet -vettool=$(which clerkmeta-vet) ./...
//
// The check toclerkmeta runs only when a flag names it.
package main

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet"
)

func main() {
	analyzers := vet.Analyzers()
	if !named(os.Args[1:], "toclerkmeta") {
		analyzers = slices.DeleteFunc(analyzers, func(a *analysis.Analyzer) bool { return a.Name == "toclerkmeta" })
	}
	multichecker.Main(analyzers...)
}

// named reports whether an argument names the check, or asks for all: go vet asks for the flags
// before it passes them on, and help lists the checks.
func named(args []string, name string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		flag, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return flag == name || flag == "flags" || flag == "help"
	})
}
