package bulk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Entity names a user, an organization or, with both ids, the user's membership in the
// organization.
type Entity struct {
	// OrganizationID is the organization, or that of the membership; "" for a user.
	OrganizationID string
	// UserID is the user, or the member; "" for an organization.
	UserID string
}

// String is "user user_1", "organization org_1" or "membership org_1 user_1".
func (e Entity) String() string { return entity.ID(e).String() }

func (e Entity) kind() entity.Kind { return entity.ID(e).Kind() }

// Verb is what a Change does.
type Verb string

// The verbs.
const (
	// Patch merges into the fields that are given.
	Patch Verb = "patch"
	// Replace sets the given fields exactly. Memberships cannot be replaced.
	Replace Verb = "replace"
	// Unset removes keys.
	Unset Verb = "unset"
	// Edit makes the difference between what was read and what it becomes.
	Edit Verb = "edit"
	// Undo takes changes back.
	Undo Verb = "undo"
)

// Fields are the fields of a patch. A nil field is left alone.
type Fields struct {
	// Public is readable by the frontend and writable by the backend.
	Public metadata.Patch `json:"public_metadata,omitzero"`
	// Private is readable and writable by the backend only.
	Private metadata.Patch `json:"private_metadata,omitzero"`
	// Unsafe is for users only.
	Unsafe metadata.Patch `json:"unsafe_metadata,omitzero"`
}

// Values are the fields of a replacement. A zero field is left alone.
type Values struct {
	// Public is readable by the frontend and writable by the backend.
	Public metadata.Value `json:"public_metadata,omitzero"`
	// Private is readable and writable by the backend only.
	Private metadata.Value `json:"private_metadata,omitzero"`
	// Unsafe is for users only.
	Unsafe metadata.Value `json:"unsafe_metadata,omitzero"`
}

// Change is one change of one entity. It is made by a function such as PatchUser, by a
// method of Entity or by a reader, which check it; the zero Change is invalid. As JSON
// it is a line of the NDJSON form, which ReadNDJSON reads back as it was.
type Change struct {
	// Line is the line of the input where the change begins; 0 for no input.
	Line int

	entity  Entity
	verb    Verb
	patches entity.Patches // of an edit, the difference
	values  entity.Values
	paths   []path
	was     entity.Objects // of an edit, what was read
	now     entity.Objects // and what it becomes
	steps   []step         // of an undo, what was done
	fault   error          // why the change cannot be made

	name       name  // of the user, where the input has one
	known      bool  // whether the entity has the id of the user of that name
	unresolved error // why it does not
}

// PatchUser returns the change that merges fields into a user's metadata.
func PatchUser(userID string, fields Fields) Change {
	return Entity{UserID: userID}.Patch(fields)
}

// PatchOrganization returns the change that merges fields into an organization's metadata.
func PatchOrganization(organizationID string, fields Fields) Change {
	return Entity{OrganizationID: organizationID}.Patch(fields)
}

// PatchMembership returns the change that merges fields into a membership's metadata.
// Check refuses an empty id, without which the entity would be another.
func PatchMembership(organizationID, userID string, fields Fields) Change {
	return Entity{organizationID, userID}.Patch(fields).ofMembership()
}

// ReplaceUser returns the change that replaces fields of a user's metadata.
func ReplaceUser(userID string, values Values) Change {
	return Entity{UserID: userID}.Replace(values)
}

// ReplaceOrganization returns the change that replaces fields of an organization's
// metadata.
func ReplaceOrganization(organizationID string, values Values) Change {
	return Entity{OrganizationID: organizationID}.Replace(values)
}

// UnsetUser returns the change that removes keys of a user's metadata; see Entity.Unset.
func UnsetUser(userID string, paths ...string) Change {
	return Entity{UserID: userID}.Unset(paths...)
}

// UnsetOrganization returns the change that removes keys of an organization's metadata;
// see Entity.Unset.
func UnsetOrganization(organizationID string, paths ...string) Change {
	return Entity{OrganizationID: organizationID}.Unset(paths...)
}

// UnsetMembership returns the change that removes keys of a membership's metadata; see
// Entity.Unset, and PatchMembership for an empty id.
func UnsetMembership(organizationID, userID string, paths ...string) Change {
	return Entity{organizationID, userID}.Unset(paths...).ofMembership()
}

// ofMembership returns the change, which cannot be made unless its entity is a
// membership: with one id alone it would be one of the user or the organization.
func (c Change) ofMembership() Change {
	if c.entity.kind() != entity.Membership {
		c.fault = errors.New("a membership needs the ids of an organization and a user, and one is empty")
	}
	return c
}

// Patch returns the change that merges fields into the entity's metadata. The change
// shares their memory.
func (e Entity) Patch(fields Fields) Change {
	return Change{entity: e, verb: Patch, patches: entity.Patches{fields.Public, fields.Private, fields.Unsafe}}.checked()
}

// Replace returns the change that replaces fields of the entity's metadata.
func (e Entity) Replace(values Values) Change {
	return Change{entity: e, verb: Replace, values: entity.Values{values.Public, values.Private, values.Unsafe}}.checked()
}

