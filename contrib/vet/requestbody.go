package vet

import (
	"encoding/json"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

// key is a key at the top of a body, the source that names it, and its value, nil if unknown.
type key struct {
	name  string
	at    ast.Node
	value ast.Expr
}

// bodyOf follows a body to the text that it certainly reads, or to the call that encodes it.
func (p *pass) bodyOf(body flow.Value) flow.Value {
	v := p.flow.Resolve(body)
	if buffer := p.bufferOf(v.Expr); buffer != nil {
		return p.encodedInto(buffer, v.Frame)
	}
	if call, ok := v.Expr.(*ast.CallExpr); ok && len(call.Args) == 1 &&
		(p.flow.Calls(call, "bytes", "NewReader", "NewBuffer", "NewBufferString") || p.flow.Calls(call, "strings", "NewReader")) {
		v = p.textOf(flow.Value{Expr: call.Args[0], Frame: v.Frame})
	}
	return v
}

// keysOf returns the keys of a body that is certainly sent with them: JSON of a literal or of
// text whose keys are constant, or a form.
func (p *pass) keysOf(body flow.Value) []key {
	v := p.bodyOf(body)
	if v.Expr == nil {
		return nil
	}
	if keys := keysOfText(v.Expr, p.textWith(v, "0")); keys != nil {
		return keys
	}
	if call, ok := v.Expr.(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && p.flow.Calls(call, "net/url", "Encode") {
			return p.formKeys(flow.Value{Expr: sel.X, Frame: v.Frame})
		}
	}
	if value, ok := p.encoded(v); ok {
		return p.encodedKeys(value)
	}
	return nil
}

func keysOfText(at ast.Node, text string) []key {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &object) != nil {
		return nil
	}
	var keys []key
	for _, name := range slices.Sorted(maps.Keys(object)) {
		keys = append(keys, key{name: name, at: at})
	}
	return keys
}

// bufferOf returns the variable b of a body &b or b that is a bytes.Buffer.
func (p *pass) bufferOf(e ast.Expr) *types.Var {
	if unary, ok := e.(*ast.UnaryExpr); ok {
		e = unary.X
	}
	obj := p.flow.VariableOf(e)
	if obj == nil || strings.TrimPrefix(types.TypeString(obj.Type(), nil), "*") != "bytes.Buffer" {
		return nil
	}
	return obj
}

// encodedInto returns the call json.NewEncoder(&buffer).Encode.
func (p *pass) encodedInto(buffer *types.Var, frame *flow.Frame) flow.Value {
	for cursor := range p.root.Preorder((*ast.CallExpr)(nil)) {
		call, ok := cursor.Node().(*ast.CallExpr)
		if !ok || !p.flow.Calls(call, "encoding/json", "Encode") || len(call.Args) != 1 {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		encoder, ok := sel.X.(*ast.CallExpr)
		if ok && p.flow.Calls(encoder, "encoding/json", "NewEncoder") && p.bufferOf(encoder.Args[0]) == buffer {
			return flow.Value{Expr: call, Frame: frame}
		}
	}
	return flow.Value{}
}

// encodedKeys returns the keys of a literal of a map or struct.
func (p *pass) encodedKeys(v flow.Value) []key {
	if v.Expr == nil {
		return nil
	}
	v = p.flow.Resolve(v)
	e := v.Expr
	if unary, ok := e.(*ast.UnaryExpr); ok {
		e = unary.X
	}
	lit, _ := e.(*ast.CompositeLit)
	t := p.TypesInfo.TypeOf(e)
	if t == nil {
		return nil
	}
	switch t := t.Underlying().(type) {
	case *types.Map:
		return append(p.mapKeys(lit), p.setKeys(v.Vars)...)
	case *types.Struct:
		if lit != nil {
			return p.structKeys(v, lit, t)
		}
	}
	return nil
}

func (p *pass) mapKeys(lit *ast.CompositeLit) []key {
	if lit == nil {
		return nil
	}
	var keys []key
	for _, elem := range lit.Elts {
		if keyed, ok := elem.(*ast.KeyValueExpr); ok {
			name, _ := p.flow.Text(flow.Value{Expr: keyed.Key}) // "" is no metadata
			keys = append(keys, key{name, keyed.Key, keyed.Value})
		}
	}
	return keys
}

func (p *pass) setKeys(vars []*types.Var) []key {
	var keys []key
	for _, obj := range vars {
		for _, set := range p.flow.Variable(obj).Sets {
			if set.Key != nil {
				name, _ := p.flow.Text(flow.Value{Expr: set.Key})
				keys = append(keys, key{name, set.Key, set.Value})
			}
		}
	}
	return keys
}

func (p *pass) structKeys(v flow.Value, lit *ast.CompositeLit, t *types.Struct) []key {
	given := map[string]key{}
	for _, f := range fieldsOf(p.TypesInfo, lit) {
		if !p.isNil(f.value) {
			given[f.name] = key{at: f.elem, value: f.value}
		}
	}
	for _, obj := range v.Vars {
		for _, set := range p.flow.Variable(obj).Sets {
			if set.Field != "" && !p.isNil(set.Value) {
				given[set.Field] = key{at: set.Value, value: set.Value}
			}
		}
	}
	var keys []key
	for i := range t.NumFields() {
		name, options, _ := strings.Cut(reflect.StructTag(t.Tag(i)).Get("json"), ",")
		k, ok := given[t.Field(i).Name()]
		if !ok && strings.Contains(options, "omit") {
			continue
		}
		if !ok {
			k.at = lit
		}
		k.name = name
		keys = append(keys, k)
	}
	return keys
}

// formKeys returns the keys of a url.Values.
func (p *pass) formKeys(v flow.Value) []key {
	vars := []*types.Var{p.flow.VariableOf(v.Expr)}
	v = p.flow.Resolve(v)
	lit, _ := v.Expr.(*ast.CompositeLit)
	keys := append(p.mapKeys(lit), p.setKeys(v.Vars)...)
	for _, obj := range append(vars, v.Vars...) {
		if obj == nil {
			continue
		}
		for _, call := range p.flow.Variable(obj).Called {
			if len(call.Args) == 2 && p.flow.Calls(call, "net/url", "Set", "Add") {
				name, _ := p.flow.Text(flow.Value{Expr: call.Args[0]})
				keys = append(keys, key{name: name, at: call.Args[0]})
			}
		}
	}
	return keys
}
