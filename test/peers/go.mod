module github.com/clerkmeta/clerkmeta-go/test/peers

go 1.26.0

require (
	github.com/clerkmeta/clerkmeta-go v0.0.0-00010101000000-000000000000
	github.com/evanphx/json-patch/v5 v5.9.11
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/clerkmeta/clerkmeta-go => ../..
