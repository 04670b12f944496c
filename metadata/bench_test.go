package metadata_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// benchmarkMap is metadata of a usual size, some 700 bytes.
func benchmarkMap() map[string]any {
	m := map[string]any{"role": "admin", "active": true, "seats": 25, "ratio": 0.25, "tags": []any{"a", "b", "c"}}
	for i := range 8 {
		m[fmt.Sprintf("project_%d", i)] = map[string]any{
			"stripe_id": "cus_Example", "plan": "pro", "limits": map[string]any{"seats": 10, "storage": 1024},
		}
	}
	return m
}

func BenchmarkPatchMarshal(b *testing.B) {
	patch := metadata.Patch(benchmarkMap())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := patch.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPatchMarshalBaseline is encoding/json on the same map.
func BenchmarkPatchMarshalBaseline(b *testing.B) {
	m := benchmarkMap()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(m); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkObjects(b *testing.B) (before, after metadata.Object) {
	b.Helper()
	before, err := metadata.Of(benchmarkMap()).Object()
	require.NoError(b, err)
	m := benchmarkMap()
	m["role"] = "member"
	delete(m, "project_3")
	after, err = metadata.Of(m).Object()
	require.NoError(b, err)
	return before, after
}

func BenchmarkMerge(b *testing.B) {
	before, after := benchmarkObjects(b)
	patch, err := metadata.Diff(before, after)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := metadata.Merge(before, patch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	before, after := benchmarkObjects(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := metadata.Diff(before, after); err != nil {
			b.Fatal(err)
		}
	}
}

type (
	benchmarkLimits struct {
		Seats   int `json:"seats"`
		Storage int `json:"storage"`
	}
	benchmarkProject struct {
		StripeID string          `json:"stripe_id"`
		Plan     string          `json:"plan"`
		Limits   benchmarkLimits `json:"limits"`
	}
	benchmarkStruct struct {
		Role     string                      `json:"role"`
		Active   bool                        `json:"active"`
		Seats    int                         `json:"seats"`
		Ratio    float64                     `json:"ratio"`
		Tags     []string                    `json:"tags"`
		Projects map[string]benchmarkProject `json:"projects"`
	}
)

func benchmarkValue() benchmarkStruct {
	v := benchmarkStruct{"admin", true, 25, 0.25, []string{"a", "b", "c"}, map[string]benchmarkProject{}}
	for i := range 8 {
		v.Projects[fmt.Sprintf("project_%d", i)] = benchmarkProject{"cus_Example", "pro", benchmarkLimits{10, 1024}}
	}
	return v
}

func BenchmarkOfStruct(b *testing.B) {
	v := benchmarkValue()
	b.ReportAllocs()
	for b.Loop() {
		if err := metadata.Of(&v).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOfStructBaseline is encoding/json on the same struct.
func BenchmarkOfStructBaseline(b *testing.B) {
	v := benchmarkValue()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(&v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeStruct(b *testing.B) {
	o, err := metadata.Of(benchmarkValue()).Object()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := metadata.Decode[benchmarkStruct](o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeStructBaseline is encoding/json on the same text.
func BenchmarkDecodeStructBaseline(b *testing.B) {
	o, err := metadata.Of(benchmarkValue()).Object()
	require.NoError(b, err)
	raw := o.Raw()
	b.ReportAllocs()
	for b.Loop() {
		var v benchmarkStruct
		if err := json.Unmarshal(raw, &v); err != nil {
			b.Fatal(err)
		}
	}
}
