package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
)

// The test's program is the process of a fleet too.
func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(envJob); ok {
		work(text)
		return
	}
	os.Exit(m.Run())
}

// The command works; its figures are for a machine that does nothing else.
func TestFleet(t *testing.T) {
	t.Parallel()
	redisserver.Run(t).Kill() // the test is skipped, or fails, without one
	require.NoError(t, fleet{processes: 2, time: time.Second}.run("plain"))
	require.ErrorContains(t, fleet{}.run("other"), `scenario "other" is unknown`)
}
