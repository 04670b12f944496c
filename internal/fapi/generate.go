// Package fapi holds the types and request builders of Clerk's Frontend API,
// generated from testdata/openapi/fapi.yaml. Sending and decoding are the transport's work.
package fapi

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config config.yaml ../../testdata/openapi/fapi.yaml
//go:generate go run -C ../../tools ./apiversion -spec ../testdata/openapi/fapi.yaml -package fapi -out ../internal/fapi/version.gen.go
