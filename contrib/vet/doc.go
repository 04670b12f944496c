// Package vet holds the analyzers of what Clerk's API version 2026-05-12 changes for Go
// programs, and of mistakes with merges that no version corrects. The command
// cmd/clerkmeta-vet runs them; other drivers of golang.org/x/tools/go/analysis can too.
//
// An analyzer reports what is certain from the types and assignments of one package, and
// leaves generated files alone. Each has a page in the folder docs.
package vet
