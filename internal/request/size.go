package request

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// MergedSize refuses what a field would hold after a write, where that is more
// than limit bytes; 0 is no limit. It names the keys that take most. That Clerk
// measures what is stored after a merge, each field by itself, is a guess.
func MergedSize(operation, param string, after metadata.Object, limit int) error {
	if limit == 0 || after.Size() <= limit {
		return nil
	}
	return clerkerr.Invalid(operation, param, fmt.Errorf("%w: %d bytes after the merge, Clerk's documented limit is %d; largest keys: %s",
		clerkerr.ErrTooLarge, after.Size(), limit, largest(param, after)))
}

// sized is a key, by its path, with its value and how many bytes that is.
type sized struct {
	path  string
	value any
	size  int
}

const (
	mostKeys = 3
	// mostSteps bounds the way inwards, of which every step measures again.
	mostSteps = 8
	mostPath  = 120
)

// largest names the keys that take most, the largest first, each followed inwards
// to where one key takes most of it.
func largest(param string, o metadata.Object) string {
	members, err := o.Map()
	if err != nil {
		return "unknown"
	}
	var texts []string
	for _, s := range sizes(param, members) {
		s = inwards(s)
		path := s.path
		if len(path) > mostPath {
			path = strings.ToValidUTF8(path[:mostPath], "") + "…"
		}
		texts = append(texts, fmt.Sprintf("%s (%d bytes)", path, s.size))
	}
	return strings.Join(texts, ", ")
}

func inwards(s sized) sized {
	for range mostSteps {
		members, _ := s.value.(map[string]any)
		inner := sizes(s.path, members)
		if len(inner) == 0 || inner[0].size <= s.size/2 {
			break
		}
		s = inner[0]
	}
	return s
}

// sizes are the largest members.
func sizes(path string, members map[string]any) []sized {
	all := make([]sized, 0, len(members))
	for key, value := range members {
		size, err := metadata.Size(value)
		if err != nil {
			continue // it was read, so it can be written
		}
		all = append(all, sized{path + pointer.Of(key), value, size})
	}
	slices.SortFunc(all, func(a, b sized) int {
		return cmp.Or(cmp.Compare(b.size, a.size), strings.Compare(a.path, b.path))
	})
	return all[:min(len(all), mostKeys)]
}
