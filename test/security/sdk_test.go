package security

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCallsShowNothing makes every call meet every fault. What it then says of
// itself shows no secret: the error and all that it wraps, the log at level debug,
// what hooks see, what was renewed. A result shows no credential. With -short a fault
// meets every sixth call, each fault other ones.
func TestCallsShowNothing(t *testing.T) {
	t.Parallel()
	for n, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for i, c := range everyCall() {
				if testing.Short() && i%6 != n%6 {
					continue
				}
				clerk, err := instance()
				require.NoError(t, err)
				var told record
				o := c.do(t.Context(), newSDK(t, f.between(t, clerk.Transport()), observed(&told)...))
				for _, r := range o.results {
					credentials.requireNone(t, c.name+": its result", everyPrint(r))
				}
				everything.requireNone(t, c.name+": what it said", told.String())
				for _, v := range append(o.others, o.err) {
					everything.requireNone(t, c.name+": what came with it", everyPrint(v))
				}
				require.NotEmpty(t, told.String(), c.name)
			}
		})
	}
}
