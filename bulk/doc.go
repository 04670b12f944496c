// Package bulk makes many changes of metadata: it reads them from NDJSON or CSV,
// reports what they would do, and applies them.
//
//	changes := bulk.ReadNDJSON(file)
//	for result, err := range bulk.Apply(ctx, c, changes, bulk.ApplyParams{Checkpoint: checkpoint}) { … }
//
// Changes are a sequence and results are one, so that memory is bounded by the
// window and not by how many there are. Changes of different entities run
// concurrently; those of one entity run in the order of the input, one at a
// time. The rate is the client's affair: see client.WithRateLimit.
//
// # Killed and run again
//
// With a Checkpoint a run may end at any moment, by a kill as well, and be run
// again with the same input: it then ends in the state that an undisturbed run
// would have ended in, and no change is left out. This is why:
//
//   - A change is recorded once its write was answered with success, and only
//     then may the next change of that entity be sent. A change that failed, or
//     of which it is unknown whether it was applied, is not recorded and holds
//     back those of its entity behind it. So what is recorded of an entity is
//     always its first changes, without a gap (changes that hold nothing aside,
//     which are neither sent nor recorded), and whatever was sent of it is at most
//     one further.
//   - Records are appended to one file, and a file whose end was lost or torn is
//     read up to there. Losing records so keeps the first point true.
//   - A run begins each entity after its last record, so changes that were
//     applied may be applied again: each entity sees its changes in a walk that
//     at any time may step back, never skips one ahead, and ends at the last.
//     Every change sets absolute values. At any one path the last change in the
//     input that sets or removes it is therefore applied after all that come
//     before it, whatever the walk, and the final state is that of one straight
//     pass. An unset of nested paths removes what is there and creates nothing,
//     which keeps this true.
//
// What this cannot see is someone else who writes the same keys meanwhile. A second
// run on the same checkpoint is refused: see OpenCheckpoint.
package bulk
