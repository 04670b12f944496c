package writer

import (
	"context"
	"encoding/json"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// New returns a writer for a kind of entity of the tests, without any HTTP.
func New[Params, Entity any](
	config Config, update func(context.Context, string, Params) (*Entity, error), fields func(*Params) []*metadata.Patch,
) (*Writer[string, Params, Entity], error) {
	return newWriter("New", false, config, kind[string, Params, Entity]{
		operation: "UpdateIt",
		update:    update,
		check:     func(string, string) error { return nil },
		fields:    fields,
		raw:       func(*Entity) *json.RawMessage { return new(json.RawMessage) },
	})
}

// Remembered is how many entities the writer knows of.
func (w *Writer[ID, Params, Entity]) Remembered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.backlogs)
}
