package main

import (
	"bytes"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, start(t.Context(), &out))
		for _, text := range []string{`"Name": "checkout"`, `"Name": "PATCH /v1/users/{user_id}/metadata"`, `"Name": "clerkmeta.retry"`, `"Value": "applied"`} {
			require.Contains(t, out.String(), text)
		}
		require.NotContains(t, out.String(), "user_trace")
		require.NotContains(t, out.String(), "cus_example")
	})
}
