package metadata

// ModifyConfig says what Modify of a typed view does when it finds that someone
// else wrote between its read and its write. The zero value reports the changes in
// the result.
type ModifyConfig struct {
	// MaxReruns is how many further times Modify calls the callback, with what is
	// stored then, because of a concurrent change: 0 to 10. A callback that decides
	// by what it reads can correct itself so.
	MaxReruns int
	// FailOnConcurrentChange makes Modify return clerkerr.ErrConcurrentChange for a
	// concurrent change that no rerun follows. Its own write has been applied by
	// then, since Clerk has no conditional write.
	FailOnConcurrentChange bool
}
