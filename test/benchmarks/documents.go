package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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

// grown returns a document of at least size bytes, and one that differs in a few places.
func grown(tb testing.TB, size int) (from, to []byte) {
	tb.Helper()
	d := document{Role: "admin", Projects: map[string]project{}}
	for i := 0; len(from) < size; i++ {
		d.Projects[fmt.Sprintf("project_%04d", i)] = project{
			StripeID: fmt.Sprintf("cus_%012d", i), Plan: "pro", Seats: int64(i), Ratio: 0.25, Active: true,
			Tags: []string{"alpha", "beta"}, Limits: map[string]int64{"seats": 10, "storage": 9007199254740993},
		}
		from = encode(tb, d)
	}
	d.Role = "member"
	for i := range len(d.Projects) / 4 {
		key := fmt.Sprintf("project_%04d", 4*i)
		p := d.Projects[key]
		p.Plan, p.Seats = "enterprise", p.Seats+1
		d.Projects[key] = p
	}
	delete(d.Projects, "project_0001")
	return from, encode(tb, d)
}

func encode(tb testing.TB, v any) []byte {
	tb.Helper()
	text, err := json.Marshal(v)
	require.NoError(tb, err)
	return text
}

// documents compares package metadata with evanphx/json-patch, which Kubernetes uses, and
// with encoding/json. Ours start from parsed documents and patches, which a program has
// already.
func documents(tb testing.TB) []Case {
	tb.Helper()
	var cases []Case
	for _, kb := range []int{1, 8} {
		from, to := grown(tb, kb<<10)
		before, err1 := metadata.ParseObject(from)
		after, err2 := metadata.ParseObject(to)
		patch, err3 := metadata.Diff(before, after)
		first, err4 := metadata.ParsePatch(from)
		second, err5 := metadata.ParsePatch(to)
		require.NoError(tb, errors.Join(err1, err2, err3, err4, err5))
		rawPatch := encode(tb, patch)
		add := func(group, task, peer string, theirs, ours func() error) {
			task = fmt.Sprintf("%s, %d KB", task, kb)
			cases = append(cases,
				Case{Group: group, Task: task, By: peer, Run: func(context.Context) error { return theirs() }},
				Case{Group: group, Task: task, By: "clerkmeta", Run: func(context.Context) error { return ours() }})
		}
		const patches = "Merge patches"
		add(patches, "merge", "json-patch",
			func() error { _, err := jsonpatch.MergePatch(from, rawPatch); return err },
			func() error { _, err := metadata.Merge(before, patch); return err })
		add(patches, "diff", "json-patch",
			func() error { _, err := jsonpatch.CreateMergePatch(from, to); return err },
			func() error { _, err := metadata.Diff(before, after); return err })
		add(patches, "compose", "json-patch",
			func() error { _, err := jsonpatch.MergeMergePatches(from, to); return err },
			func() error { _, err := metadata.Compose(first, second); return err })
		add("Decoding", "into structs", "encoding-json",
			func() error {
				d := json.NewDecoder(bytes.NewReader(from))
				d.UseNumber()
				return d.Decode(new(document))
			},
			func() error { _, err := metadata.Decode[document](before); return err })
	}
	return cases
}
