package clerktest

import "cmp"

// GuessName names a Guess.
type GuessName string

// The guesses, by name. Guesses has the question and the answers of each.
const (
	EmptyPatch         GuessName = "EmptyPatch"
	ArrayMerge         GuessName = "ArrayMerge"
	NewObjectNulls     GuessName = "NewObjectNulls"
	PatchFieldNull     GuessName = "PatchFieldNull"
	SizeLimit          GuessName = "SizeLimit"
	SizeScope          GuessName = "SizeScope"
	SizeTiming         GuessName = "SizeTiming"
	DuplicateKeys      GuessName = "DuplicateKeys"
	BigNumbers         GuessName = "BigNumbers"
	NoFields           GuessName = "NoFields"
	EmptyBody          GuessName = "EmptyBody"
	BodyLimit          GuessName = "BodyLimit"
	MissingContentType GuessName = "MissingContentType"
	MissingMembership  GuessName = "MissingMembership"
	MissingVersion     GuessName = "MissingVersion"
	RetiredFields      GuessName = "RetiredFields"
	OlderUpdate        GuessName = "OlderUpdate"
	InvalidQuery       GuessName = "InvalidQuery"
	LargeLimit         GuessName = "LargeLimit"
	UnknownCursor      GuessName = "UnknownCursor"
	UnknownToken       GuessName = "UnknownToken"
	UnknownSession     GuessName = "UnknownSession"
	RotatedToken       GuessName = "RotatedToken"
)

// Evidence says how certain the default answer to a Guess is.
type Evidence string

// The kinds of evidence, the weakest first.
const (
	// Guessed: inferred, from other behaviour or from what is usual.
	Guessed Evidence = "guessed"
	// Reported: people who saw Clerk's answers published it.
	Reported Evidence = "reported"
	// Seen: a client of Clerk's relies on it.
	Seen Evidence = "seen"
	// DocumentedOnce: an older document of Clerk's says so; the present ones do not.
	DocumentedOnce Evidence = "documented once"
)

// Guess is a question about Clerk's behaviour that Clerk's present documents leave
// open and a fake must answer.
type Guess struct {
	// Name is its key in Config.Guesses.
	Name GuessName
	// Question is the question, in one sentence.
	Question string
	// Default is the answer of the zero Config.
	Default string
	// Alternatives are the other answers that Config.Guesses takes.
	Alternatives []string
	// Evidence says how certain the default is.
	Evidence Evidence
	// Basis says where the default comes from.
	Basis string
	// Strict is the answer that finds most mistakes of a client, Lenient the one
	// that lets most pass. Both are the default where neither answer does.
	Strict, Lenient string
}

// Guesses returns every guess that Config.Guesses can answer, in a fixed order;
// docs/parity.md marks the others. The result is a copy.
func Guesses() []Guess {
	all := []Guess{
		{EmptyPatch, "What does a PATCH with {} do to a field?", "unchanged", []string{"cleared"}, Reported, "reported to change nothing, as RFC 7396 has it", "", ""},
		{ArrayMerge, "What does a PATCH do to an array that exists?", "replaced", []string{"appended"}, Seen, "the browser client makes such merge patches; RFC 7396 replaces whole arrays", "", ""},
		{NewObjectNulls, "What happens to nulls in an object that a PATCH adds?", "stripped", []string{"kept"}, Guessed, "RFC 7396: merging into a missing object merges into an empty one", "", ""},
		{PatchFieldNull, "What does a PATCH do if the field itself is null?", "refused", []string{"ignored", "cleared"}, Guessed, "the OpenAPI document types the field as an object", "refused", "ignored"},
		{SizeLimit, "How many bytes are 8 KB?", "8192", []string{"8000"}, Reported, "public code quotes 8192 bytes; the guide says \"8kb\"", "8000", "8192"},
		{SizeScope, "Does the limit count each field by itself or the entity's fields together?", "field", []string{"sum"}, DocumentedOnce, "an older document's error is about one field; the error names one parameter", "sum", "field"},
		{SizeTiming, "Is the limit on what is stored after the merge or on what was sent?", "merged", []string{"sent"}, Guessed, "a limit on storage counts what is stored", "merged", "sent"},
		{DuplicateKeys, "What happens to a key that an object has twice?", "last", []string{"refused"}, Guessed, "what most JSON decoders do", "refused", "last"},
		{BigNumbers, "Do numbers beyond 2^53 keep their digits?", "kept", []string{"rounded"}, Guessed, "kinder to the data; nothing is published", "rounded", "kept"},
		{NoFields, "Does Clerk accept a write that names no metadata field?", "accepted", []string{"refused"}, Guessed, "the OpenAPI document requires none of the fields", "refused", "accepted"},
		{EmptyBody, "Does Clerk accept a write of user or membership metadata without a body?", "accepted", []string{"refused"}, Guessed, "the OpenAPI document requires a body for organizations only", "refused", "accepted"},
		{BodyLimit, "How many bytes may a request's body have?", "1048576", []string{"65536", "10485760"}, Guessed, "a usual limit; the catalogue names the error and no figure", "65536", "10485760"},
		{MissingContentType, "Does Clerk accept a body without a Content-Type?", "refused", []string{"accepted"}, Guessed, "the strict answer finds the mistake", "refused", "accepted"},
		{MissingMembership, "Which code reports a missing membership?", "resource_not_found", []string{"not_a_member_in_organization"}, DocumentedOnce, "an older document says so of this very operation; the other is the catalogue's, with status 403", "", ""},
		{MissingVersion, "Which version applies to a request that names none?", "older", []string{"newest"}, Guessed, "versions exist to prevent disruption, and Clerk's own tools still send metadata in general updates without a version", "newest", "older"},
		{RetiredFields, "Which code refuses metadata in the general update endpoints?", "form_param_deprecated", []string{"form_param_unknown"}, Reported, "reported of the live API, and the catalogue's text fits", "", ""},
		{OlderUpdate, "What does metadata in the general updates of older versions do to a field?", "replaced", []string{"merged"}, Guessed, "Clerk's clients turn such an update into a replacement", "", ""},
		{InvalidQuery, "Which code refuses a bad limit, offset, order_by or starting_after?", "form_param_value_invalid", []string{"form_param_format_invalid"}, Reported, "reported of a limit of 10.0, with an empty meta", "", ""},
		{LargeLimit, "What does a list do with a limit over 500?", "cut", []string{"refused"}, Reported, "reported in 2025 to be cut to 500; the OpenAPI document has 500 as the maximum", "refused", "cut"},
		{UnknownCursor, "What does a list answer to a starting_after that is not a user's id?", "refused", []string{"empty"}, Guessed, "the strict answer finds the mistake", "refused", "empty"},
		{UnknownToken, "Which code refuses an unknown cookie or client token?", "authentication_invalid", []string{"signed_out"}, Guessed, "the catalogue's texts", "", ""},
		{UnknownSession, "Which code refuses a _clerk_session_id that is not one of the client's?", "authentication_invalid", []string{"resource_not_found"}, Guessed, "the catalogue's texts", "", ""},
		{RotatedToken, "Is a client token valid after it was rotated?", "accepted", []string{"refused"}, Guessed, "requests under way at the same time carry the same token", "refused", "accepted"},
	}
	for i := range all {
		g := &all[i]
		g.Strict, g.Lenient = cmp.Or(g.Strict, g.Default), cmp.Or(g.Lenient, g.Default)
	}
	return all
}
