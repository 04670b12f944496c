// Package faults runs every call of the SDK through everything that can go wrong
// with it, and a hundred of them at once for as long as one likes. There is
// nothing in it but tests.
//
// TestFaults is the product of two tables: the operations and the faults. What a
// call must report then follows from a few facts about the fault, by one rule
// (see expect_test.go); what must have become of the metadata is read from the
// in-process Clerk. Faults that need time happen in a testing/synctest bubble on
// an in-process transport, those that need sockets over loopback.
//
// TestSoak compares what was reported with a model, round after round:
//
//	go test ./test/faults -run Soak -soak 5m
//	go test ./test/faults -run Soak -seed 7
package faults
