package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

var date = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// Compare reports what ours says and theirs does not. Requests (parameters and bodies) must agree exactly,
// but may lack optional parameters; answers must be a subset.
func Compare(ours, theirs *openapi3.T) []string {
	c := &comparison{}
	c.documents(ours, theirs)
	for path, item := range ours.Paths.Map() {
		for method, op := range item.Operations() {
			c.at = []string{op.OperationID}
			theirItem := theirs.Paths.Value(path)
			if theirItem == nil || theirItem.GetOperation(method) == nil {
				c.report("%s %s is not theirs", method, path)
				continue
			}
			theirOp := theirItem.GetOperation(method)
			c.equal("operationId", op.OperationID, theirOp.OperationID)
			c.parameters(parameters(item, op), parameters(theirItem, theirOp))
			c.in("request", func() { c.requestBody(op.RequestBody, theirOp.RequestBody) })
			c.responses(op.Responses, theirOp.Responses)
		}
	}
	sort.Strings(c.mismatches)
	return c.mismatches
}

type comparison struct {
	at         []string
	mismatches []string
}

func (c *comparison) report(format string, args ...any) {
	c.mismatches = append(c.mismatches, strings.Join(c.at, ": ")+": "+fmt.Sprintf(format, args...))
}

func (c *comparison) in(place string, f func()) {
	c.at = append(c.at, place)
	f()
	c.at = c.at[:len(c.at)-1]
}

func (c *comparison) equal(what string, ours, theirs any) {
	if o, t := fmt.Sprint(ours), fmt.Sprint(theirs); o != t {
		c.report("%s is %s here and %s there", what, o, t)
	}
}

func (c *comparison) documents(ours, theirs *openapi3.T) {
	c.at = []string{"document"}
	c.equal("info.version", ours.Info.Version, Version)
	// The Frontend API's document has its date in the file name only.
	if date.MatchString(theirs.Info.Version) {
		c.equal("info.version", ours.Info.Version, theirs.Info.Version)
	}
	c.equal("path of the server", serverPath(ours), serverPath(theirs))
}

func serverPath(d *openapi3.T) string {
	if len(d.Servers) == 0 {
		return ""
	}
	// A variable in the host is no valid URL.
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(d.Servers[0].URL))
	if err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(u.Path, "/")
}

// parameters are an operation's own ones and those of its path, by place and name.
func parameters(item *openapi3.PathItem, op *openapi3.Operation) map[string]*openapi3.Parameter {
	ps := map[string]*openapi3.Parameter{}
	for _, p := range slices.Concat(item.Parameters, op.Parameters) {
		ps[p.Value.In+" parameter "+p.Value.Name] = p.Value
	}
	return ps
}

// each compares what both name, in the place of that name. It reports a name that is not theirs, and one
// that is required there and missing here.
func each[V comparable](
	c *comparison, ours, theirs map[string]V, compare func(our, their V), required func(name string, their V) bool,
) {
	var none V
	for name, our := range ours {
		c.in(name, func() {
			if theirs[name] == none {
				c.report("is not theirs")
				return
			}
			compare(our, theirs[name])
		})
	}
	for name, their := range theirs {
		if ours[name] == none && required(name, their) {
			c.in(name, func() { c.report("is missing here") })
		}
	}
}

func (c *comparison) parameters(ours, theirs map[string]*openapi3.Parameter) {
	each(c, ours, theirs, func(our, their *openapi3.Parameter) {
		c.equal("required", our.Required, their.Required)
		c.equal("style", style(our), style(their))
		c.schemas(our.Schema, their.Schema, true)
	}, func(_ string, their *openapi3.Parameter) bool { return their.Required })
}

func style(p *openapi3.Parameter) string {
	m, err := p.SerializationMethod()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s, explode %t", m.Style, m.Explode)
}

func (c *comparison) requestBody(our, their *openapi3.RequestBodyRef) {
	if our == nil || their == nil {
		c.equal("existence", our != nil, their != nil)
		return
	}
	c.equal("required", our.Value.Required, their.Value.Required)
	c.equal("content types", keys(our.Value.Content), keys(their.Value.Content))
	c.content(our.Value.Content, their.Value.Content, true)
}

