// Package docs keeps the README and the documents in docs/ true: every piece of
// Go in them is also code that is compiled and run by the tests.
package docs
