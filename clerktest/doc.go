// Package clerktest is a Clerk in memory, to test against: both of Clerk's APIs
// as far as metadata goes, with their checks, their errors and their answers.
// It opens no socket unless asked to, and needs no account.
//
// In a test:
//
//	clerk := clerktest.Start(t, clerktest.WithUser(clerktest.User{ID: "user_1"}))
//	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(409, "resource_locked"))
//	api := clerk.Client() // the real client, talking to this instance
//	…
//	user, _ := clerk.User("user_1") // what Clerk holds now
//
// Outside a test use New. An instance can be reached in three ways: it is an
// http.Handler, Transport is a RoundTripper that needs no socket and works in a
// testing/synctest bubble, and URL starts a server on the loopback interface for
// whatever talks HTTP. The Backend API is under /v1/users and /v1/organizations,
// the Frontend API under /v1/me.
//
// # What it does
//
// It merges, replaces, checks and answers as Clerk's documents say; see Clerk's
// OpenAPI documents of 2026-05-12, whose behaviour it has whatever older version
// a request asks for. Where they leave something open, it answers with the
// default of one of the Guesses, and WithGuess changes that.
//
// It does not model rate limits (script an Answer of 429 instead), sign-in,
// tokens that expire, or any operation that is not a constant of type Operation.
// A parameter of Clerk's that it does not know is refused with status 501 rather
// than ignored.
//
// The package itself imports this module and the standard library, and not package
// testing.
package clerktest
