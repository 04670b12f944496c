// Package clerktest is an in-memory Clerk for tests: both of Clerk's APIs as far as
// they concern metadata, with their checks, errors and answers. It needs no account,
// and no socket unless URL opens one.
//
// In a test:
//
//	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
//	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(409, "resource_locked"))
//	api := clerk.Client() // the real client, talking to this instance
//	…
//	user, _ := clerk.User("user_1") // what Clerk holds now
//
// Outside a test use New. An instance is an http.Handler; Transport returns a
// RoundTripper that needs no socket and works in a testing/synctest bubble; URL starts a
// server on the loopback interface for any HTTP client. The Backend API is under /v1/users, /v1/organizations
// and /v1/invitations,
// the Frontend API under /v1/me, /v1/client, /v1/environment and /v1/dev_browser:
// enough for Clerk's browser client to load, given the instance's PublishableKey.
// Session tokens are JWTs that verify with the key set at /v1/jwks or
// /.well-known/jwks.json.
//
// # What it does
//
// It merges, replaces, checks and answers as Clerk's OpenAPI documents of 2026-05-12
// say, for every version that a request may name; older versions also take metadata in
// the general updates. Where the documents leave a question open, one of the Guesses
// answers it; a Config changes the answer to one guess or to all.
//
// It applies Clerk's published rate limits if its Config says so. A Seed is its state:
// New and SetState take one, State returns one, and ParseSeed reads the JSON form, which
// SeedSchema describes.
//
// Invitations have the whole way: a ticket at sign-up, or AcceptInvitation, puts their
// metadata on the user or the membership.
//
// Writes send Clerk's events, signed, to Config.Webhooks when Deliver is called, and to the
// URLs of the seed's Webhooks at once; ScriptDeliveries makes them come late, twice, in
// another order, or never.
//
// It does not model sign-in or client tokens that expire. It refuses an operation
// without a constant of type Operation, and a parameter that it does not model, with
// status 400 and the code clerktest_unsupported, which no client repeats and Clerk never
// sends. Script can answer such an operation.
//
// The package does not import package testing.
package clerktest
