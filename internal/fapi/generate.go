// Package fapi holds the types and request builders of Clerk's Frontend API,
// generated from testdata/openapi/fapi.yaml. Sending and decoding are the transport's work.
package fapi

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config config.yaml ../../testdata/openapi/fapi.yaml
