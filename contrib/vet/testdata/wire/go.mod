module example.com/wire

go 1.26.0

replace github.com/clerkmeta/clerkmeta-go => ../../../..

require github.com/clerk/clerk-sdk-go/v2 v2.7.0

require (
	github.com/go-jose/go-jose/v3 v3.0.4 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	golang.org/x/crypto v0.43.0 // indirect
)