// content compares the schemas of a body, one for each content type.
func (c *comparison) content(ours, theirs openapi3.Content, exact bool) {
	for contentType, media := range ours {
		their, ok := theirs[contentType]
		if !ok {
			c.report("content type %s is not theirs", contentType)
			continue
		}
		c.schemas(media.Schema, their.Schema, exact)
	}
}

// schemas compares two schemas: exact, as in a request, or ours as a part of theirs, as in an answer.
func (c *comparison) schemas(our, their *openapi3.SchemaRef, exact bool) {
	if our == nil || their == nil {
		c.equal("existence of a schema", our != nil, their != nil)
		return
	}
	o, t := flatten(our), flatten(their)
	c.equal("type", o.types, t.types)
	c.equal("format", o.format, t.format)
	c.equal("nullable", o.nullable(), t.nullable())
	each(c, o.parts, t.parts,
		func(our, their *openapi3.SchemaRef) { c.schemas(our, their, exact) },
		func(string, *openapi3.SchemaRef) bool { return exact })
	if !exact {
		for _, name := range o.required {
			if !slices.Contains(t.required, name) {
				c.in("field "+name, func() { c.report("is required here and optional there") })
			}
		}
		return
	}
	c.equal("limits", o.limits, t.limits)
	c.equal("additionalProperties", o.additional, t.additional)
	c.equal("required fields", o.required, t.required)
}

func (c *comparison) responses(ours, theirs *openapi3.Responses) {
	success := func(status string, _ *openapi3.ResponseRef) bool { return strings.HasPrefix(status, "2") }
	declared := maps.Clone(ours.Map())
	// Clerk sends more errors than it declares; a success that it doesn't declare is our mistake.
	maps.DeleteFunc(declared, func(status string, our *openapi3.ResponseRef) bool {
		return theirs.Value(status) == nil && !success(status, our)
	})
	c.in("response", func() {
		each(c, declared, theirs.Map(), func(our, their *openapi3.ResponseRef) {
			c.content(our.Value.Content, their.Value.Content, false)
		}, success)
	})
}

// flat is what a schema says, with everything that it includes through allOf.
type flat struct {
	types, required            []string
	format, limits, additional string
	notNull                    bool
	parts                      map[string]*openapi3.SchemaRef // "field a", "items"
}

func flatten(ref *openapi3.SchemaRef) *flat {
	f := &flat{parts: map[string]*openapi3.SchemaRef{}}
	f.add(ref)
	slices.Sort(f.types)
	f.types = slices.Compact(f.types)
	slices.Sort(f.required)
	f.additional = cmp.Or(f.additional, "unset")
	return f
}

func (f *flat) add(ref *openapi3.SchemaRef) {
	if ref == nil {
		return
	}
	s := ref.Value
	f.types = append(f.types, s.Type.Slice()...)
	f.required = append(f.required, s.Required...)
	f.format = cmp.Or(f.format, s.Format)
	f.notNull = f.notNull || !s.Type.IsEmpty() && !s.Nullable
	limits, _ := json.Marshal(&openapi3.Schema{ // of values that were parsed
		Min: s.Min, Max: s.Max, MaxLength: s.MaxLength, MaxItems: s.MaxItems, Default: s.Default, Enum: s.Enum, Pattern: s.Pattern,
	})
	if string(limits) != "{}" {
		f.limits += string(limits)
	}
	if a := s.AdditionalProperties; a.Schema != nil {
		f.additional = cmp.Or(f.additional, "a schema")
	} else if a.Has != nil {
		f.additional = cmp.Or(f.additional, fmt.Sprint(*a.Has))
	}
	for name, p := range s.Properties {
		f.parts["field "+name] = p
	}
	if s.Items != nil {
		f.parts["items"] = s.Items
	}
	for _, part := range s.AllOf {
		f.add(part)
	}
}

// nullable reports whether every part with a type allows null.
func (f *flat) nullable() bool { return len(f.types) > 0 && !f.notNull }

func keys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
