package bulk

import (
	"hash/maphash"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// overlay holds what entities will hold after the changes planned so far. It
// forgets the oldest once it holds too much, and knows whom it forgot.
type overlay struct {
	most, size int
	records    map[Entity]*entity.Record
	order      []Entity
	seed       maphash.Seed
	forgotten  []uint64 // a Bloom filter, made when it is needed
}

// The filter takes 4 MiB, and with a million entities in it names one in 200,000
// that it was not given.
const (
	filterBits   = 1 << 25
	filterHashes = 8
	// perEntity is about what an entity takes besides its metadata.
	perEntity = 400
)

func newOverlay(most int) *overlay {
	return &overlay{most: most, records: map[Entity]*entity.Record{}, seed: maphash.MakeSeed()}
}

func (o *overlay) get(e Entity) (*entity.Record, bool) {
	r, known := o.records[e]
	return r, known
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

// trim forgets. It is called between blocks: within one nothing is forgotten
// that a later change needs.
func (o *overlay) trim() {
	for o.size > o.most && len(o.order) > 0 {
		e := o.order[0]
		o.order = o.order[1:]
		o.size -= sizeOf(o.records[e])
		delete(o.records, e)
		if o.forgotten == nil {
			o.forgotten = make([]uint64, filterBits/64)
		}
		for bit := range o.bits(e) {
			o.forgotten[bit/64] |= 1 << (bit % 64)
		}
	}
}

// forgot reports whether the entity was forgotten: never no where it was, and
// hardly ever yes where it was not.
func (o *overlay) forgot(e Entity) bool {
	if o.forgotten == nil {
		return false
	}
	for bit := range o.bits(e) {
		if o.forgotten[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

func (o *overlay) bits(e Entity) func(yield func(uint64) bool) {
	h := maphash.Comparable(o.seed, e)
	return func(yield func(uint64) bool) {
		step := h>>32 | 1
		for range filterHashes {
			if !yield(h % filterBits) {
				return
			}
			h += step
		}
	}
}
