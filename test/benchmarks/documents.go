package benchmarks

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "github.com/evanphx/json-patch/v5"

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

// documents is one of about the given size, and one that differs from it in a
// few places.
func documents(size int) (from, to []byte, err error) {
	d := document{Role: "admin", Projects: map[string]project{}}
	for i := 0; len(from) < size; i++ {
		d.Projects[fmt.Sprintf("project_%04d", i)] = project{
			StripeID: fmt.Sprintf("cus_%012d", i), Plan: "pro", Seats: int64(i), Ratio: 0.25, Active: true,
			Tags: []string{"alpha", "beta"}, Limits: map[string]int64{"seats": 10, "storage": 9007199254740993},
		}
		if from, err = json.Marshal(d); err != nil {
			return nil, nil, err
		}
	}
	d.Role = "member"
	for i := range len(d.Projects) / 4 {
		key := fmt.Sprintf("project_%04d", 4*i)
		p := d.Projects[key]
		p.Plan, p.Seats = "enterprise", p.Seats+1
		d.Projects[key] = p
	}
	delete(d.Projects, "project_0001")
	to, err = json.Marshal(d)
	return from, to, err
}

// addDocuments compares package metadata with evanphx/json-patch, which Kubernetes
// uses, and with encoding/json. Ours start from parsed documents and patches, which a
// program has already.
func addDocuments(s *Set) error {
	for _, kb := range []int{1, 8} {
		from, to, err := documents(kb << 10)
		if err != nil {
			return err
		}
		before, err1 := metadata.ParseObject(from)
		after, err2 := metadata.ParseObject(to)
		patch, err3 := metadata.Diff(before, after)
		rawPatch, err4 := patch.MarshalJSON()
		first, err5 := metadata.ParsePatch(from)
		second, err6 := metadata.ParsePatch(to)
		if err := cmp.Or(err1, err2, err3, err4, err5, err6); err != nil {
			return err
		}
		add := func(name, peer string, theirs, ours func(context.Context) error) {
			s.Cases = append(s.Cases, Case{Group: "Documents", Name: fmt.Sprintf("%s, %d KB", name, kb), Candidates: []Candidate{
				{Name: peer, Run: theirs}, {Name: "clerkmeta", Run: ours},
			}})
		}
		add("merge", "json-patch",
			func(context.Context) error { _, err := jsonpatch.MergePatch(from, rawPatch); return err },
			func(context.Context) error { _, err := metadata.Merge(before, patch); return err })
		add("diff", "json-patch",
			func(context.Context) error { _, err := jsonpatch.CreateMergePatch(from, to); return err },
			func(context.Context) error { _, err := metadata.Diff(before, after); return err })
		add("compose", "json-patch",
			func(context.Context) error { _, err := jsonpatch.MergeMergePatches(from, to); return err },
			func(context.Context) error { _, err := metadata.Compose(first, second); return err })
		add("decode into structs", "encoding/json",
			func(context.Context) error {
				var v document
				d := json.NewDecoder(bytes.NewReader(from))
				d.UseNumber()
				return d.Decode(&v)
			},
			func(context.Context) error { _, err := metadata.Decode[document](before); return err })
	}
	return nil
}
