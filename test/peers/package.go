// Package peers holds metadata's merge and diff against those of an independent
// implementation of JSON merge patches (RFC 7396): evanphx/json-patch, which
// Kubernetes builds on. It is a separate module, so that nobody who uses this
// one downloads it. There is nothing here but tests; the benchmarks beside it are
// in test/benchmarks.
package peers
