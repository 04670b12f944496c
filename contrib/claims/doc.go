// Package claims verifies Clerk's session tokens and reads the metadata in them as the
// caller's struct, and as fresh as a route needs it.
//
// New makes a Verifier, For a middleware that verifies each request, and From returns the
// metadata in the handler. Template prints what Clerk's dashboard takes, so that tokens
// carry the fields of the struct. Require is a For that reads the user again where the
// token is too old.
//
// No error and no log holds a token or a value of its claims.
package claims
