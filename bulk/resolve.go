package bulk

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Resolution says which user each name of an input stands for. Resolve makes it. It keeps some
// 90 bytes of memory for each name. It is immutable.
type Resolution struct {
	users  map[nameKey]string // "" for a name of no one user
	faults map[nameKey]error
}

// NameKeeper is a Checkpoint that also remembers which users the names of the input stand
// for, so that a run that is continued changes the same people, also where others have their
// addresses by then. A name is a hash, 32 characters. FileCheckpoint is one.
type NameKeeper interface {
	// Checkpoint remembers which changes were applied.
	Checkpoint
	// NamedUser returns the id of the user that a name stands for, "" for one that was not
	// kept.
	NamedUser(name string) string
	// KeepNames keeps the id of the user that each name stands for, before any change is
	// sent. It returns when they survive a crash. An error ends the run.
	KeepNames(names iter.Seq2[string, string]) error
}

// ResolveParams configure Resolve. The zero value is right for most.
type ResolveParams struct {
	// Checkpoint is that of Apply. If it is a NameKeeper, names that it kept are not asked
	// for again.
	Checkpoint Checkpoint
	// Progress is called with the number of names that were settled so far, one call at a
	// time.
	Progress func(names int64)
}

// UnresolvedError reports the changes whose names are not certain to stand for one user each.
type UnresolvedError struct {
	// Lines has the first change with each such name, in the order of lines. A reason is
	// a *clerkerr.Error of Find of package users, or says what contradicts.
	Lines []*LineError
}

// Error is the first reason, with the number of the others.
func (e *UnresolvedError) Error() string {
	text := e.Lines[0].Error()
	if more := len(e.Lines) - 1; more > 0 {
		text = fmt.Sprintf("%s (and %d more names without one user)", text, more)
	}
	return text
}

// Unwrap returns the reasons.
func (e *UnresolvedError) Unwrap() []error {
	all := make([]error, len(e.Lines))
	for i, line := range e.Lines {
		all[i] = line
	}
	return all
}

// Resolve finds the users that changes name by an e-mail address, a phone number, a username
// or an external id, 100 with each request, and makes no change. Pass the Resolution to Plan
// and Apply, which take no named change without: so all is settled before anything is sent.
//
// It fails with an *UnresolvedError for a name of no user or of several (see Find of package
// users), for two names of one user, and for a user other than the one whose id stands beside
// the name. The Resolution is then there, too: Plan and Apply report those changes as Failed,
// and do not send them. Other errors are those of the requests and of changes. It walks
// changes once, on the calling goroutine.
func Resolve(ctx context.Context, c *client.Client, changes iter.Seq2[Change, error], params ResolveParams) (*Resolution, error) {
	if err := given("bulk.Resolve", ctx, c, changes); err != nil {
		return nil, err
	}
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &resolver{
		client: c, params: params, cancel: cancel, slots: make(chan struct{}, resolveWorkers),
		result: &Resolution{map[nameKey]string{}, map[nameKey]error{}}, owners: map[string]owner{},
	}
	err := r.all(working, changes)
	r.group.Wait()
	if r.escaped != nil {
		r.escaped.raise()
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := cmp.Or(r.failed, err); err != nil {
		return nil, err
	}
	if len(r.bad) > 0 {
		slices.SortFunc(r.bad, func(a, b *LineError) int { return cmp.Compare(a.Line, b.Line) })
		return r.result, &UnresolvedError{r.bad}
	}
	return r.result, nil
}

// resolveWorkers is how many requests Resolve makes at once. Each answer can have 100 users
// with all that they hold.
const resolveWorkers = 8

// pending is a name to be settled.
type pending struct {
	key        nameKey
	name       name
	identifier users.Identifier
	expected   string
	line       int
}

// owner is the name that was found to be a user's.
type owner struct {
	key  nameKey
	name name
	line int
}

type resolver struct {
	client *client.Client
	params ResolveParams
	cancel context.CancelFunc
	group  sync.WaitGroup
	slots  chan struct{}

	mu      sync.Mutex // guards what follows
	result  *Resolution
	owners  map[string]owner // by user
	bad     []*LineError
	settled int64
	failed  error
	escaped *escape
}

// all asks for the names of changes, each once.
func (r *resolver) all(ctx context.Context, changes iter.Seq2[Change, error]) error {
	keeper, keeps := r.params.Checkpoint.(NameKeeper)
	var page []pending
	for change, err := range changes {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return nil
		case change.name.kind == "" || change.known || change.doesNothing() || change.valid() != nil:
			continue
		}
		p := pending{change.nameKey(), change.name, change.name.identifier(), change.expected(), change.Line}
		if r.seen(p.key) {
			continue
		}
		if keeps {
			if id := keeper.NamedUser(p.key.String()); id != "" {
				r.settle(p, id, nil)
				continue
			}
		}
		if page = append(page, p); len(page) == usersPerRequest {
			r.start(ctx, page)
			page = nil
		}
	}
	if len(page) > 0 {
		r.start(ctx, page)
	}
	return nil
}

