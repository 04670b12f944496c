package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// twoCalls reports where metadata is put into the parameters of a general update. These have no
// other use than the update, so nothing has to be followed from there.
func twoCalls(p *pass) {
	for cursor := range p.root.Preorder((*ast.CompositeLit)(nil), (*ast.AssignStmt)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.CompositeLit:
			p.twoCallsLiteral(cursor, n)
		case *ast.AssignStmt:
			p.twoCallsAssign(n)
		}
	}
}

func (p *pass) twoCallsLiteral(cursor inspector.Cursor, lit *ast.CompositeLit) {
	t := p.TypesInfo.TypeOf(lit)
	call, ok := isUpdate(t)
	if !ok {
		return
	}
	holder := p.flow.Holder(lit)
	var set []field
	for _, f := range fieldsOf(p.TypesInfo, lit) {
		if isMetadataField(f.name) && !p.isNil(f.value) && !p.isCleared(holder, f.name) {
			set = append(set, f)
		}
	}
	if len(set) == 0 {
		return
	}
	names, read := make([]string, len(set)), false
	for i, f := range set {
		names[i] = f.name
		read = read || p.comesFromRead(cursor, f.value)
	}
	var fixes []analysis.SuggestedFix
	if canReplace(t) {
		fixes = p.replaceFix(cursor)
	}
	p.report(set[0].elem, twoCallsMessage(t, call, strings.Join(names, ", "), read), fixes...)
}

func (p *pass) twoCallsAssign(assign *ast.AssignStmt) {
	if len(assign.Lhs) != len(assign.Rhs) {
		return
	}
	for i, lhs := range assign.Lhs {
		sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
		if !ok || !isMetadataField(sel.Sel.Name) || p.isNil(assign.Rhs[i]) {
			continue
		}
		base := p.TypesInfo.TypeOf(sel.X)
		if call, ok := isUpdate(base); ok && !p.isCleared(p.flow.VariableOf(sel.X), sel.Sel.Name) {
			p.report(sel, twoCallsMessage(base, call, sel.Sel.Name, false))
		}
	}
}

// isCleared reports whether the program sets the field to nil elsewhere, so that the metadata may
// never reach the update.
func (p *pass) isCleared(holder *types.Var, name string) bool {
	if holder == nil {
		return false
	}
	for _, set := range p.flow.Variable(holder).Sets {
		if set.Field == name && p.isNil(set.Value) {
			return true
		}
	}
	return false
}

// canReplace reports whether the program's version of clerk-sdk-go has ReplaceMetadata.
func canReplace(params types.Type) bool {
	if pointer, ok := types.Unalias(params).(*types.Pointer); ok {
		params = pointer.Elem()
	}
	named, ok := types.Unalias(params).(*types.Named)
	return ok && named.Obj().Pkg().Scope().Lookup("ReplaceMetadata") != nil
}

func twoCallsMessage(params types.Type, call, names string, read bool) string {
	of := strings.TrimSuffix(call, "Update")
	text := fmt.Sprintf("%s in %s: API version %s refuses it there; ", names, call, apiVersion)
	switch path, _ := namedType(params); {
	case path == officialV1:
		text += fmt.Sprintf("use %sUpdateMetadata, which merges, or replace the metadata with clerk-sdk-go v2.7.0", of)
	case canReplace(params):
		text = fmt.Sprintf("%s in %s is a second request, which replaces and can fail alone: use %sReplaceMetadata, or UpdateMetadata to merge", names, call, of)
	default:
		text += fmt.Sprintf("update clerk-sdk-go to v2.7.0 and use %sReplaceMetadata, or UpdateMetadata to merge", of)
	}
	if read {
		text += "; the value was built from what was read before: UpdateMetadata with the changed keys alone keeps what others write meanwhile"
	}
	return text
}

// comesFromRead reports whether a value was built, in its function, from metadata that was read.
// It decides a sentence of the message alone, so any way from the one to the other counts.
func (p *pass) comesFromRead(cursor inspector.Cursor, value ast.Expr) bool {
	body := functionAround(cursor)
	built := map[types.Object]bool{}
	read := p.mentions(value, built)
	for grown := true; grown && !read; {
		before := len(built)
		for c := range body.Preorder((*ast.AssignStmt)(nil), (*ast.CallExpr)(nil)) {
			switch n := c.Node().(type) {
			case *ast.AssignStmt:
				if p.assignsOne(n, built) {
					for _, rhs := range n.Rhs {
						read = p.mentions(rhs, built) || read
					}
				}
			case *ast.CallExpr:
				if p.flow.Calls(n, "encoding/json", "Unmarshal") && p.mentionsOne(n.Args[1], built) {
					read = p.mentions(n.Args[0], built) || read
				}
			}
		}
		grown = len(built) > before
	}
	return read
}

func (p *pass) assignsOne(assign *ast.AssignStmt, built map[types.Object]bool) bool {
	for _, lhs := range assign.Lhs {
		if p.mentionsOne(lhs, built) {
			return true
		}
	}
	return false
}

// mentionsOne reports whether the variable that an expression begins with is one of built.
func (p *pass) mentionsOne(e ast.Expr, built map[types.Object]bool) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return built[p.TypesInfo.ObjectOf(x)]
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		default:
			return false
		}
	}
}

// mentions adds the variables of an expression to built, and reports whether it reads metadata.
func (p *pass) mentions(e ast.Expr, built map[types.Object]bool) bool {
	read := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			read = read || p.isRead(n)
			_, qualified := n.X.(*ast.Ident)
			return !qualified // the variable of u.ID says nothing about metadata
		case *ast.Ident:
			if v, ok := p.TypesInfo.ObjectOf(n).(*types.Var); ok && !v.IsField() {
				built[v] = true
			}
		}
		return true
	})
	return read
}
