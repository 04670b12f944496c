package metadata

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// pathList are the places that an error lists. The pointers of all of them can be far
// longer than the document.
type pathList struct {
	paths []string
	size  int
	more  int
}

// maxListed is the size in bytes up to which places are listed and not counted.
const maxListed = 64 << 10

func (l *pathList) add(at *place) {
	if l.size > maxListed {
		l.more++
		return
	}
	path := at.String()
	l.size += len(path)
	l.paths = append(l.paths, path)
}

func (l *pathList) sorted() []string {
	slices.Sort(l.paths)
	return l.paths
}

// nullsError is nil for an empty list.
func (l *pathList) nullsError() error {
	if len(l.paths) == 0 {
		return nil
	}
	return &NullsError{Paths: l.sorted(), More: l.more}
}

// joinPaths is a list for the text of an error.
func joinPaths(paths []string, more int) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = `"` + pointer.Printable(p) + `"`
	}
	list := strings.Join(quoted, ", ")
	if more > 0 {
		list += fmt.Sprintf(" and %d more places", more)
	}
	return list
}
