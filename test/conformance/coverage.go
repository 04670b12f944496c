package conformance

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// MetadataFields returns, by operationId, the fields of request bodies that have to do with metadata:
// those whose name says so, and those whose description names a metadata field.
func MetadataFields(doc *openapi3.T) map[string][]string {
	all := map[string][]string{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			found := map[string]bool{}
			for _, media := range op.RequestBody.Value.Content {
				aboutMetadata(media.Schema, found, nil)
			}
			if len(found) > 0 {
				all[op.OperationID] = slices.Sorted(maps.Keys(found))
			}
		}
	}
	return all
}

// aboutMetadata adds the fields of a schema, at any depth, to found. above are the schemas around it,
// because a document may refer to itself.
func aboutMetadata(ref *openapi3.SchemaRef, found map[string]bool, above []*openapi3.Schema) {
	if ref == nil || slices.Contains(above, ref.Value) {
		return
	}
	schema := ref.Value
	above = append(slices.Clone(above), schema)
	for name, field := range schema.Properties {
		if strings.Contains(name, "metadata") || name == "custom_attributes" || strings.Contains(field.Value.Description, "_metadata") {
			found[name] = true
		}
		aboutMetadata(field, found, above)
	}
	for _, part := range slices.Concat(schema.AllOf, schema.AnyOf, schema.OneOf, []*openapi3.SchemaRef{schema.Items, schema.AdditionalProperties.Schema}) {
		aboutMetadata(part, found, above)
	}
}
