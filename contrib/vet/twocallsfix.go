package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// rewrite is a call of Update that becomes a replacement, or two calls.
type rewrite struct {
	p      *pass
	source []byte
	// lit are the parameters, in the call or in the variable that the call takes.
	lit inspector.Cursor
	// call is the call, fun its function, typ the type of the literal.
	call     inspector.Cursor
	fun, typ *ast.SelectorExpr
	// meta and others are the fields of the literal.
	meta, others []field
}

// replaceFix returns the rewriting of the call that takes the literal, none if it is not certain
// to make the requests that Update makes.
func (p *pass) replaceFix(lit inspector.Cursor) []analysis.SuggestedFix {
	r, ok := p.newRewrite(lit)
	if !ok {
		return nil
	}
	edits := r.rename()
	if len(r.others) > 0 {
		edits = r.split()
	}
	if edits == nil {
		return nil
	}
	return []analysis.SuggestedFix{{Message: "replace the metadata with ReplaceMetadata", TextEdits: edits}}
}

func (p *pass) newRewrite(lit inspector.Cursor) (rewrite, bool) {
	r := rewrite{p: p, lit: lit}
	ok := r.splitFields() && r.findCall()
	if !ok {
		return r, false
	}
	source, err := p.ReadFile(p.Fset.File(lit.Node().Pos()).Name())
	r.source = source
	return r, err == nil
}

// splitFields sorts the fields, and reports whether each has its name and the metadata is certainly
// given: Update without it makes no replacement.
func (r *rewrite) splitFields() bool {
	lit, ok := r.lit.Node().(*ast.CompositeLit)
	if !ok {
		return false
	}
	r.typ, ok = lit.Type.(*ast.SelectorExpr)
	if !ok || !r.p.isOfficialName(r.typ.Sel, "UpdateParams") {
		return false
	}
	for _, f := range fieldsOf(r.p.TypesInfo, lit) {
		if _, keyed := f.elem.(*ast.KeyValueExpr); !keyed {
			return false
		}
		if isMetadataField(f.name) {
			r.meta = append(r.meta, f)
		} else {
			r.others = append(r.others, f)
		}
	}
	return r.p.anyNeverNil(r.meta)
}

// findCall finds the call around the literal, or around the only use of its variable.
func (r *rewrite) findCall() bool {
	arg := r.lit
	if v := r.p.flow.Holder(r.literal()); v != nil {
		use, ok := r.p.onlyUse(v, r.lit)
		if !ok {
			return false
		}
		arg = use
	}
	if unary, ok := arg.Parent().Node().(*ast.UnaryExpr); ok && unary.Op == token.AND {
		arg = arg.Parent()
	}
	if kind, i := arg.ParentEdge(); kind != edge.CallExpr_Args || i != 2 {
		return false
	}
	r.call = arg.Parent()
	fun, ok := r.update().Fun.(*ast.SelectorExpr)
	r.fun = fun
	return ok && r.p.isOfficialName(fun.Sel, "Update") && r.p.hasReplace(fun)
}

func (r *rewrite) literal() *ast.CompositeLit {
	lit, _ := r.lit.Node().(*ast.CompositeLit)
	return lit
}

func (r *rewrite) update() *ast.CallExpr {
	call, _ := r.call.Node().(*ast.CallExpr)
	return call
}

// rename makes a replacement of the call.
func (r *rewrite) rename() []analysis.TextEdit {
	return append(edits(r.fun.Sel.Pos(), r.fun.Sel.End(), "ReplaceMetadata"),
		edits(r.typ.Sel.Pos(), r.typ.Sel.End(), "ReplaceMetadataParams")...)
}

// split puts a call for the other fields before the statement, and makes a replacement of the
// call. What the replacement is made of is evaluated twice or later than before, so it must be
// free of effects. Update skips a request without fields, so one of them must be certain.
func (r *rewrite) split() []analysis.TextEdit {
	again := []ast.Expr{r.fun.X, r.update().Args[0], r.update().Args[1]}
	for _, f := range r.meta {
		again = append(again, f.value)
	}
	for _, e := range again {
		if !r.p.isPure(e) {
			return nil
		}
	}
	if !r.p.anyNeverNil(r.others) || r.p.hasComment(r.update()) || r.p.hasComment(r.literal()) {
		return nil
	}
	g, ok := r.guard()
	if !ok {
		return nil
	}
	first, edits, ok := r.calls(g.stmt)
	if !ok {
		return nil
	}
	at := g.stmt.Node().Pos()
	return append(edits, analysis.TextEdit{Pos: at, End: at, NewText: []byte(g.before + first + g.after)})
}

// calls returns the call for the other fields, and the edits that leave the replacement.
func (r *rewrite) calls(stmt inspector.Cursor) (string, []analysis.TextEdit, bool) {
	call, lit := r.update(), r.literal()
	within := edits(r.fun.Sel.Pos(), r.fun.Sel.End(), "ReplaceMetadata")
	if r.lit.Parent().Parent() == r.call {
		first := r.text(call.Pos(), lit.Lbrace) + r.elements(r.others) + r.text(lit.Rbrace, call.End())
		within = append(within, edits(r.typ.Sel.Pos(), r.typ.Sel.End(), "ReplaceMetadataParams")...)
		return first, append(within, edits(lit.Lbrace, lit.Rbrace, r.elements(r.meta))...), true
	}
	if !r.isSetBefore(stmt) {
		return "", nil, false
	}
	params := fmt.Sprintf("&%s.ReplaceMetadataParams%s}", r.text(r.typ.X.Pos(), r.typ.X.End()), r.elements(r.meta))
	within = append(within, edits(call.Args[2].Pos(), call.Args[2].End(), params)...)
	return r.text(call.Pos(), call.End()), append(within, edits(lit.Lbrace, lit.Rbrace, r.elements(r.others))...), true
}

// isSetBefore reports whether the variable gets the literal in the statement before another one,
// so that nothing the metadata is made of changes between them.
func (r *rewrite) isSetBefore(stmt inspector.Cursor) bool {
	for at := range r.lit.Enclosing((*ast.AssignStmt)(nil)) {
		assign, ok := at.Node().(*ast.AssignStmt)
		next, found := at.NextSibling()
		return ok && found && len(assign.Rhs) == 1 && next == stmt
	}
	return false
}

// elements is the text of a literal with some of the fields, without its closing brace.
func (r *rewrite) elements(fields []field) string {
	lit := r.literal()
	elems := make([]string, len(fields))
	for i, f := range fields {
		elems[i] = r.text(f.elem.Pos(), f.elem.End())
	}
	if r.p.Fset.Position(lit.Lbrace).Line != r.p.Fset.Position(lit.Rbrace).Line {
		return "{\n" + strings.Join(elems, ",\n") + ",\n"
	}
	return "{" + strings.Join(elems, ", ")
}

func (r *rewrite) text(from, to token.Pos) string {
	file := r.p.Fset.File(from)
	return string(r.source[file.Offset(from):file.Offset(to)])
}

func edits(from, to token.Pos, text string) []analysis.TextEdit {
	return []analysis.TextEdit{{Pos: from, End: to, NewText: []byte(text)}}
}
