// Package bulk makes many changes of metadata: it reads them from NDJSON or CSV,
// reports what they would do, and applies them.
//
//	changes := bulk.ReadNDJSON(file)
//	for result, err := range bulk.Apply(ctx, c, changes, bulk.ApplyParams{Checkpoint: checkpoint}) { … }
//
// Changes and results are sequences, so that the window bounds the memory. Changes of
// different entities run concurrently; those of one entity run in the order of the input,
// one at a time. client.WithRateLimit bounds the rate.
//
// Files can name users by e-mail address, phone number, username or external id instead of
// the id. Resolve finds them before anything is sent.
//
// # Killed and run again
//
// With a Checkpoint a run may end at any moment, by a kill too, and be run again with the
// same input. It then ends in the state of an undisturbed run, without skipping a change:
//
//   - A change is recorded after its write was answered with success, and only then is
//     the next change of that entity sent. A change that failed or is unknown is not
//     recorded and holds back later ones of its entity. So the records of an entity are
//     its first changes, without a gap (changes that do nothing aside, which are neither
//     sent nor recorded), and at most one more was sent.
//   - Records are appended to one file, and a file whose end was lost or torn is read up
//     to there. Losing records so keeps the first point true.
//   - A run begins each entity after its last record, so changes may be applied again:
//     each entity sees its changes in a walk that may step back, never skips one ahead,
//     and ends at the last. Every change sets absolute values. At any path the last
//     change in the input that sets or removes it is therefore applied after all others,
//     and the final state is that of one straight pass. An unset of nested paths removes
//     keys and creates none, which keeps this true.
//
// An edit sets absolute values too, and only where the entity is as it was read or as it
// becomes. One that was sent and not recorded is so found done. Where records were lost, or
// without a Checkpoint, an edit that runs again after a later change of the same path is a
// Conflict: it is reported, and sets nothing back.
//
// This does not cover others who write the same keys meanwhile. OpenCheckpoint refuses a
// second run on the same checkpoint.
//
// # The way back
//
// With an UndoLog each entity is read before its change, and what the change sets or removes
// is noted with the values before and after, on the disk, before the change is sent. OpenUndo
// makes of the notes one change for each entity, which Plan shows and Apply makes:
//
//   - A note of a change that was not sent, or not applied, does no harm. A run that is
//     killed and run again continues the log: at each path the first note wins, unless
//     others wrote the path between two changes, whose value then is the one restored.
//   - What others have changed after the last change stays, and so does an object that a
//     change made and that others have changed since. Result.Kept lists it, and the nulls
//     that no merge patch can restore.
//   - That others changed a path and changed it back cannot be seen, nor a write between
//     the read of an entity and its change.
package bulk
