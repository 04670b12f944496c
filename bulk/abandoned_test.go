package bulk_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// Whatever goes wrong and wherever a run is abandoned, running it again with its
// checkpoint ends where one straight pass does.
func TestAbandonedRunsEndAsOneStraightPass(t *testing.T) {
	t.Parallel()
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(round), 7))
			all := randomLines(r, 20+r.IntN(60))
			want := sequential(t, all)
			clerk := instance(t, 3)
			path := filepath.Join(t.TempDir(), "checkpoint")
			interrupted, complete := 0, false
			for tries := 0; !complete; tries++ {
				require.Less(t, tries, 500)
				if tries < 20 { // then it is left in peace
					for range r.IntN(4) {
						clerk.Script(clerktest.AnyOperation, brokenFaults()[r.IntN(5)])
					}
				}
				checkpoint, err := bulk.OpenCheckpoint(path, inputOnly)
				require.NoError(t, err)
				params := bulk.ApplyParams{Workers: 1 + r.IntN(16), Window: 1 + r.IntN(40), Checkpoint: &forgetful{checkpoint, r.IntN(30)}, SkipUnchanged: r.IntN(4) == 0}
				left, seen, stopAt := int64(0), 0, r.IntN(40)
				for result, err := range bulk.Apply(t.Context(), impatient(clerk), lines(all...), params) {
					if err != nil {
						require.ErrorIs(t, err, errDisk)
						left++
						break
					}
					if !result.OK() {
						left++
					}
					if result.Outcome != bulk.Recorded {
						seen++
					}
					if seen > stopAt && tries < 20 {
						left++
						interrupted++
						break
					}
				}
				require.NoError(t, checkpoint.Close())
				complete = left == 0
			}
			require.Equal(t, want, state(clerk))
			clerk.Reset() // faults may be left of a try that needed no request
		})
	}
}

// forgetful fails before it records: what a kill between the answer and the
// record looks like from outside.
type forgetful struct {
	*bulk.FileCheckpoint
	left int
}

func (f *forgetful) Record(index int64) error {
	if f.left--; f.left == 0 {
		return errDisk
	}
	return f.FileCheckpoint.Record(index)
}
