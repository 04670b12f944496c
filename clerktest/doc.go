// Package clerktest is a Clerk in memory, to test against: both of Clerk's APIs
// as far as metadata goes, with their checks, their errors and their answers.
// It opens no socket unless asked to, and needs no account.
//
// In a test:
//
//	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
//	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(409, "resource_locked"))
//	api := clerk.Client() // the real client, talking to this instance
//	…
//	user, _ := clerk.User("user_1") // what Clerk holds now
//
// Outside a test use New. An instance can be reached in three ways: it is an
// http.Handler, Transport is a RoundTripper that needs no socket and works in a
// testing/synctest bubble, and URL starts a server on the loopback interface for
// whatever talks HTTP. The Backend API is under /v1/users and /v1/organizations,
// the Frontend API under /v1/me, /v1/client, /v1/environment and /v1/dev_browser:
// enough for Clerk's browser client to load, given the instance's PublishableKey.
// Session tokens are JWTs that verify with the key set at /v1/jwks or
// /.well-known/jwks.json.
//
// # What it does
//
// It merges, replaces, checks and answers as Clerk's documents say; see Clerk's
// OpenAPI documents of 2026-05-12, whose behaviour it has whatever version a
// request names, except that older ones take metadata in the general updates, too.
// Where they leave something open, it answers with the default of one of the
// Guesses; a Config changes that for one or for all.
//
// It keeps Clerk's published rate limits if its Config says so. What it holds is
// a Seed, which New and SetState take and State returns, and which has a JSON form
// for files (ParseSeed, SeedSchema).
//
// It does not model sign-in or client tokens that expire. An operation of Clerk's
// that is no constant of type Operation, and a parameter that it does not model,
// are refused with status 400 and the code clerktest_unsupported, which no client
// repeats and Clerk never sends. Script answers such an operation.
//
// The package itself imports this module and the standard library, and not package
// testing.
package clerktest
