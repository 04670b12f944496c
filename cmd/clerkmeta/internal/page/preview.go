package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/difference"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// longestEdit bounds the body of a preview: two states of three fields of 8 KB many times over.
const longestEdit = 4 << 20

// edit is what the page asks about: fields of an entity as they were read, and as edited.
type edit struct {
	Kind   string `json:"kind"`
	Fields map[string]struct {
		Was metadata.Object `json:"was"`
		Now metadata.Object `json:"now"`
	} `json:"fields"`
}

// preview is what an edit sends, and what it changes.
type preview struct {
	Method  string         `json:"method"`
	Body    map[string]any `json:"body"`
	Changes []change       `json:"changes"`
}

// change is a difference, in the notation of the command. Where there is no value, From or To
// is nil; a null is a value.
type change struct {
	Sign string `json:"sign"`
	Path string `json:"path"`
	From *any   `json:"from,omitempty"`
	To   *any   `json:"to,omitempty"`
}

func servePreview(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "preview takes POST")
		return
	}
	var e edit
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestEdit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		refuse(w, http.StatusBadRequest, "the edit cannot be read: "+err.Error())
		return
	}
	p, err := e.preview()
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	write(w, http.StatusOK, p)
}

// preview prefers a merge patch, which leaves alone what others change meanwhile. What none
// can do, such as storing a null, a replacement of the fields does.
func (e edit) preview() (*preview, error) {
	fields, err := e.fields()
	if err != nil {
		return nil, err
	}
	patch := &preview{Method: http.MethodPatch, Body: map[string]any{}, Changes: []change{}}
	replacement := &preview{Method: http.MethodPut, Body: map[string]any{}}
	var impossible error
	for _, name := range fields {
		field, edited := e.Fields[name]
		if !edited {
			continue
		}
		if patch.Changes, err = appendChanges(patch.Changes, name, field.Was, field.Now); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if patch.Body[name], err = metadata.Diff(field.Was, field.Now); err != nil {
			impossible = errors.Join(impossible, fmt.Errorf("%s: %w", name, err))
		}
		replacement.Body[name] = field.Now
	}
	if impossible == nil {
		return patch, nil
	}
	if e.Kind == entity.Membership.String() || !errors.Is(impossible, metadata.ErrNull) {
		return nil, fmt.Errorf("no merge patch does this, and Clerk has no replacement of a membership's metadata: %w", impossible)
	}
	replacement.Changes = patch.Changes
	return replacement, nil
}

// fields returns the fields of the kind, and an error for an edit of another field.
func (e edit) fields() ([]string, error) {
	for _, kind := range []entity.Kind{entity.User, entity.Organization, entity.Membership} {
		if kind.String() != e.Kind {
			continue
		}
		for name := range e.Fields {
			if !slices.Contains(kind.Fields(), name) {
				return nil, fmt.Errorf("field %q is unknown; expected one of %s", name, strings.Join(kind.Fields(), ", "))
			}
		}
		return kind.Fields(), nil
	}
	return nil, fmt.Errorf("kind %q is unknown; expected user, organization or membership", e.Kind)
}

func appendChanges(to []change, field string, was, now metadata.Object) ([]change, error) {
	all, err := difference.Of(was, now)
	for _, d := range all {
		c := change{Sign: d.Sign, Path: field + "." + difference.Dotted(d.Path)}
		if d.Sign != difference.Added {
			c.From = &d.From
		}
		if d.Sign != difference.Removed {
			c.To = &d.To
		}
		to = append(to, c)
	}
	return to, err
}
