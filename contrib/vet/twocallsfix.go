package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// rewrite is a call of Update that becomes two calls.
type rewrite struct {
	p      *pass
	file   *ast.File
	source []byte
	call   *ast.CallExpr
	lit    *ast.CompositeLit
	// prefix is "&user." of the literal.
	prefix string
	// meta and others are the fields of the literal.
	meta, others []field
}

// replaceFix returns the rewriting of a call that takes the literal, none if it cannot be
// certain to store the same.
func (p *pass) replaceFix(cursor inspector.Cursor, lit *ast.CompositeLit, meta []field) []analysis.SuggestedFix {
	r, at, ok := p.newRewrite(cursor, lit, meta)
	if !ok {
		return nil
	}
	var edits []analysis.TextEdit
	if len(r.others) == 0 {
		edits = r.rename()
	} else if !hasCommentIn(r.file, r.call) {
		edits = r.split(at)
	}
	if edits == nil {
		return nil
	}
	return []analysis.SuggestedFix{{Message: "replace the metadata with ReplaceMetadata", TextEdits: edits}}
}

func (p *pass) newRewrite(cursor inspector.Cursor, lit *ast.CompositeLit, meta []field) (rewrite, inspector.Cursor, bool) {
	none := inspector.Cursor{}
	typ, ok := lit.Type.(*ast.SelectorExpr)
	if !ok || typ.Sel.Name != "UpdateParams" {
		return rewrite{}, none, false
	}
	address := cursor.Parent()
	if unary, ok := address.Node().(*ast.UnaryExpr); !ok || unary.Op != token.AND {
		return rewrite{}, none, false
	}
	at := address.Parent()
	call, ok := at.Node().(*ast.CallExpr)
	if !ok || len(call.Args) != 3 || call.Args[2] != address.Node() {
		return rewrite{}, none, false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Update" || p.flow.Callee(call) == nil {
		return rewrite{}, none, false
	}
	file := p.fileOf(call.Pos())
	source, err := p.ReadFile(p.Fset.File(call.Pos()).Name())
	if err != nil {
		return rewrite{}, none, false
	}
	r := rewrite{p: p, file: file, source: source, call: call, lit: lit, meta: meta}
	r.prefix = r.text(address.Node().Pos(), typ.Sel.Pos())
	certain := false
	for _, f := range fieldsOf(p.TypesInfo, lit) {
		if _, keyed := f.elem.(*ast.KeyValueExpr); !keyed {
			return rewrite{}, none, false
		}
		if isMetadataField(f.name) {
			certain = certain || p.neverNil(f.value)
			continue
		}
		r.others = append(r.others, f)
	}
	// Metadata that is nil would make a replacement of nothing, where Update makes none.
	return r, at, certain
}

func (r rewrite) rename() []analysis.TextEdit {
	fun, okFun := r.call.Fun.(*ast.SelectorExpr)
	typ, okType := r.lit.Type.(*ast.SelectorExpr)
	if !okFun || !okType {
		return nil
	}
	return []analysis.TextEdit{
		{Pos: fun.Sel.Pos(), End: fun.Sel.End(), NewText: []byte("ReplaceMetadata")},
		{Pos: typ.Sel.Pos(), End: typ.Sel.End(), NewText: []byte("ReplaceMetadataParams")},
	}
}

// split rewrites the statement around the call. What the call is made of is evaluated twice or
// later than before, so all of it must be free of effects.
func (r rewrite) split(at inspector.Cursor) []analysis.TextEdit {
	for _, arg := range r.call.Args {
		if !r.p.isPure(arg) {
			return nil
		}
	}
	if !r.p.isPure(r.call.Fun) {
		return nil
	}
	switch stmt := at.Parent().Node().(type) {
	case *ast.AssignStmt:
		if kind, _ := at.Parent().ParentEdge(); kind == edge.IfStmt_Init {
			return r.splitIf(at.Parent().Parent(), stmt)
		}
		return r.splitAssign(at.Parent(), stmt)
	case *ast.ReturnStmt:
		return r.splitReturn(stmt)
	}
	return nil
}

// splitIf rewrites: if _, err := user.Update(…); err != nil { … return … }.
func (r rewrite) splitIf(at inspector.Cursor, assign *ast.AssignStmt) []analysis.TextEdit {
	stmt, ok := at.Node().(*ast.IfStmt)
	if !ok || stmt.Else != nil || !isBlank(assign.Lhs[0]) || !r.p.failsOn(stmt, assign.Lhs) || !inBlock(at) {
		return nil
	}
	first := r.replaced(stmt, r.update())
	second := r.replaced(stmt, r.replacement())
	return r.edit(stmt, stmt, first+"\n"+second)
}

