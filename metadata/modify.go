package metadata

// ModifyOption changes what the typed views' Modify does when it finds that
// someone else wrote between its read and its write. Without any it reports the
// foreign changes in its result and is content.
type ModifyOption func(*ModifyPolicy)

// ModifyPolicy is what the options add up to.
type ModifyPolicy struct {
	// FailOnForeignChange makes a foreign change an error.
	FailOnForeignChange bool
	// Rounds is how many further rounds foreign changes may cause.
	Rounds int
}

// FailOnForeignChange makes Modify return clerkerr.ErrForeignChange when it
// finds a foreign change. Its own write has been applied by then: Clerk has no
// conditional write.
func FailOnForeignChange() ModifyOption {
	return func(p *ModifyPolicy) { p.FailOnForeignChange = true }
}

// Rounds makes Modify call the callback again, with what is stored then, when it
// finds a foreign change, at most n further times, 1 to 10. A callback that
// decides by what it reads can so correct itself.
func Rounds(n int) ModifyOption {
	return func(p *ModifyPolicy) { p.Rounds = n }
}
