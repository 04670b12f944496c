package vet

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

// nullDeletes reports nulls in what a merge sends.
func nullDeletes(p *pass) {
	n := nulls{pass: p, reported: map[ast.Node]bool{}}
	for _, m := range p.merges() {
		n.at, n.body = m.at, m.body
		n.constant(m.text.Expr, p.textWith(m.text, "0"), "")
		if value, ok := p.encoded(m.text); ok {
			n.walk(value, "")
		}
	}
}

// nulls finds the nulls of one merge after another.
type nulls struct {
	*pass
	at       ast.Expr
	body     bool
	reported map[ast.Node]bool
}

func (n nulls) found(at ast.Node, path string) {
	if n.body {
		var ok bool
		if path, ok = withinMetadata(path); !ok {
			return
		}
	}
	if n.reported[at] {
		return
	}
	n.reported[at] = true
	if path == "" {
		n.report(at, "null in place of the whole metadata of a merge: leave the field out")
		return
	}
	n.report(at, fmt.Sprintf("null at %s removes the stored key in a merge: leave the key out to keep it", path))
}

// withinMetadata returns the path within the metadata from the path within the body of a request.
func withinMetadata(path string) (string, bool) {
	key, rest, nested := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if nested {
		rest = "/" + rest
	}
	return rest, strings.HasSuffix(key, "_metadata")
}

// constant finds the nulls of JSON text.
func (n nulls) constant(at ast.Expr, text, path string) {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return
	}
	if path, ok := nullIn(value, path); ok {
		n.found(at, path)
	}
}

// nullIn returns the path of the first null in objects. A null in an array is stored as it is.
func nullIn(value any, path string) (string, bool) {
	if value == nil {
		return path, true
	}
	object, ok := value.(map[string]any)
	if !ok {
		return "", false
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if found, ok := nullIn(object[key], path+"/"+key); ok {
			return found, true
		}
	}
	return "", false
}

// walk finds the values below one that are certainly encoded as null.
func (n nulls) walk(v flow.Value, path string) {
	v = n.flow.Resolve(v)
	if unary, ok := v.Expr.(*ast.UnaryExpr); ok && unary.Op == token.AND {
		v.Expr = ast.Unparen(unary.X)
	}
	t := n.TypesInfo.TypeOf(v.Expr)
	if t == nil || n.escapes(v) {
		return
	}
	switch {
	case n.isZero(v) && isNullWhenZero(t):
		n.found(v.Expr, path)
		return
	case isRawMessage(t):
		n.constant(v.Expr, n.textWith(n.textOf(v), "0"), path)
		return
	case marshalsItself(t):
		return
	}
	switch e := v.Expr.(type) {
	case *ast.CallExpr:
		if _, isMap := t.Underlying().(*types.Map); isMap && n.callsBuiltin(e, "make") {
			n.walkMap(v, nil, path)
		}
	case *ast.CompositeLit:
		switch t := t.Underlying().(type) {
		case *types.Map:
			n.walkMap(v, e.Elts, path)
		case *types.Struct:
			n.walkStruct(v, e, t, path)
		}
	}
}

// isZero reports whether a value is nil, also of a named type.
func (n nulls) isZero(v flow.Value) bool {
	if call, ok := v.Expr.(*ast.CallExpr); ok && len(call.Args) == 1 && n.TypesInfo.Types[call.Fun].IsType() {
		return n.isNil(call.Args[0])
	}
	return n.flow.IsZero(v)
}

// walkMap looks at the elements of a map's literal and at the keys that are set later.
func (n nulls) walkMap(v flow.Value, elems []ast.Expr, path string) {
	for _, elem := range elems {
		keyed, ok := elem.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := n.flow.Text(flow.Value{Expr: keyed.Key}); ok && !n.isSet(v, key) {
			n.walk(flow.Value{Expr: keyed.Value, Frame: v.Frame}, path+"/"+key)
		}
	}
	for _, obj := range v.Vars {
		for _, set := range n.flow.Variable(obj).Sets {
			key, ok := n.flow.Text(flow.Value{Expr: set.Key})
			if ok && n.isNil(set.Value) && n.setsOf(v, key) == 1 {
				n.found(set.Value, path+"/"+key)
			}
		}
	}
}

