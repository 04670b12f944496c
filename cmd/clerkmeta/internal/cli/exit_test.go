package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	unknown := &clerkerr.Error{Status: 504, Outcome: clerkerr.OutcomeUnknown}
	for want, err := range map[int]error{
		ExitFile:        fmt.Errorf("around: %w", failed(ExitFile, "x")),
		ExitInterrupted: fmt.Errorf("around: %w", context.Canceled),
		ExitFailure:     errors.New("x"),
		ExitUnknown:     fmt.Errorf("around: %w", unknown),
		ExitInvalid:     clerkerr.Invalid("Op", "id", errors.New("x")),
		ExitUnavailable: &clerkerr.Error{Status: 503, Outcome: clerkerr.OutcomeNotApplied},
	} {
		require.Equal(t, want, exitCode(err), err)
	}
	// Interrupted while a write was under way: what became of it matters more.
	require.Equal(t, ExitUnknown, exitCode(&clerkerr.Error{Outcome: clerkerr.OutcomeUnknown, Err: context.Canceled}))
	require.Equal(t, ExitInterrupted, exitCode(&clerkerr.Error{Outcome: clerkerr.OutcomeNotApplied, Err: context.Canceled}))
	require.Contains(t, new(peer).present(unknown).Hint, "run it again")
}

// A key in the wrong place is not repeated.
func TestMessagesHoldNoKey(t *testing.T) {
	t.Parallel()
	require.Equal(t, "command \"sk_live_(redacted)\" is unknown", oneLine(`command "sk_live_`+"recognisable"+`" is unknown`))
}
