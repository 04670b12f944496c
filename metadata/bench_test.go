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
