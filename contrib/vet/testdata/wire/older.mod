module github.com/clerkmeta/clerkmeta-go/contrib/vet/testdata/wire

go 1.26.0

replace github.com/clerkmeta/clerkmeta-go => ../../../..

require (
	github.com/clerk/clerk-sdk-go/v2 v2.6.0
	github.com/clerkmeta/clerkmeta-go v0.0.0-00010101000000-000000000000
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/go-jose/go-jose/v3 v3.0.4 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	github.com/oapi-codegen/runtime v1.8.0 // indirect
	golang.org/x/crypto v0.46.0 // indirect
)