func (n nulls) walkStruct(v flow.Value, lit *ast.CompositeLit, t *types.Struct, path string) {
	given := map[string]ast.Expr{}
	for _, f := range fieldsOf(n.TypesInfo, lit) {
		given[f.name] = f.value
	}
	for i := range t.NumFields() {
		f := t.Field(i)
		name, options, _ := strings.Cut(reflect.StructTag(t.Tag(i)).Get("json"), ",")
		if !f.Exported() || f.Embedded() || name == "-" || n.isSet(v, f.Name()) {
			continue
		}
		omits := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		if name == "" {
			name = f.Name()
		}
		value, ok := given[f.Name()]
		switch {
		case ok && (!omits || !n.isNil(value)):
			n.walkField(flow.Value{Expr: value, Frame: v.Frame}, path+"/"+name, omits)
		case !ok && !omits && isNullWhenZero(f.Type()):
			n.found(lit, path+"/"+name)
		}
	}
}

// walkField looks at a field that is given. A nil one that omitempty leaves out is none.
func (n nulls) walkField(v flow.Value, path string, omits bool) {
	if omits && n.flow.IsZero(n.flow.Resolve(v)) {
		return
	}
	n.walk(v, path)
}

// isSet reports whether a field or key may get another value after the literal.
func (n nulls) isSet(v flow.Value, name string) bool { return n.setsOf(v, name) > 0 }

func (n nulls) setsOf(v flow.Value, name string) int {
	count := 0
	for _, obj := range v.Vars {
		for _, set := range n.flow.Variable(obj).Sets {
			key, constant := n.flow.Text(flow.Value{Expr: set.Key})
			if set.Field == name || set.Key != nil && (!constant || key == name) {
				count++
			}
		}
	}
	return count
}

// escapes reports whether something else may change what a variable of the value holds: what it
// is passed to, its methods, or another holder.
func (n nulls) escapes(v flow.Value) bool {
	for _, obj := range v.Vars {
		known := n.flow.Variable(obj)
		changed := len(known.Called) > 0 ||
			slices.ContainsFunc(known.Passed, func(call *ast.CallExpr) bool { return !slices.Contains(v.Calls, call) && !n.isReader(call) }) ||
			slices.ContainsFunc(known.Aliases, func(other *types.Var) bool { return !slices.Contains(v.Vars, other) })
		if changed {
			return true
		}
	}
	return false
}

// isReader reports whether a call only reads what it is given.
func (n nulls) isReader(call *ast.CallExpr) bool {
	fn := n.flow.Callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	readers := []string{"encoding/json", "fmt", "log", "log/slog"}
	return slices.Contains(readers, fn.Pkg().Path()) && fn.Name() != "Unmarshal"
}

// isNullWhenZero reports whether encoding/json writes the zero value of a type as null. It does
// not call the methods of a nil pointer.
func isNullWhenZero(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UntypedNil
	case *types.Pointer, *types.Interface:
		return true
	case *types.Map, *types.Slice:
		return isRawMessage(t) || !marshalsItself(t)
	}
	return false
}

// isRawMessage reports whether t is json.RawMessage, also under its name in encoding/json/v2.
func isRawMessage(t types.Type) bool {
	path, name := namedType(t)
	return path == "encoding/json" && name == "RawMessage" || path == "encoding/json/jsontext" && name == "Value"
}

// marshalsItself reports whether a type has a method that decides its JSON.
func marshalsItself(t types.Type) bool {
	for _, name := range []string{"MarshalJSON", "MarshalText", "MarshalJSONTo"} {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name); obj != nil {
			return true
		}
	}
	return false
}
