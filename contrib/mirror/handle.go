package mirror

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// Handle stores what an event says; it is the function for webhook.Receiver.Handler:
//
//	http.Handle("/clerk", receiver.Handler(m.Handle))
//
// Events may come in any order, twice and late. One that the mirror does not hold anything of
// is ignored, whatever its type. An event that has the time of the row and other content makes
// Handle read Clerk. An error satisfies webhook.ErrUnavailable, so that Clerk sends the event
// again, or webhook.ErrDiscard if its data are not as documented. Handle takes 10 seconds at
// most, since Clerk waits some 15 for the answer (a guess).
func (m *Mirror) Handle(ctx context.Context, event webhook.Event) error {
	ctx, cancel := context.WithTimeout(ctx, m.bound)
	defer cancel()
	err := m.prepare(ctx)
	if err == nil {
		err = m.handle(ctx, event)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errEvent):
		return fmt.Errorf("mirror.Handle: %w: %w", webhook.ErrDiscard, err)
	default:
		return fmt.Errorf("%w: %w", webhook.ErrUnavailable, failed("Handle", err))
	}
}

const handleBound = 10 * time.Second

// errEvent reports an event that cannot be read, now or later.
var errEvent = errors.New("the event cannot be read")

func (m *Mirror) handle(ctx context.Context, event webhook.Event) error {
	switch event.Type {
	case webhook.UserCreated, webhook.UserUpdated:
		return applyEvent(ctx, m, user, event.User, m.userRow)
	case webhook.OrganizationCreated, webhook.OrganizationUpdated:
		return applyEvent(ctx, m, organization, event.Organization, m.organizationRow)
	case webhook.MembershipCreated, webhook.MembershipUpdated:
		return applyEvent(ctx, m, membership, event.Membership, m.membershipRow)
	case webhook.UserDeleted:
		return m.removeEvent(ctx, user, event)
	case webhook.OrganizationDeleted:
		return m.removeEvent(ctx, organization, event)
	case webhook.MembershipDeleted:
		s, err := event.Membership()
		if s == nil || s.ID == "" {
			return fmt.Errorf("%w: %w", errEvent, err)
		}
		return m.remove(ctx, membership, []string{s.ID}, false)
	default:
		return nil
	}
}

func applyEvent[E any](ctx context.Context, m *Mirror, of kind, parse func() (*E, error), toRow func(*E) (row, error)) error {
	entity, err := parse()
	if err != nil {
		return fmt.Errorf("%w: %w", errEvent, err)
	}
	r, err := toRow(entity)
	if err != nil {
		return fmt.Errorf("%w: %w", errEvent, err)
	}
	return m.apply(ctx, found{kind: of, rows: []row{r}})
}

func (m *Mirror) removeEvent(ctx context.Context, of kind, event webhook.Event) error {
	gone, err := event.Deleted()
	if gone == nil || gone.ID == "" {
		return fmt.Errorf("%w: %w", errEvent, err)
	}
	return m.remove(ctx, of, []string{gone.ID}, false)
}

// ApplyUser stores a user whom a write of this SDK returned, so that the mirror need not wait
// for the event. An error means that the mirror does not have the write yet; the event or a
// sweep brings it.
func (m *Mirror) ApplyUser(ctx context.Context, u *users.User) error {
	if u == nil {
		return invalid("ApplyUser", "the user is nil")
	}
	return applyAnswer(ctx, m, "ApplyUser", user, u, m.userRow)
}

// ApplyOrganization is ApplyUser for an organization.
func (m *Mirror) ApplyOrganization(ctx context.Context, o *organizations.Organization) error {
	if o == nil {
		return invalid("ApplyOrganization", "the organization is nil")
	}
	return applyAnswer(ctx, m, "ApplyOrganization", organization, o, m.organizationRow)
}

// ApplyMembership is ApplyUser for a membership.
func (m *Mirror) ApplyMembership(ctx context.Context, s *organizations.Membership) error {
	if s == nil {
		return invalid("ApplyMembership", "the membership is nil")
	}
	return applyAnswer(ctx, m, "ApplyMembership", membership, s, m.membershipRow)
}

