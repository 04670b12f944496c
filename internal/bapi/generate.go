// Package bapi holds the types and request builders of Clerk's Backend API,
// generated from testdata/openapi/bapi.yaml. Sending and decoding are the transport's work.
package bapi

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config config.yaml ../../testdata/openapi/bapi.yaml
