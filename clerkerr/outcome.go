package clerkerr

// Outcome says what became of a write, over all its attempts together.
type Outcome int

const (
	// OutcomeUnknown: the write may or may not have been applied: an attempt
	// was sent and its answer did not tell (a connection lost after sending, a
	// timeout, a 5xx). Read the entity to find out, or send the same write
	// again: both verbs set absolute values.
	OutcomeUnknown Outcome = iota
	// OutcomeNotApplied: no attempt was applied. Every read has this outcome, so
	// that who calls something that reads and then writes (Modify) has one
	// question to ask; Error.Read tells a read apart.
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
	// StopFinal: the failure is not one that another attempt can mend.
	StopFinal StopReason = iota
	// StopAttempts: every allowed attempt was used.
	StopAttempts
	// StopBudget: the client-wide retry budget is spent, because too many
	// calls of this client fail.
	StopBudget
	// StopDeadline: the next wait would have ended after the deadline of the
	// context or of the call as a whole.
	StopDeadline
	// StopRetryAfter: the server asked for a longer wait than the client's
	// limit for it.
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
