package mirror

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Condition selects rows by their metadata. Where makes one.
type Condition struct {
	field, document string
	err             error
}

// Where selects the entities whose metadata have value at path, such as
//
//	mirror.Where("private_metadata.stripeId", "cus_1")
//
// The path begins with public_metadata, private_metadata or unsafe_metadata; dots separate the
// keys. The value is anything that encodes to JSON. Values compare as in Postgres: 1 and 1.0 are
// equal, an object holds if the metadata have its members, an array if they have its elements.
// A key that contains a dot is a key of such an object:
//
//	mirror.Where("public_metadata", map[string]any{"app.example": true})
//
// An index finds the rows. The metadata of a field that jsonb cannot hold are not found, such as
// those that contain \u0000 in a string; the column unsearchable of the views names these rows.
func Where(path string, value any) Condition {
	keys := strings.Split(path, ".")
	if !slices.Contains([]string{"public_metadata", privateMetadata, unsafeMetadata}, keys[0]) {
		return Condition{err: errors.New("a path begins with public_metadata, private_metadata or unsafe_metadata")}
	}
	for _, key := range slices.Backward(keys[1:]) {
		if key == "" {
			return Condition{err: errors.New("a path has an empty key: " + keys[0] + ".…")}
		}
		value = map[string]any{key: value}
	}
	document := metadata.Of(value)
	if err := document.Err(); err != nil {
		return Condition{err: fmt.Errorf("the value at %s: %w", keys[0], err)}
	}
	text := document.String()
	if strings.Contains(strings.ReplaceAll(text, `\\`, ""), `\u0000`) {
		return Condition{err: errors.New("the value at " + keys[0] + ": no index holds the character U+0000")}
	}
	return Condition{field: keys[0], document: text}
}

// Find iterates over the users that all conditions select, in no particular order, as T: a
// struct as users.As takes it. It reads the database alone, and holds a connection of the pool
// until the iteration ends: a call of m within the loop takes another. A user who does not fit T
// yields metadata.ErrMismatch, and the iteration continues; any other error ends it. A condition
// about private metadata, or a T with them, is clerkerr.ErrInvalidArgument without
// Config.PrivateMetadata.
func Find[T any](ctx context.Context, m *Mirror, where ...Condition) iter.Seq2[*T, error] {
	return find(ctx, m, user, where, users.ParseUser, users.As[T](nil).Decode)
}

// FindOrganizations is Find for organizations, with a T as organizations.As takes it. They have
// no unsafe metadata.
func FindOrganizations[T any](ctx context.Context, m *Mirror, where ...Condition) iter.Seq2[*T, error] {
	return find(ctx, m, organization, where, organizations.ParseOrganization, organizations.As[T](nil).Decode)
}

// FindMemberships is Find for memberships, with a T as organizations.AsMemberships takes it. They
// have no unsafe metadata.
func FindMemberships[T any](ctx context.Context, m *Mirror, where ...Condition) iter.Seq2[*T, error] {
	return find(ctx, m, membership, where, organizations.ParseMembership, organizations.AsMemberships[T](nil).Decode)
}

func find[E, T any](ctx context.Context, m *Mirror, of kind, where []Condition, parse func([]byte) (*E, error), decode func(*E) (*T, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		sql, args, err := m.query(of, where, reflect.TypeFor[T]())
		if err == nil {
			err = m.prepare(ctx)
		}
		if err != nil {
			yield(nil, failed("Find", err))
			return
		}
		rows, err := m.db.Query(ctx, sql, args...)
		if err != nil {
			yield(nil, failed("Find", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				yield(nil, failed("Find", err))
				return
			}
			entity, err := parse(body)
			var found *T
			if err == nil {
				found, err = decode(entity)
			}
			if !yield(found, err) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, failed("Find", err))
		}
	}
}

func (m *Mirror) query(of kind, where []Condition, into reflect.Type) (sql string, args []any, err error) {
	if err := m.holds(into); err != nil {
		return "", nil, err
	}
	// The kind is no parameter, so that a plan for any value knows that few rows are organizations.
	sql = fmt.Sprintf(`SELECT body FROM clerkmirror_row WHERE kind = '%s' AND NOT deleted`, of)
	for i, c := range where {
		if c.err != nil {
			return "", nil, invalid("Where", c.err.Error())
		}
		if c.field == unsafeMetadata && of != user {
			return "", nil, invalid("Where", "only users have unsafe metadata")
		}
		if c.field == privateMetadata && !m.config.PrivateMetadata {
			return "", nil, invalid("Where", "the mirror holds no private metadata: set Config.PrivateMetadata")
		}
		sql += fmt.Sprintf(" AND %s @> $%d::text::jsonb", c.field, i+1) // field is one of three names
		args = append(args, c.document)
	}
	return sql, args, nil
}

// holds checks that T has no private metadata that the mirror lacks: they would be empty.
func (m *Mirror) holds(into reflect.Type) error {
	if m.config.PrivateMetadata || into.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(into) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name == privateMetadata {
			return invalid("Find", into.String()+" has private metadata, which the mirror does not hold: set Config.PrivateMetadata")
		}
	}
	return nil
}

// Get returns a user as T, as Find does, by the id. Where the mirror does not hold the user, or
// with Config.FallBack the database fails or is slow, it reads Clerk, with the errors of users.View.Get.
func Get[T any](ctx context.Context, m *Mirror, userID string) (*T, error) {
	if err := m.holds(reflect.TypeFor[T]()); err != nil {
		return nil, err
	}
	bounded := ctx
	if m.config.FallBack > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, m.config.FallBack)
		defer cancel()
	}
	body, _, err := m.User(bounded, userID)
	if err != nil && m.config.FallBack == 0 {
		return nil, err
	}
	view := users.As[T](m.clerk.Users)
	if err != nil || body == nil {
		return view.Get(ctx, userID)
	}
	u, err := users.ParseUser(body)
	if err != nil {
		return nil, err
	}
	return view.Decode(u)
}

// User returns the JSON of a user as Clerk wrote it, without private metadata unless the Config
// has them, and the time since which it is known to be up to date: every write that Clerk
// answered before confirmed is in it. That is when the last read began that found this content,
// by the clock of this process; it is zero if no read has. It rests on Clerk's lists showing every
// write that Clerk has answered (a guess). A user whom the mirror does not hold,
// or who was deleted, is nil without an error.
func (m *Mirror) User(ctx context.Context, id string) (raw []byte, confirmed time.Time, err error) {
	if err := m.prepare(ctx); err != nil {
		return nil, time.Time{}, failed("User", err)
	}
	before := time.Now()
	var age float64
	var read bool
	err = m.db.QueryRow(ctx, `SELECT body, extract(epoch FROM clock_timestamp() - confirmed_at)::float8, confirmed_at > 'epoch' FROM clerkmirror_row
		WHERE kind = 'user' AND id = $1 AND NOT deleted`, id).Scan(&raw, &age, &read)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, failed("User", err)
	}
	if read {
		confirmed = before.Add(-time.Duration(age * float64(time.Second)))
	}
	return raw, confirmed, nil
}
