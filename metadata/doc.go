// Package metadata holds the values that Clerk's metadata endpoints take and return,
// and the algebra on them. It does no I/O.
//
// There is one type for each direction and verb:
//
//   - [Patch] is the body of a PATCH, a JSON merge patch (RFC 7396). A key set to
//     [Delete] is removed, at any depth; an absent key stays as it is.
//   - [Value] is what a PUT does to one field: leave it alone, clear it, set it to
//     exactly one object, or store null.
//   - [Object] is a field as Clerk returned it: the JSON as received, with all digits
//     and unknown keys, for decoding into the caller's types.
//
// Nil, absent and empty values mean:
//
//	              Patch (PATCH)                Value (PUT)
//	zero value    field is left alone          field is left alone
//	empty         Patch{}: changes nothing     Empty(): clears the field
//	remove a key  Delete                       leave the key out
//	null          an error, names the path     Null(), or a nil inside Of(…)
//
// A Go nil inside a Patch is an error and never a deletion, so that an accidental nil
// loses no key. JSON text, where null means removal, enters through [ParsePatch].
//
// [Merge] is what the server does with a patch, [Diff] the smallest patch from one
// object to another, [Rebase] what is left of that where others write too, [Compose] one
// patch for two in turn, [Changed] the places where two objects differ, [Equal] whether
// they do. Where no patch has the effect (to set a null, to replace an object) the error
// names every place. A [Draft] is a field as a Go value that the caller changes: its patch
// holds what changed and no key that the type does not know. The typed views of users,
// organizations and me use it.
//
// Time and memory of every function are linear in the size of its documents as JSON,
// except for the sorting of keys. Numbers have any number of digits; arrays and
// objects nest at most 10000 deep. A parsed document takes up to 60 bytes for each
// byte of its text; a Draft parses it several times. Lists of paths end at 64 KiB
// ([NullsError], [ComposeError], [ConflictError]) or at long pointers ([Changed]), since the paths of a
// document can be far longer than the document. The cost of MarshalJSON and
// UnmarshalJSON methods of the caller's types comes on top.
//
// Everything except a Draft is safe for concurrent use while no map or slice that was
// passed in is changed.
package metadata

// MaxSize is the size in bytes that a field may have in a PUT and after a Modify.
// Clerk's guide limits metadata to 8 KB; that this means 8192 bytes, and that each
// field counts separately, is a guess.
const MaxSize = 8192

// ModifyConfig configures what Modify of a typed view does about a write by someone
// else between its read and its write. The zero value reports the changes in the
// result.
type ModifyConfig struct {
	// MaxReruns is the number of times, 0 to 10, that Modify calls the callback again
	// after a concurrent change, with what is stored then. A callback that decides by
	// what it reads can so correct its decision.
	MaxReruns int
	// FailOnConcurrentChange makes Modify return clerkerr.ErrConcurrentChange for a
	// concurrent change that no rerun follows. Its own write has been applied by
	// then, since Clerk has no conditional write.
	FailOnConcurrentChange bool
}
