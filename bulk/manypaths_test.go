package bulk_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// An unset can name thousands of paths: each takes the memory of its keys.
func TestManyPathsTakeLittle(t *testing.T) { //nolint:paralleltest // AllocsPerRun wants to be alone
	const paths = 1000
	all := make([]string, paths)
	for i := range all {
		all[i] = fmt.Sprintf("public_metadata/k%d/b~0c~1d", i)
	}
	require.NoError(t, bulk.UnsetUser("user_1", all...).Check())
	allocs := testing.AllocsPerRun(3, func() { _ = bulk.UnsetUser("user_1", all...) })
	require.LessOrEqual(t, allocs/paths, 5.0, "for each path")
}
