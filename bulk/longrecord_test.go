package bulk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// A record over the bound ends the input whatever else is wrong with it: its rest is
// not another record.
func TestLongRecordIsNotContinued(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]string{"no fault": "", "a bare quote": `a"b`, "a closed quote": `"a"b`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := "user_1," + fault + strings.Repeat(",user_2,x", bulk.MaxLine/9*2) + "\n"
			var last *bulk.LineError
			n := 0
			changes := bulk.SkipInvalid(bulk.ReadCSV(strings.NewReader("user,public_metadata/a\n"+row+"user_3,y\n")), func(*bulk.LineError) {})
			for change, err := range changes {
				require.Falsef(t, err == nil, "%v", change.Entity)
				require.True(t, errors.As(err, &last), "%v", err)
				require.Equal(t, 2, last.Line)
				require.True(t, last.Last)
				n++
			}
			require.Equal(t, 1, n)
		})
	}
}