// Unset returns the change that removes keys of the entity's metadata. A path is the field
// and a JSON Pointer (RFC 6901), "private_metadata/billing/trial". A key that does not
// exist is no error. A path with more than one key needs a read of the entity before the
// write, since a merge patch would create the objects on the way.
func (e Entity) Unset(paths ...string) Change {
	c := Change{entity: e, verb: Unset}
	if c.fault = c.parsePaths(paths); c.fault != nil {
		return c
	}
	return c.checked()
}

// Entity returns whose metadata changes. Only a change that does nothing, a blank row
// of a table for example, may have none. Until a name is resolved (see Resolve) it stands in
// the place of the user's id, as users.ParseIdentifier reads it.
func (c Change) Entity() Entity { return c.entity }

// Named reports whether the input names the user otherwise than by id, so that Resolve has to
// find the user.
func (c Change) Named() bool { return c.name.kind != "" }

// Verb returns what the change does.
func (c Change) Verb() Verb { return c.verb }

// Check returns why the change cannot be made, as far as that can be known without a
// request: ids of the wrong kind, a slug in place of an organization's id, fields that
// the entity does not have, values that cannot be sent, and a replacement of more than
// metadata.MaxSize bytes (clerkerr.ErrTooLarge). The readers check all but the size,
// which a client made with client.WithoutSizeCheck does not bound.
func (c Change) Check() error {
	if err := c.valid(); err != nil {
		return err
	}
	for i, value := range c.values {
		if size := value.Size(); size > metadata.MaxSize {
			return fmt.Errorf("%s is %w: %d bytes, the limit is %d", entity.Field(i), clerkerr.ErrTooLarge, size, metadata.MaxSize)
		}
	}
	return nil
}

var errNoVerb = errors.New("the change has no verb: make it with PatchUser or another such function")

// valid is Check without the size.
func (c Change) valid() error {
	if c.fault == nil && c.verb == "" {
		return errNoVerb
	}
	return c.fault
}

// operation is how errors name this package's checks.
const operation = "bulk"

// checked returns the change with its fault.
func (c Change) checked() Change {
	if c.verb == Edit {
		c.patches, c.fault = c.difference()
	}
	if c.fault == nil {
		c.fault = c.findFault()
	}
	return c
}

func (c Change) findFault() error {
	empty := c.entity == Entity{} && c.doesNothing() // as a blank row is
	for _, p := range c.patches {
		empty = empty && p == nil
	}
	if empty {
		return nil
	}
	if err := c.ids().Check(operation); err != nil {
		return err
	}
	if c.verb == Replace && c.entity.kind() == entity.Membership {
		return entity.ErrNoReplace
	}
	most := len(c.entity.kind().Fields())
	for i := range c.patches {
		named := c.patches[i] != nil || !c.values[i].IsZero() || c.undoes(i) || slices.ContainsFunc(c.paths, func(p path) bool { return p.field == i })
		if named && i >= most {
			return errors.New("only users have unsafe_metadata")
		}
		err := cmp.Or(c.values[i].Err(), c.unreadable(i))
		if c.patches[i] != nil {
			_, err = c.patches[i].MarshalJSON()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", entity.Field(i), err)
		}
	}
	return nil
}

// doesNothing reports whether the change has no effect on any entity.
func (c Change) doesNothing() bool {
	for i := range c.patches {
		if len(c.patches[i]) > 0 || !c.values[i].IsZero() {
			return false
		}
	}
	return len(c.paths) == 0 && len(c.steps) == 0
}

// MarshalJSON returns the change as a line of the NDJSON form, without the newline.
func (c Change) MarshalJSON() ([]byte, error) { return c.line(nil) }

// line is MarshalJSON with a member failure, nil for none.
func (c Change) line(why *failure) ([]byte, error) {
	if err := c.valid(); err != nil {
		return nil, err
	}
	line := struct {
		Organization string     `json:"organization,omitempty"`
		User         string     `json:"user,omitempty"`
		Email        string     `json:"email,omitempty"`
		ExternalID   string     `json:"external_id,omitempty"`
		PhoneNumber  string     `json:"phone_number,omitempty"`
		Username     string     `json:"username,omitempty"`
		Patch        *Fields    `json:"patch,omitempty"`
		Replace      *Values    `json:"replace,omitempty"`
		Unset        []string   `json:"unset,omitzero"`
		*objects                // what an edit makes of Was
		Was          *objects   `json:"was,omitempty"`
		Undo         []stepLine `json:"undo,omitzero"`
		Failure      *failure   `json:"failure,omitempty"`
	}{
		Organization: c.entity.OrganizationID, User: c.expected(), Failure: why, Email: c.name.of(ofEmail),
		ExternalID: c.name.of(ofExternalID), PhoneNumber: c.name.of(ofPhoneNumber), Username: c.name.of(ofUsername),
	}
	switch c.verb {
	case Patch:
		line.Patch = &Fields{c.patches[0], c.patches[1], c.patches[2]}
	case Replace:
		line.Replace = &Values{c.values[0], c.values[1], c.values[2]}
	case Unset:
		line.Unset = make([]string, 0, len(c.paths))
		for _, p := range c.paths {
			line.Unset = append(line.Unset, p.String())
		}
	case Edit:
		line.objects, line.Was = objectsOf(c.now), objectsOf(c.was)
	case Undo:
		line.Undo = c.stepLines()
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // a value stays as it was read
	err := encoder.Encode(line)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
