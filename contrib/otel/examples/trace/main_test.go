package main

import (
	"bytes"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestTrace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		asJSON bool
		says   []string
	}{
		{false, []string{"checkout  (internal, ", "\n  PATCH /v1/users/{user_id}/metadata  (client, ", "* clerkmeta.retry", "clerkmeta.outcome            applied"}},
		{true, []string{`"Name": "checkout"`, `"Name": "clerkmeta.retry"`, `"url.template"`}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, start(t.Context(), &out, tc.asJSON))
			for _, text := range tc.says {
				require.Contains(t, out.String(), text)
			}
			require.NotContains(t, out.String(), "user_trace")
			require.NotContains(t, out.String(), "cus_example")
		})
	}
}