// splitAssign rewrites: u, err := user.Update(…), and the statement that handles the error.
func (r rewrite) splitAssign(at inspector.Cursor, assign *ast.AssignStmt) []analysis.TextEdit {
	next, ok := at.NextSibling()
	if !ok || !inBlock(at) || len(assign.Lhs) != 2 {
		return nil
	}
	handling := r.text(assign.End(), next.Node().End())
	check := handling
	switch stmt := next.Node().(type) {
	case *ast.IfStmt:
		if stmt.Init != nil || stmt.Else != nil || !r.p.failsOn(stmt, assign.Lhs) {
			return nil
		}
	case *ast.ReturnStmt:
		if !r.p.returnsOnly(stmt, assign.Lhs) {
			return nil
		}
		check = fmt.Sprintf("\nif %s != nil {\n%s\n}", r.text(assign.Lhs[1].Pos(), assign.Lhs[1].End()), r.text(stmt.Pos(), stmt.End()))
	default:
		return nil
	}
	left := r.text(assign.Lhs[0].Pos(), assign.Lhs[1].End())
	text := r.replaced(assign, r.update()) + check + "\n" + left + " = " + r.replacement() + handling
	return r.edit(assign, next.Node(), text)
}

// splitReturn rewrites: return user.Update(…).
func (r rewrite) splitReturn(stmt *ast.ReturnStmt) []analysis.TextEdit {
	if len(stmt.Results) != 1 {
		return nil
	}
	text := "if _, err := " + r.update() + "; err != nil {\nreturn nil, err\n}\nreturn " + r.replacement()
	return r.edit(stmt, stmt, text)
}

// update is the call without metadata, replacement the one that replaces it.
func (r rewrite) update() string { return r.callOf("Update", "UpdateParams", r.others) }

func (r rewrite) replacement() string {
	return r.callOf("ReplaceMetadata", "ReplaceMetadataParams", r.meta)
}

func (r rewrite) callOf(method, params string, fields []field) string {
	elems := make([]string, len(fields))
	for i, f := range fields {
		elems[i] = r.text(f.elem.Pos(), f.elem.End())
	}
	inner := strings.Join(elems, ", ")
	if r.p.Fset.Position(r.lit.Lbrace).Line != r.p.Fset.Position(r.lit.Rbrace).Line {
		inner = "\n" + strings.Join(elems, ",\n") + ",\n"
	}
	fun := r.text(r.call.Fun.Pos(), r.call.Fun.End())
	args := r.text(r.call.Args[0].Pos(), r.call.Args[1].End())
	return fmt.Sprintf("%s%s(%s, %s%s{%s})", strings.TrimSuffix(fun, "Update"), method, args, r.prefix, params, inner)
}

// replaced is the text of a node around the call, with another call in its place.
func (r rewrite) replaced(n ast.Node, call string) string {
	return r.text(n.Pos(), r.call.Pos()) + call + r.text(r.call.End(), n.End())
}

func (r rewrite) text(from, to token.Pos) string {
	file := r.p.Fset.File(from)
	return string(r.source[file.Offset(from):file.Offset(to)])
}

func (r rewrite) edit(first, last ast.Node, text string) []analysis.TextEdit {
	return []analysis.TextEdit{{Pos: first.Pos(), End: last.End(), NewText: []byte(text)}}
}

func inBlock(at inspector.Cursor) bool {
	switch at.Parent().Node().(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// failsOn reports whether an if statement leaves the block where the last of the variables is
// not nil.
func (p *pass) failsOn(stmt *ast.IfStmt, vars []ast.Expr) bool {
	cond, ok := stmt.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ || !p.isNil(cond.Y) || !p.same(cond.X, vars[len(vars)-1]) || len(stmt.Body.List) == 0 {
		return false
	}
	switch last := stmt.Body.List[len(stmt.Body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok == token.CONTINUE || last.Tok == token.BREAK
	}
	return false
}

// returnsOnly reports whether a return statement returns the last of the variables, and at most
// the others with it.
func (p *pass) returnsOnly(stmt *ast.ReturnStmt, vars []ast.Expr) bool {
	if len(stmt.Results) == 0 || len(stmt.Results) > len(vars) {
		return false
	}
	from := len(vars) - len(stmt.Results)
	for i, result := range stmt.Results {
		if !p.same(result, vars[from+i]) {
			return false
		}
	}
	return true
}

func (p *pass) same(a, b ast.Expr) bool {
	v := p.flow.VariableOf(a)
	return v != nil && v == p.flow.VariableOf(b)
}

// isPure reports whether an expression has no effect and the same value a moment later.
func (p *pass) isPure(e ast.Expr) bool {
	pure := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.IndexExpr, *ast.TypeAssertExpr:
			pure = false
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		case *ast.CallExpr:
			pure = pure && (p.TypesInfo.Types[n.Fun].IsType() || p.isOfficialHelper(n))
		}
		return pure
	})
	return pure
}

// isOfficialHelper reports whether a call makes a pointer: clerk.String and its like.
func (p *pass) isOfficialHelper(call *ast.CallExpr) bool {
	fn := p.flow.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != official || fn.Signature().Results().Len() != 1 {
		return false
	}
	_, pointer := fn.Signature().Results().At(0).Type().Underlying().(*types.Pointer)
	return pointer && fn.Signature().Params().Len() == 1
}
