// Package peers holds parts of this module against independent implementations: metadata's
// merge and diff against evanphx/json-patch, a JSON merge patch (RFC 7396) that Kubernetes
// builds on, and the verification of webhooks against the library of Standard Webhooks. It
// is a separate module, so that nobody who uses this one downloads them. There is nothing
// here but tests; the benchmarks of merges are in test/benchmarks.
package peers
