package metadata

import (
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// exactText is raw without the keys that encoding/json would take for another,
// because they differ from a field's name in case alone.
func exactText(raw []byte, t reflect.Type) ([]byte, error) {
	if !structfields.Of(t).Deep().ConfusedBy(raw) {
		return raw, nil
	}
	tree, err := parse(raw, jsonscan.Nulls{})
	if err != nil {
		return nil, err
	}
	unknown := look(tree, t).unknown
	if unknown == nil {
		return raw, nil
	}
	without(tree, unknown, nil)
	return encode(tree, inValue)
}
