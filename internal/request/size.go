package request

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// MergedSize refuses a field that would hold more than limit bytes after a write; 0 is
// no limit. The error names the largest keys. That Clerk measures what is stored after
// a merge, each field separately, is a guess.
func MergedSize(operation, param string, after metadata.Object, limit int) error {
	if limit == 0 || after.Size() <= limit {
		return nil
	}
	return clerkerr.Invalid(operation, param, fmt.Errorf("%w: %d bytes after the merge, Clerk's documented limit is %d; largest keys: %s",
		clerkerr.ErrTooLarge, after.Size(), limit, largest(param, after)))
}

// largest names the three largest members, the largest first, or what is inside one: as
// long as one member takes more than half of its object, it stands for that.
func largest(param string, o metadata.Object) string {
	const (
		mostKeys  = 3
		mostSteps = 8 // each scans the value again
		mostPath  = 120
	)
	members := bySize(o.Raw())
	var texts []string
	for _, m := range members[:min(len(members), mostKeys)] {
		path := param + pointer.Of(string(m.name))
		for range mostSteps {
			inner := bySize(m.value)
			if len(inner) == 0 || len(inner[0].value) <= len(m.value)/2 {
				break
			}
			m = inner[0]
			path += pointer.Of(string(m.name))
		}
		if len(path) > mostPath {
			path = strings.ToValidUTF8(path[:mostPath], "") + "…"
		}
		texts = append(texts, fmt.Sprintf("%s (%d bytes)", path, len(m.value)))
	}
	return strings.Join(texts, ", ")
}

type member struct{ name, value []byte }

// bySize returns the members of a value, the largest first; none if it is no object.
func bySize(text []byte) []member {
	var all []member
	_ = answer.Members(text, func(name, value []byte) { all = append(all, member{name, value}) })
	slices.SortFunc(all, func(a, b member) int {
		return cmp.Or(cmp.Compare(len(b.value), len(a.value)), bytes.Compare(a.name, b.name))
	})
	return all
}
