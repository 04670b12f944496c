package vet

import (
	"go/ast"
	"go/types"
)

// neverDeletes reports where a key is removed from metadata that was read, and what is left is
// sent by a merge: the merge keeps the stored key.
func neverDeletes(p *pass) {
	reported := map[*ast.CallExpr]bool{}
	for _, m := range p.merges() {
		value, ok := p.encoded(m.text)
		if !ok {
			continue
		}
		sent := p.flow.VariableOf(p.flow.Resolve(value).Expr)
		if sent == nil || !p.isFilledFromRead(sent) {
			continue
		}
		for _, call := range p.flow.Variable(sent).Passed {
			if p.removes(call) && call.End() < m.at.Pos() && !reported[call] && !p.isPutBack(sent, call) {
				reported[call] = true
				p.report(call, "a merge keeps the stored key that is removed here: send null for it, or replace the metadata")
			}
		}
	}
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
	if p.flow.Calls(call, "maps", "DeleteFunc") {
		return true
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	builtin, ok := p.TypesInfo.ObjectOf(id).(*types.Builtin)
	return ok && (builtin.Name() == "delete" || builtin.Name() == "clear")
}

// isPutBack reports whether the removed key may be assigned elsewhere, such as to nil.
func (p *pass) isPutBack(m *types.Var, call *ast.CallExpr) bool {
	if len(call.Args) != 2 {
		return false // clear
	}
	removed := p.TypesInfo.Types[call.Args[1]].Value
	for _, set := range p.flow.Variable(m).Sets {
		if set.Key == nil {
			continue
		}
		key := p.TypesInfo.Types[set.Key].Value
		if removed == nil || key == nil || key.ExactString() == removed.ExactString() {
			return true
		}
	}
	return false
}
