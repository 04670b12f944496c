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

// The run with the failover fails where it should: its figures are 0 and 0 as a rule.
func TestFailoverIsJudged(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, lostTakes([]int64{5, 10, 11, 20, 21, 99}, 10, 20), "11 and 20")
	require.Zero(t, lostTakes([]int64{5, 10}, 10, 20))
	require.NoError(t, judge(2, 2))
	require.ErrorContains(t, judge(3, 2), "3 answers were 429; expected at most 2")
}
