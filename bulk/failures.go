package bulk

import (
	"errors"
	"hash/maphash"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// failures remembers the entities with a change that is not done, and counts failures.
type failures struct {
	most, count int
	inRow       int // successive failures that another change would meet too
	seed        maphash.Seed
	entities    map[uint64]struct{} // hashes: 8 bytes where ids take 50
}

func newFailures(most int) *failures {
	return &failures{most: most, seed: maphash.MakeSeed(), entities: map[uint64]struct{}{}}
}

func (f *failures) hash(e Entity) uint64 { return maphash.Comparable(f.seed, e) }

func (f *failures) has(e Entity) bool {
	_, failed := f.entities[f.hash(e)]
	return failed
}

// add counts the failure of a change and reports whether it is one too many.
func (f *failures) add(e Entity, err error) bool {
	f.entities[f.hash(e)] = struct{}{}
	f.count++
	if errors.Is(err, clerkerr.ErrTransport) || errors.Is(err, clerkerr.ErrServer) || errors.Is(err, clerkerr.ErrRateLimited) {
		f.inRow++
	} else {
		f.inRow = 0
	}
	return f.inRow >= MaxInRow || f.count > f.most
}

// success resets inRow.
func (f *failures) success() { f.inRow = 0 }
