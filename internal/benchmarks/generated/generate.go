// Package generated is the client that oapi-codegen makes of the module's own
// document when its templates are left as they are: with response wrappers, for
// the benchmarks alone.
package generated

//go:generate go tool -modfile=../../../tools/go.mod oapi-codegen -config config.yaml ../../../testdata/openapi/bapi.yaml
