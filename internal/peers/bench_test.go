package peers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// project is an entry of the documents: some 170 bytes.
type project struct {
	StripeID string            `json:"stripeId"`
	Plan     string            `json:"plan"`
	Seats    int64             `json:"seats"`
	Ratio    float64           `json:"ratio"`
	Active   bool              `json:"active"`
	Tags     []string          `json:"tags"`
	Limits   map[string]int64  `json:"limits"`
	Labels   map[string]string `json:"labels,omitempty"`
}

type document struct {
	Role     string             `json:"role"`
	Projects map[string]project `json:"projects"`
}

// of is a document of about the given size, and one that differs from it in a
// few places.
func of(b *testing.B, size int) (from, to []byte) {
	b.Helper()
	d := document{Role: "admin", Projects: map[string]project{}}
	for i := 0; len(from) < size; i++ {
		d.Projects[fmt.Sprintf("project_%04d", i)] = project{
			StripeID: fmt.Sprintf("cus_%012d", i), Plan: "pro", Seats: int64(i), Ratio: 0.25, Active: true,
			Tags: []string{"alpha", "beta"}, Limits: map[string]int64{"seats": 10, "storage": 9007199254740993},
		}
		from = text(b, d)
	}
	d.Role = "member"
	for i := range len(d.Projects) / 4 {
		key := fmt.Sprintf("project_%04d", 4*i)
		p := d.Projects[key]
		p.Plan, p.Seats = "enterprise", p.Seats+1
		d.Projects[key] = p
	}
	delete(d.Projects, "project_0001")
	return from, text(b, d)
}

// sizes runs a benchmark and its baseline on documents of 1, 8 and 64 KB.
func sizes(b *testing.B, baseline string, prepare func(b *testing.B, from, to []byte) (ours, theirs func() error)) {
	b.Helper()
	for _, kb := range []int{1, 8, 64} {
		from, to := of(b, kb<<10)
		ours, theirs := prepare(b, from, to)
		for name, f := range map[string]func() error{"clerkmeta": ours, baseline: theirs} {
			b.Run(fmt.Sprintf("%dKB/%s", kb, name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(from)))
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkMerge(b *testing.B) {
	sizes(b, "json-patch", func(b *testing.B, from, to []byte) (ours, theirs func() error) {
		b.Helper()
		doc, change := object(b, from), diff(b, from, to)
		p := patch(b, change)
		return func() error { _, err := metadata.Merge(doc, p); return err },
			func() error { _, err := jsonpatch.MergePatch(from, change); return err }
	})
}

func BenchmarkDiff(b *testing.B) {
	sizes(b, "json-patch", func(b *testing.B, from, to []byte) (ours, theirs func() error) {
		b.Helper()
		before, after := object(b, from), object(b, to)
		return func() error { _, err := metadata.Diff(before, after); return err },
			func() error { _, err := jsonpatch.CreateMergePatch(from, to); return err }
	})
}

// BenchmarkCompose composes patches as large as the documents.
func BenchmarkCompose(b *testing.B) {
	sizes(b, "json-patch", func(b *testing.B, from, to []byte) (ours, theirs func() error) {
		b.Helper()
		first, second := patch(b, from), patch(b, to)
		_, err := metadata.Compose(first, second)
		require.NoError(b, err)
		return func() error { _, err := metadata.Compose(first, second); return err },
			func() error { _, err := jsonpatch.MergeMergePatches(from, to); return err }
	})
}

// BenchmarkDecode decodes into structs; the baseline is encoding/json with
// numbers kept, which takes keys in any case.
func BenchmarkDecode(b *testing.B) {
	sizes(b, "encoding-json", func(b *testing.B, from, _ []byte) (ours, theirs func() error) {
		b.Helper()
		doc := object(b, from)
		return func() error { _, err := metadata.Decode[document](doc); return err },
			func() error {
				var v document
				d := json.NewDecoder(bytes.NewReader(from))
				d.UseNumber()
				return d.Decode(&v)
			}
	})
}
