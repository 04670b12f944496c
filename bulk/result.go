package bulk

import (
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Outcome is what became of a change.
type Outcome string

// The outcomes.
const (
	// Applied: the write was answered with success.
	Applied Outcome = "applied"
	// Unchanged: nothing was sent, since the change does nothing, or the entity was read
	// and already has its values.
	Unchanged Outcome = "unchanged"
	// Failed: the change was not applied; Err says why.
	Failed Outcome = "failed"
	// Unknown: a write was sent and may have been applied; Err says why. It is safe to send
	// it again.
	Unknown Outcome = "unknown"
	// Conflict: an edit was not applied, since others have changed what it changes; Err is
	// a *ConflictError.
	Conflict Outcome = "conflict"
	// Managed: the change was not applied, since a directory that is synchronized owns the
	// attribute; Err is clerkerr.ErrManaged. Only Clerk's answer shows it, so that a plan does
	// not foresee it.
	Managed Outcome = "managed by directory"
	// HeldBack: an earlier change of the entity is not done, so this one was not
	// sent, or in a plan would not be: run both again, in order. Err is ErrHeldBack.
	HeldBack Outcome = "held back"
	// Recorded: the checkpoint says that an earlier run applied it.
	Recorded Outcome = "recorded"
	// Planned: the change would change something. Only Plan yields it.
	Planned Outcome = "planned"
)

// Errors of this package, besides those of the calls.
var (
	// ErrHeldBack: an earlier change of the same entity failed, is unknown or a conflict.
	ErrHeldBack = errors.New("an earlier change of the same entity failed")
	// ErrTooManyFailures: more changes failed than MaxFailures of the parameters
	// allows, or MaxInRow of them for want of an answer.
	ErrTooManyFailures = errors.New("too many failures")
)

// Result is what became of one change.
type Result struct {
	// Index counts the changes of the input from 0.
	Index int64
	// Change is the change as the input had it, with the id of the user that a name was
	// resolved to.
	Change Change
	// Outcome says what became of it.
	Outcome Outcome
	// Err is why it is not done: a *clerkerr.Error, a *ConflictError, ErrHeldBack or what
	// Check says.
	// It can come with Applied too, where the answer was cut short.
	Err error
	// Diff is the effect of the change; nil if the entity was not read.
	Diff *Diff
	// Before is the entity when it was read; nil if it was not.
	Before *State
	// After is the entity in Clerk's answer to the write; in a plan, as it would be. It is
	// nil if unknown.
	After *State
	// Kept are the places that an undo leaves as they are; nil for none.
	Kept *Kept
	// Approximate reports that Diff omits an earlier change of the entity, so far back that
	// it was forgotten: see PlanParams.Memory.
	Approximate bool
}

// OK reports whether the change is done.
func (r Result) OK() bool {
	return r.Outcome == Applied || r.Outcome == Unchanged || r.Outcome == Recorded
}

// failure is the member of a line of changes that says why its change is not done.
type failure struct {
	Outcome Outcome `json:"outcome"`
	Status  int     `json:"status,omitempty"`
	Code    string  `json:"code,omitempty"`
	Reason  string  `json:"reason"`
}

// FailureLine returns the change as Change.MarshalJSON does, with a member failure that
// says why it is not done, and that the readers ignore:
//
//	{"user":"user_1","patch":{…},"failure":{"outcome":"failed","status":404,"code":"resource_not_found","reason":"…"}}
//
// status and code are those of a *clerkerr.Error in Err, and left out where Clerk sent
// none; reason is the text of Err. A line of a change that is done has no such member.
func (r Result) FailureLine() ([]byte, error) {
	if r.Err == nil || r.OK() {
		return r.Change.line(nil)
	}
	why := failure{Outcome: r.Outcome, Reason: r.Err.Error()}
	if e, ok := errors.AsType[*clerkerr.Error](r.Err); ok {
		why.Status, why.Code = e.Status, e.Code()
	}
	return r.Change.line(&why)
}

// Diff names the paths that a change changes, as in Entity.Unset: a field and a JSON
// Pointer, sorted. It is as deep as both sides have objects, compares arrays as a whole,
// and has no values.
type Diff struct {
	// Added are the keys that the entity does not have yet; nil for none.
	Added []string
	// Changed are the keys that get another value, and whole fields that are
	// null on one side; nil for none.
	Changed []string
	// Removed are the keys that go; nil for none.
	Removed []string
}

// Empty reports whether nothing changes.
func (d *Diff) Empty() bool { return len(d.Added)+len(d.Changed)+len(d.Removed) == 0 }

// State is what an entity holds. Fields that it does not have are zero.
type State struct {
	// ID is the entity's id at Clerk; a membership has one besides those in Entity.
	ID string
	// Public is the public metadata.
	Public metadata.Object
	// Private is the private metadata.
	Private metadata.Object
	// Unsafe is the unsafe metadata of a user.
	Unsafe metadata.Object
}

func (s *State) objects() entity.Objects { return entity.Objects{s.Public, s.Private, s.Unsafe} }

func stateOf(r *entity.Record) *State {
	if r == nil {
		return nil
	}
	return &State{r.Name, r.Objects[0], r.Objects[1], r.Objects[2]}
}

// refusalOf returns the outcome of a change that was not applied because of err.
func refusalOf(err error) Outcome {
	_, conflict := errors.AsType[*ConflictError](err)
	switch {
	case conflict:
		return Conflict
	case errors.Is(err, clerkerr.ErrManaged):
		return Managed
	default:
		return Failed
	}
}

// outcomeOf returns the outcome of a write that ended with err.
func outcomeOf(err error) Outcome {
	e, ok := errors.AsType[*clerkerr.Error](err)
	switch {
	case err == nil, ok && e.Outcome == clerkerr.OutcomeApplied:
		return Applied
	case ok && e.Outcome == clerkerr.OutcomeNotApplied:
		return refusalOf(err)
	default:
		return Unknown
	}
}

// Counts are the numbers of changes by outcome.
type Counts struct {
	// Each counts the changes with the outcome of its name.
	Applied, Unchanged, Failed, Unknown, Conflict, Managed, HeldBack, Recorded, Planned int64
}

// Total returns the sum.
func (c Counts) Total() int64 {
	return c.Applied + c.Unchanged + c.Failed + c.Unknown + c.Conflict + c.Managed + c.HeldBack + c.Recorded + c.Planned
}

// Left returns how many are not done: failed, unknown, conflicts, managed and held back.
func (c Counts) Left() int64 {
	return c.Failed + c.Unknown + c.Conflict + c.Managed + c.HeldBack
}

// Add counts one outcome.
func (c *Counts) Add(o Outcome) {
	switch o {
	case Applied:
		c.Applied++
	case Unchanged:
		c.Unchanged++
	case Failed:
		c.Failed++
	case Unknown:
		c.Unknown++
	case Conflict:
		c.Conflict++
	case Managed:
		c.Managed++
	case HeldBack:
		c.HeldBack++
	case Recorded:
		c.Recorded++
	case Planned:
		c.Planned++
	}
}
