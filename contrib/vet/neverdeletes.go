package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

// neverDeletes reports where a key is removed from metadata that was read, and what is left is
// sent by a merge: the merge keeps the stored key.
func neverDeletes(p *pass) {
	reported := map[*ast.CallExpr]bool{}
	for _, m := range p.merges() {
		for _, value := range p.mergedValues(m) {
			sent := p.flow.Resolve(value)
			if !p.comesFilled(sent) {
				continue
			}
			vars := sent.Vars
			if last := p.flow.VariableOf(sent.Expr); last != nil {
				vars = append(vars, last)
			}
			for _, call := range p.removals(vars) {
				if p.isBefore(call, m.text.Expr, sent.Calls) && !reported[call] && !p.isPutBack(vars, call) {
					reported[call] = true
					p.report(call, "a merge keeps the stored key that is removed here: send null for it, or replace the metadata")
				}
			}
		}
	}
}

// mergedValues returns the values that a merge encodes as metadata.
func (p *pass) mergedValues(m merge) []flow.Value {
	value, ok := p.encoded(m.text)
	if !ok {
		return nil
	}
	if !m.body {
		return []flow.Value{value}
	}
	body := p.flow.Resolve(value)
	var values []flow.Value
	for _, k := range p.encodedKeys(body) {
		if strings.HasSuffix(k.name, "_metadata") && k.value != nil {
			values = append(values, flow.Value{Expr: k.value, Frame: body.Frame, Calls: body.Calls})
		}
	}
	return values
}

// removals returns the calls that remove keys from the map that the variables hold.
func (p *pass) removals(vars []*types.Var) []*ast.CallExpr {
	var calls []*ast.CallExpr
	for _, obj := range vars {
		for _, call := range p.flow.Variable(obj).Passed {
			if p.removes(call) {
				calls = append(calls, call)
			}
		}
	}
	return calls
}

// isBefore reports whether a removal stands before the encoding of the map, or in the same
// function as a call that passes the map on and before that.
func (p *pass) isBefore(removal *ast.CallExpr, encoding ast.Expr, passed []*ast.CallExpr) bool {
	in := p.flow.Function(removal)
	if p.flow.Function(encoding) == in {
		return removal.End() < encoding.Pos()
	}
	return slices.ContainsFunc(passed, func(call *ast.CallExpr) bool {
		return p.flow.Function(call) == in && removal.End() < call.Pos()
	})
}

// comesFilled reports whether a map is decoded from metadata that was read, here or in the
// function of the package that returns it. A function may return an empty map instead.
func (p *pass) comesFilled(v flow.Value) bool {
	if m := p.flow.VariableOf(v.Expr); m != nil {
		return p.isFilledFromRead(m)
	}
	filled := false
	for _, result := range p.flow.Returns(v) {
		m := p.flow.VariableOf(result)
		if m != nil && p.isFilledFromRead(m) {
			filled = true
		} else if !p.isNil(result) && !p.isEmptyMap(result) {
			return false
		}
	}
	return filled
}

func (p *pass) isEmptyMap(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.CallExpr:
		return p.callsBuiltin(e, "make")
	}
	return false
}

// isFilledFromRead reports whether a map is decoded from metadata that was read, and from
// nothing else.
func (p *pass) isFilledFromRead(m *types.Var) bool {
	if _, ok := m.Type().Underlying().(*types.Map); !ok {
		return false
	}
	read := 0
	for _, call := range p.flow.Variable(m).Passed {
		if !p.flow.Calls(call, "encoding/json", "Unmarshal") {
			continue
		}
		if !p.isRead(p.unconverted(call.Args[0])) {
			return false
		}
		read++
	}
	return read > 0
}

func (p *pass) unconverted(e ast.Expr) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if ok && len(call.Args) == 1 && p.TypesInfo.Types[call.Fun].IsType() {
		return p.unconverted(call.Args[0])
	}
	return ast.Unparen(e)
}

// removes reports whether a call removes keys from its first argument.
func (p *pass) removes(call *ast.CallExpr) bool {
	return p.flow.Calls(call, "maps", "DeleteFunc") || p.callsBuiltin(call, "delete", "clear")
}

// isPutBack reports whether the removed key may be assigned elsewhere, such as to nil.
func (p *pass) isPutBack(vars []*types.Var, call *ast.CallExpr) bool {
	if len(call.Args) != 2 {
		return false // clear
	}
	removed := p.TypesInfo.Types[call.Args[1]].Value
	for _, obj := range vars {
		for _, set := range p.flow.Variable(obj).Sets {
			if set.Key == nil {
				continue
			}
			key := p.TypesInfo.Types[set.Key].Value
			same := removed == nil || key == nil || key.ExactString() == removed.ExactString()
			if same && !p.isOtherBranch(call, set.Key) {
				return true
			}
		}
	}
	return false
}

// isOtherBranch reports whether an if statement, outside loops, runs one of two nodes alone.
func (p *pass) isOtherBranch(a, b ast.Node) bool {
	at, ok := p.root.FindNode(a)
	if !ok {
		return false
	}
	other := false
	for outer := range at.Enclosing((*ast.IfStmt)(nil), (*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		stmt, ok := outer.Node().(*ast.IfStmt)
		if !ok {
			return false
		}
		other = other || stmt.Else != nil && (isWithin(a, stmt.Body) && isWithin(b, stmt.Else) || isWithin(a, stmt.Else) && isWithin(b, stmt.Body))
	}
	return other
}

func isWithin(n, outer ast.Node) bool {
	return outer.Pos() <= n.Pos() && n.End() <= outer.End()
}
