//go:build !goexperiment.jsonv2

package metadata_test

// jsonv2 says that encoding/json runs on the engine of encoding/json/v2.
const jsonv2 = false