// seen reports whether a name was met before, and marks it as not settled otherwise.
func (r *resolver) seen(key nameKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, again := r.result.users[key]
	if !again {
		r.result.users[key] = ""
	}
	return again
}

func (r *resolver) start(ctx context.Context, page []pending) {
	r.slots <- struct{}{}
	r.group.Go(func() {
		defer func() { <-r.slots }()
		guarded(func() { r.find(ctx, page) }, func(escaped *escape) {
			if escaped == nil {
				return
			}
			r.cancel()
			r.mu.Lock()
			defer r.mu.Unlock()
			r.escaped = cmp.Or(r.escaped, escaped)
		})
	})
}

// find asks for the users of a page of names.
func (r *resolver) find(ctx context.Context, page []pending) {
	var identifiers []users.Identifier
	for _, p := range page {
		identifiers = append(identifiers, p.identifier)
	}
	i := 0
	for u, err := range r.client.Users.FindMany(ctx, identifiers) {
		switch e, ok := errors.AsType[*clerkerr.Error](err); {
		case err == nil:
			r.settle(page[i], u.ID, nil)
		case ok && e.Entity == page[i].identifier.String():
			r.settle(page[i], "", err)
		default:
			r.mu.Lock()
			r.failed = cmp.Or(r.failed, err)
			r.mu.Unlock()
			r.cancel()
			return
		}
		i++
	}
}

// settle notes the user that a name stands for, or why there is none.
func (r *resolver) settle(p pending, id string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled++
	if r.params.Progress != nil {
		r.params.Progress(r.settled)
	}
	mine := owner{p.key, p.name, p.line}
	if err == nil && p.expected != "" && id != p.expected {
		err = fmt.Errorf("%s %q is %s, and the line has the id %s: it belongs to another user now, or one of the two is mistaken", p.name.kind, short(p.name.text), id, p.expected)
	}
	if err != nil {
		r.refuse(mine, err)
		return
	}
	first, owned := r.owners[id]
	if owned && first.name != p.name {
		earlier, later := first, mine
		if later.line < earlier.line {
			earlier, later = later, earlier
			r.result.users[later.key] = ""
			r.result.users[earlier.key], r.owners[id] = id, earlier
		}
		r.refuse(later, fmt.Errorf("%s %q is %s, as is %q in line %d: name a user in one way", later.name.kind, short(later.name.text), id, short(earlier.name.text), earlier.line))
		return
	}
	if !owned {
		id = strings.Clone(id)
		r.owners[id] = mine
	}
	r.result.users[p.key] = id
}

func (r *resolver) refuse(o owner, err error) {
	r.result.faults[o.key] = err
	r.bad = append(r.bad, &LineError{Line: o.line, Err: err})
}

// String returns the key as a NameKeeper gets it.
func (k nameKey) String() string { return hex.EncodeToString(k[:]) }

// errUnresolved is of a change that Resolve has not seen.
var errUnresolved = errors.New("the user is named otherwise than by id, and the name was not resolved: pass what bulk.Resolve returns for the same changes")

// of returns changes with the users that their names stand for.
func (r *Resolution) of(changes iter.Seq2[Change, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for c, err := range changes {
			if !yield(r.resolved(c), err) {
				return
			}
		}
	}
}

func (r *Resolution) resolved(c Change) Change {
	if c.name.kind == "" || c.known {
		return c
	}
	c.unresolved = errUnresolved
	if r == nil {
		return c
	}
	key := c.nameKey()
	if id := r.users[key]; id != "" {
		c.entity.UserID, c.known, c.unresolved = id, true, nil
		return c
	}
	c.unresolved = cmp.Or(r.faults[key], errUnresolved)
	return c
}

// keep makes a checkpoint remember the names.
func (r *Resolution) keep(checkpoint Checkpoint) error {
	if r == nil || len(r.users) == 0 || checkpoint == nil {
		return nil
	}
	keeper, ok := checkpoint.(NameKeeper)
	if !ok {
		return clerkerr.Invalid("bulk.Apply", "Checkpoint", errors.New("is no NameKeeper: without the names a run that is continued could change other people"))
	}
	err := keeper.KeepNames(func(yield func(string, string) bool) {
		for key, id := range r.users {
			if id != "" && !yield(key.String(), id) {
				return
			}
		}
	})
	if err != nil {
		return fmt.Errorf("the checkpoint cannot be written: %w", err)
	}
	return nil
}
