module github.com/clerkmeta/clerkmeta-go/examples/app

go 1.26.0

replace (
	github.com/clerkmeta/clerkmeta-go => ../..
	github.com/clerkmeta/clerkmeta-go/contrib/claims => ../../contrib/claims
	github.com/clerkmeta/clerkmeta-go/contrib/mirror => ../../contrib/mirror
)

require (
	github.com/clerkmeta/clerkmeta-go v0.0.0-00010101000000-000000000000
	github.com/clerkmeta/clerkmeta-go/contrib/claims v0.0.0-00010101000000-000000000000
	github.com/clerkmeta/clerkmeta-go/contrib/mirror v0.0.0-00010101000000-000000000000
	github.com/jackc/pgx/v5 v5.13.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/MicahParks/jwkset v0.11.4 // indirect
	github.com/MicahParks/keyfunc/v3 v3.9.2 // indirect
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/oapi-codegen/runtime v1.8.0 // indirect
	go.opentelemetry.io/otel v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.25.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/time v0.15.0 // indirect
)
