// Package live holds what this module believes about Clerk as a table of cases,
// and runs it twice: TestFake against the in-process Clerk, always, and TestLive
// against a development instance of Clerk itself, where the environment asks for
// it (see CONTRIBUTING.md). Besides tests it has the probes, which ask a Clerk the
// questions that clerktest answers by guessing; an answer is one of those in
// clerktest.Guess, or what the Clerk sent instead where none of them fits.
//
// TestLive sends one request after the other, more than Clerk takes without a 429: the
// client's retries obey its Retry-After, and a whole run takes a few minutes.
//
// The cases write under one key. Every group of them saves the metadata before and
// restores it after, failures included.
package live
