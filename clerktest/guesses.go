package clerktest

import (
	"errors"
	"fmt"
	"slices"
)

// GuessName names a Guess.
type GuessName string

// The guesses, by name. Guesses tells what each asks and may be answered with.
const (
	EmptyPatch         GuessName = "EmptyPatch"
	ArrayMerge         GuessName = "ArrayMerge"
	NewObjectNulls     GuessName = "NewObjectNulls"
	PatchFieldNull     GuessName = "PatchFieldNull"
	PutFieldNull       GuessName = "PutFieldNull"
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
	RetiredFields      GuessName = "RetiredFields"
	InvalidQuery       GuessName = "InvalidQuery"
	UnknownCursor      GuessName = "UnknownCursor"
	UnknownToken       GuessName = "UnknownToken"
	UnknownSession     GuessName = "UnknownSession"
	RotatedToken       GuessName = "RotatedToken"
)

// Guess is a question about Clerk's behaviour that Clerk's documents leave
// open, and that a fake has to answer nevertheless.
type Guess struct {
	// Name is what WithGuess takes.
	Name GuessName
	// Question is the question, in one sentence.
	Question string
	// Default is the answer that the fake gives unless told otherwise.
	Default string
	// Alternatives are the other answers that it can be told to give.
	Alternatives []string
	// Basis says where the default comes from.
	Basis string
	// Strict is the answer that finds most mistakes of a client, Lenient the one
	// that lets most pass. Both are the default where it is a matter of neither.
	Strict, Lenient string
}

// Guesses returns every guess that the fake makes, in a fixed order. Everything
// else that it does is documented by Clerk or was seen in an official client.
// The answer is a copy.
func Guesses() []Guess {
	all := []Guess{
		{EmptyPatch, "What does a PATCH with {} do to a field?", "unchanged", []string{"cleared"}, "RFC 7396: an empty merge patch changes nothing", "", ""},
		{ArrayMerge, "What does a PATCH do to an array that is there already?", "replaced", []string{"appended"}, "RFC 7396: arrays are replaced whole", "", ""},
		{NewObjectNulls, "What becomes of nulls inside an object that a PATCH adds?", "stripped", []string{"kept"}, "RFC 7396: merging into a missing object merges into an empty one", "", ""},
		{PatchFieldNull, "What does a PATCH do whose field itself is null?", "refused", []string{"ignored", "cleared"}, "the OpenAPI document types the field as an object", "refused", "ignored"},
		{PutFieldNull, "What does a PUT do whose field itself is null?", "stored", []string{"refused", "cleared"}, "the upgrade guide speaks of null, the OpenAPI document of an object", "refused", "stored"},
		{SizeLimit, "How many bytes are 8 KB?", "8192", []string{"8000"}, "the guide says \"8kb\"", "8000", "8192"},
		{SizeScope, "Does the limit count each field by itself or the entity's fields together?", "field", []string{"sum"}, "the error names one parameter", "sum", "field"},
		{SizeTiming, "Is the limit on what is stored after the merge or on what was sent?", "merged", []string{"sent"}, "a limit on storage has to count what is stored", "merged", "sent"},
		{DuplicateKeys, "What becomes of a key that an object names twice?", "last", []string{"refused"}, "what most JSON decoders do", "refused", "last"},
		{BigNumbers, "Do numbers beyond 2^53 keep their digits?", "kept", []string{"rounded"}, "kinder to the data; nothing is published", "rounded", "kept"},
		{NoFields, "Is a write accepted that names no metadata field?", "accepted", []string{"refused"}, "the OpenAPI document requires none of the fields", "refused", "accepted"},
		{EmptyBody, "Is a write of user or membership metadata accepted without any body?", "accepted", []string{"refused"}, "the OpenAPI document requires a body for organizations only", "refused", "accepted"},
		{BodyLimit, "From how many bytes on is a request's body too large?", "1048576", []string{"65536", "10485760"}, "a usual limit; the catalogue names the error and no figure", "65536", "10485760"},
		{MissingContentType, "Is a body accepted that has no Content-Type?", "refused", []string{"accepted"}, "the strict answer finds the mistake", "refused", "accepted"},
		{MissingMembership, "Which code says that there is no such membership?", "resource_not_found", []string{"not_a_member_in_organization"}, "as for users and organizations; the other is the catalogue's, with status 403", "", ""},
		{RetiredFields, "Which code refuses metadata in the general update endpoints?", "form_param_unknown", []string{"form_param_deprecated"}, "the fields left the request's schema", "", ""},
		{InvalidQuery, "Which code refuses a bad limit, offset, order_by or starting_after?", "form_param_value_invalid", []string{"form_param_format_invalid"}, "the OpenAPI document says 422 and names no code", "", ""},
		{UnknownCursor, "What does a list answer to a starting_after that is no user's id?", "refused", []string{"empty"}, "the strict answer finds the mistake", "refused", "empty"},
		{UnknownToken, "Which code refuses a cookie or a client token that is not known?", "authentication_invalid", []string{"signed_out"}, "the catalogue's texts", "", ""},
		{UnknownSession, "Which code refuses a _clerk_session_id that is not one of the client's?", "authentication_invalid", []string{"resource_not_found"}, "the catalogue's texts", "", ""},
		{RotatedToken, "Is a client token still good after it was rotated?", "accepted", []string{"refused"}, "requests under way at the same time carry the same token", "refused", "accepted"},
	}
	for i := range all {
		g := &all[i]
		g.Strict, g.Lenient = or(g.Strict, g.Default), or(g.Lenient, g.Default)
	}
	return all
}

// attitude is what WithStrict or WithLenient chooses of a guess.
type attitude func(Guess) string

// WithStrict answers every guess with the answer that finds most mistakes of a
// client. WithGuess decides otherwise for one.
func WithStrict() Option {
	return func(s *settings) { s.attitudes = append(s.attitudes, func(g Guess) string { return g.Strict }) }
}

// WithLenient answers every guess with the answer that lets most pass. WithGuess
// decides otherwise for one.
func WithLenient() Option {
	return func(s *settings) { s.attitudes = append(s.attitudes, func(g Guess) string { return g.Lenient }) }
}

// answers is the default of each guess, changed by what the options say.
func answers(chosen map[GuessName]string, attitudes []attitude) (map[GuessName]string, error) {
	if len(attitudes) > 1 {
		return nil, errors.New("WithStrict and WithLenient are for one or the other, once")
	}
	all := map[GuessName]string{}
	for _, g := range Guesses() {
		all[g.Name] = g.Default
		for _, choose := range attitudes {
			all[g.Name] = choose(g)
		}
		answer, ok := chosen[g.Name]
		if !ok {
			continue
		}
		delete(chosen, g.Name)
		if answer != g.Default && !slices.Contains(g.Alternatives, answer) {
			return nil, fmt.Errorf("guess %s: answer %q is neither %q nor one of %q", g.Name, answer, g.Default, g.Alternatives)
		}
		all[g.Name] = answer
	}
	for name := range chosen {
		return nil, fmt.Errorf("there is no guess %q", name)
	}
	return all, nil
}
