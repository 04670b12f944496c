// Package metadata holds the values that Clerk's metadata endpoints take and
// give, and the algebra on them. It does no I/O and knows no HTTP.
//
// Three types, one for each direction and verb:
//
//   - [Patch] is what a PATCH takes, a JSON merge patch (RFC 7396). A key set to
//     [Delete] is removed, at any depth; a key that is not there stays as it is.
//   - [Value] is what a PUT takes for one field: leave it alone, clear it, set
//     it to exactly this object, or store null.
//   - [Object] is what comes back: the JSON as it was received, with its digits
//     and its unknown keys, to be decoded into types of your own.
//
// What a nil, an absent and an empty one mean:
//
//	              Patch (PATCH)                Value (PUT)
//	zero value    field is left alone          field is left alone
//	empty         Patch{}: changes nothing     Empty(): clears the field
//	remove a key  Delete                       leave the key out
//	null          an error, names the path     Null(), or a nil inside Of(…)
//
// A Go nil inside a Patch is an error and never a deletion, so that no key is
// lost because something happened to be nil. JSON text from outside, where null
// does mean removal, enters through [ParsePatch].
//
// The algebra on them: [Merge] is what the server does with a patch, [Diff] the
// smallest patch from one object to another, [Compose] one patch for two in
// turn, [Changed] the places where two objects differ, [Equal] whether they do.
// Where no patch does what is asked for (to set a null, to replace an object
// that may be there) the error names every such place. A [Draft] is a field as a
// Go type of your own, to be changed there: its patch holds what changed and no
// key that the type does not know. The typed views of users, organizations and
// me are built on it.
//
// Time and memory of every function are linear in the size of the documents that it
// is given, as JSON, whatever is in them, but for the sorting of keys. Numbers have
// no limit on their digits, arrays and objects stand in one another at most 10000
// deep. A document that is parsed takes up to some 60 bytes for each byte of its
// text; a Draft parses it several times. Lists of paths end at 64 KiB ([NullsError],
// [ComposeError]) or at long pointers ([Changed]), since the paths of a document can
// be far longer than it is. What methods of your own types take (MarshalJSON,
// UnmarshalJSON) comes on top; encoding/json reads what one of them wrote again for
// each of those around it.
//
// Everything but a Draft is safe for concurrent use as long as nobody writes to a
// map or slice that was handed in.
package metadata

// MaxSize is the size in bytes up to which a field is sent in a PUT, and up to
// which a Modify lets one grow. Clerk's guide limits metadata to 8 KB; that this
// means 8192 bytes, and that it counts each field by itself, is a guess.
const MaxSize = 8192