func applyAnswer[E any](ctx context.Context, m *Mirror, operation string, of kind, entity *E, toRow func(*E) (row, error)) error {
	r, err := toRow(entity)
	if err == nil {
		err = m.prepare(ctx)
	}
	if err == nil {
		err = m.apply(ctx, found{kind: of, rows: []row{r}})
	}
	return failed(operation, err)
}

// Erase removes a user and the user's memberships for good: only their ids stay, so that no late
// event, answer or sweep brings them back. It does not delete the user at Clerk.
func (m *Mirror) Erase(ctx context.Context, userID string) error {
	if userID == "" {
		return invalid("Erase", "the user's id is empty")
	}
	err := m.prepare(ctx)
	if err == nil {
		err = m.remove(ctx, user, []string{userID}, false)
	}
	return failed("Erase", err)
}

// maxReads bounds how often an entity is read again that changes all the time.
const maxReads = 5

// apply stores entities, and reads those again that it cannot decide on.
func (m *Mirror) apply(ctx context.Context, f found) error {
	ties, err := m.store(ctx, f, nil)
	if err != nil || len(ties) == 0 {
		return err
	}
	return m.settle(ctx, f.kind, ties, repair{drift: f.drift})
}

// repair says what becomes of what a read finds: whether it counts as drift, and whether what
// it does not find is deleted.
type repair struct{ drift, remove bool }

// settle reads entities until the rows agree with what was read.
func (m *Mirror) settle(ctx context.Context, of kind, rows []row, how repair) (err error) {
	for range maxReads {
		rows, err = m.reread(ctx, of, rows, how)
		if err != nil || len(rows) == 0 {
			return err
		}
	}
	return fmt.Errorf("%s %s changes faster than it can be read, or was just deleted", of, rows[0].id)
}

// reread reads entities from Clerk and stores what it finds. It returns those that are open.
func (m *Mirror) reread(ctx context.Context, of kind, rows []row, how repair) (open []row, err error) {
	began, err := m.now(ctx)
	if err != nil {
		return nil, err
	}
	f := found{kind: of, began: began, drift: how.drift}
	var missing []row
	switch of {
	case user:
		f.rows, missing, err = m.readUsers(ctx, rows)
	case organization:
		f.rows, missing, err = readEach(rows, m.organizationRow, func(r row) (*organizations.Organization, error) {
			return m.clerk.Organizations.GetOrganization(ctx, r.id)
		})
	default:
		f.rows, missing, err = readEach(rows, m.membershipRow, func(r row) (*organizations.Membership, error) {
			return m.clerk.Organizations.GetOrganizationMembership(ctx, r.organization, r.user)
		})
	}
	if err != nil {
		return nil, err
	}
	if how.remove && len(missing) > 0 {
		var ids []string
		for _, r := range missing {
			ids = append(ids, r.id)
		}
		if err := m.remove(ctx, of, ids, how.drift); err != nil {
			return nil, err
		}
		missing = nil
	}
	ties, err := m.store(ctx, f, nil)
	return append(ties, missing...), err
}

func (m *Mirror) readUsers(ctx context.Context, rows []row) (read, missing []row, err error) {
	byID, ids := map[string]row{}, []string(nil)
	for _, r := range rows {
		byID[r.id], ids = r, append(ids, r.id)
	}
	all, gone, err := m.clerk.Users.GetMany(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range all {
		r, err := m.userRow(u)
		if err != nil {
			return nil, nil, err
		}
		read = append(read, r)
	}
	for _, id := range gone {
		missing = append(missing, byID[id])
	}
	return read, missing, nil
}

// readEach reads entities one by one. One that has another id by now, as the membership of a
// user who left and joined again does, is missing too.
func readEach[E any](rows []row, toRow func(*E) (row, error), get func(row) (*E, error)) (read, missing []row, err error) {
	for _, r := range rows {
		entity, err := get(r)
		if errors.Is(err, clerkerr.ErrNotFound) {
			missing = append(missing, r)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		now, err := toRow(entity)
		if err != nil {
			return nil, nil, err
		}
		if now.id != r.id {
			missing = append(missing, r)
		}
		read = append(read, now)
	}
	return read, missing, nil
}
