package bulk

import (
	"hash/maphash"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// overlay has the entities as they will be after the changes planned so far. It forgets
// the oldest beyond most bytes, and remembers which it forgot.
type overlay struct {
	most, size int
	records    map[Entity]*entity.Record
	order      []Entity
	seed       maphash.Seed
	forgotten  []uint64 // a Bloom filter, made when it is needed
}

// The filter takes 4 MiB. With a million entities in it, one in 200,000 others is a
// false positive.
const (
	filterBits   = 1 << 25
	filterHashes = 8
	// perEntity is about what an entity takes besides its metadata.
	perEntity = 400
)

func newOverlay(most int) *overlay {
	return &overlay{most: most, records: map[Entity]*entity.Record{}, seed: maphash.MakeSeed()}
}

func sizeOf(r *entity.Record) int {
	size := perEntity
	for _, d := range r.Objects {
		size += d.Size()
	}
	return size
}

func (o *overlay) put(e Entity, r *entity.Record) {
	if old, known := o.records[e]; known {
		o.size -= sizeOf(old)
	} else {
		o.order = append(o.order, e)
	}
	o.records[e] = r
	o.size += sizeOf(r)
}

// trim forgets the oldest. It runs between blocks, so that a later change of the block
// finds what it needs.
func (o *overlay) trim() {
	for o.size > o.most && len(o.order) > 0 {
		e := o.order[0]
		o.order = o.order[1:]
		o.size -= sizeOf(o.records[e])
		delete(o.records, e)
		if o.forgotten == nil {
			o.forgotten = make([]uint64, filterBits/64)
		}
		for _, bit := range o.bits(e) {
			o.forgotten[bit/64] |= 1 << (bit % 64)
		}
	}
}

// forgot reports whether the entity was forgotten; false positives are rare.
func (o *overlay) forgot(e Entity) bool {
	if o.forgotten == nil {
		return false
	}
	for _, bit := range o.bits(e) {
		if o.forgotten[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// bits are the bits of an entity in the filter.
func (o *overlay) bits(e Entity) (bits [filterHashes]uint64) {
	h := maphash.Comparable(o.seed, e)
	for i := range bits {
		bits[i] = (h + uint64(i)*(h>>32|1)) % filterBits
	}
	return bits
}
