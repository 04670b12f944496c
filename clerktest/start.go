package clerktest

// TB is what Start needs of a *testing.T, *testing.B or *testing.F. It is here
// so that a program that imports this package does not get package testing and
// its flags.
type TB interface {
	// Helper takes the methods of Test out of the line that a failure names.
	Helper()
	// Cleanup calls a function when the test is over: it ends the instance.
	Cleanup(func())
	// Errorf fails the test and lets it go on.
	Errorf(format string, args ...any)
	// Fatalf fails the test and ends it there: it is not expected to return.
	Fatalf(format string, args ...any)
}

// Test is an instance that belongs to a test. Its own methods fail the test
// where those of Clerk return an error.
type Test struct {
	// Clerk is the instance; its own Script and URL return errors.
	*Clerk
	tb TB
}

// Script is Clerk.Script.
func (t *Test) Script(op Operation, faults ...Fault) {
	t.tb.Helper()
	if err := t.Clerk.Script(op, faults...); err != nil {
		t.tb.Fatalf("%v", err)
	}
}

// URL is Clerk.URL.
func (t *Test) URL() string {
	t.tb.Helper()
	u, err := t.Clerk.URL()
	if err != nil {
		t.tb.Fatalf("%v", err)
	}
	return u
}
