package frontend_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/frontend"
)

func TestFields(t *testing.T) {
	t.Parallel()
	f := (&frontend.API{MaxFieldSize: 10}).Fields("Op")
	require.Equal(t, "Op", f.Operation)
	require.Equal(t, 10, f.MaxSize)
}
