package clerkerr

// Outcome says what became of a write, over all its attempts.
type Outcome int

const (
	// OutcomeUnknown: the write may or may not have been applied: an attempt was sent
	// and its answer does not say (a connection lost after sending, a timeout, a
	// 5xx). Read the entity to find out, or send the same write again: both PATCH and
	// PUT set absolute values. A call that creates or revokes something is not repeated;
	// look for what it creates or revokes instead.
	OutcomeUnknown Outcome = iota
	// OutcomeNotApplied: no attempt was applied. A read (Error.Read) has this outcome.
	OutcomeNotApplied
	// OutcomeApplied: at least one attempt was answered with success.
	OutcomeApplied
)

// String returns "unknown", "not applied" or "applied".
func (o Outcome) String() string {
	switch o {
	case OutcomeNotApplied:
		return "not applied"
	case OutcomeApplied:
		return "applied"
	default:
		return "unknown"
	}
}

// StopReason says why a failed call made no further attempt.
type StopReason int

const (
	// StopFinal: another attempt would fail the same way, or could create something twice.
	StopFinal StopReason = iota
	// StopAttempts: every attempt that is allowed was used.
	StopAttempts
	// StopBudget: too many calls of the client fail: its retry budget is spent.
	StopBudget
	// StopDeadline: the next wait would end after the context's or the call's deadline.
	StopDeadline
	// StopRetryAfter: Retry-After is longer than the client's limit for it.
	StopRetryAfter
	// StopCanceled: the context ended.
	StopCanceled
)

// String describes the reason in a few words.
func (s StopReason) String() string {
	switch s {
	case StopAttempts:
		return "attempts used up"
	case StopBudget:
		return "retry budget spent"
	case StopDeadline:
		return "deadline before next attempt"
	case StopRetryAfter:
		return "Retry-After over the limit"
	case StopCanceled:
		return "context ended"
	default:
		return "not retryable"
	}
}
