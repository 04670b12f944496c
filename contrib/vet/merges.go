package vet

import (
	"go/ast"
	"go/types"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

const ours = "github.com/clerkmeta/clerkmeta-go/metadata"

// merge is JSON text that a merge sends, in one way to enter the function that sends it.
type merge struct {
	// at is where the text enters the merge.
	at   ast.Expr
	text flow.Value
	// body reports whether the text is the body of a request, with the metadata under its keys.
	body bool
}

// merges returns the JSON texts that the package sends by merges, through clerk-sdk-go's
// UpdateMetadata, this SDK's ParsePatch or net/http.
func (p *pass) merges() []merge {
	var found []merge
	for cursor := range p.root.Preorder((*ast.CompositeLit)(nil), (*ast.AssignStmt)(nil), (*ast.CallExpr)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.CompositeLit:
			if _, ok := isParams(p.TypesInfo.TypeOf(n), "UpdateMetadataParams"); ok {
				for _, f := range fieldsOf(p.TypesInfo, n) {
					if isMetadataField(f.name) {
						found = append(found, p.mergesOf(n, f.value)...)
					}
				}
			}
		case *ast.AssignStmt:
			found = append(found, p.assignedMerges(n)...)
		case *ast.CallExpr:
			if p.flow.Calls(n, ours, "ParsePatch") {
				found = append(found, p.mergesOf(n, n.Args[0])...)
			}
			if args := p.requestArgs(n); args != nil {
				found = append(found, p.requestMerges(n, args)...)
			}
		}
	}
	return found
}

func (p *pass) assignedMerges(assign *ast.AssignStmt) []merge {
	if len(assign.Lhs) != len(assign.Rhs) {
		return nil
	}
	var found []merge
	for i, lhs := range assign.Lhs {
		sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
		if !ok || !isMetadataField(sel.Sel.Name) {
			continue
		}
		if _, ok := isParams(p.TypesInfo.TypeOf(sel.X), "UpdateMetadataParams"); ok {
			found = append(found, p.mergesOf(assign, assign.Rhs[i])...)
		}
	}
	return found
}

func (p *pass) mergesOf(in ast.Node, value ast.Expr) []merge {
	var found []merge
	for _, frame := range p.flow.Frames(in) {
		found = append(found, merge{at: value, text: p.textOf(flow.Value{Expr: value, Frame: frame})})
	}
	return found
}

// requestMerges returns the bodies of a request for the endpoint that merges.
func (p *pass) requestMerges(call *ast.CallExpr, args []ast.Expr) []merge {
	var found []merge
	for _, frame := range p.flow.Frames(call) {
		if p.pathOf(args, frame, merging) == "" {
			continue
		}
		if text := p.bodyOf(flow.Value{Expr: args[2], Frame: frame}); text.Expr != nil {
			found = append(found, merge{at: args[2], text: text, body: true})
		}
	}
	return found
}

// textOf follows a *json.RawMessage, json.RawMessage or []byte through pointers and conversions
// to what makes it.
func (p *pass) textOf(v flow.Value) flow.Value {
	for range 16 {
		v = p.flow.Resolve(v)
		inner := p.unwrap(v.Expr)
		if inner == nil {
			return v
		}
		v.Expr, v.Result = inner, 0
	}
	return v
}

// unwrap returns x of &x, T(x), clerk.JSONRawMessage(x) and of other functions that make a
// pointer to their only argument, nil for other expressions.
func (p *pass) unwrap(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if _, literal := e.X.(*ast.CompositeLit); !literal {
			return e.X
		}
	case *ast.CallExpr:
		if len(e.Args) == 1 && p.TypesInfo.Types[e].Value == nil && (p.TypesInfo.Types[e.Fun].IsType() || p.pointsTo(e)) {
			return e.Args[0]
		}
	}
	return nil
}

func (p *pass) pointsTo(call *ast.CallExpr) bool {
	pointer, ok := types.Unalias(p.TypesInfo.TypeOf(call)).(*types.Pointer)
	arg := p.TypesInfo.TypeOf(call.Args[0])
	return ok && arg != nil && types.AssignableTo(arg, pointer.Elem())
}

// encoded returns the value that json.Marshal or an encoder makes a text of.
func (p *pass) encoded(text flow.Value) (flow.Value, bool) {
	call, ok := text.Expr.(*ast.CallExpr)
	if !ok || text.Result != 0 || !p.flow.Calls(call, "encoding/json", "Marshal", "MarshalIndent", "Encode") {
		return flow.Value{}, false
	}
	return flow.Value{Expr: call.Args[0], Frame: text.Frame}, true
}
