package metadata

// ModifyConfig configures what Modify of a typed view does about a write by someone
// else between its read and its write. The zero value reports the changes in the
// result.
type ModifyConfig struct {
	// MaxReruns is the number of times, 0 to 10, that Modify calls the callback again
	// after a concurrent change, with what is stored then. A callback that decides by
	// what it reads can so correct its decision.
	MaxReruns int
	// FailOnConcurrentChange makes Modify return clerkerr.ErrConcurrentChange for a
	// concurrent change that no rerun follows. Its own write has been applied by
	// then, since Clerk has no conditional write.
	FailOnConcurrentChange bool
}
