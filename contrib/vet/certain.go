package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

// anyNeverNil reports whether the value of a field is certainly not nil.
func (p *pass) anyNeverNil(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return p.neverNil(f.value) })
}

// neverNil reports whether a pointer is certainly not nil.
func (p *pass) neverNil(e ast.Expr) bool {
	found := p.flow.Resolve(flow.Value{Expr: e})
	switch x := found.Expr.(type) {
	case *ast.UnaryExpr:
		return x.Op == token.AND
	case *ast.CallExpr:
		return p.makesPointer(x) || p.TypesInfo.Types[x.Fun].IsType() && len(x.Args) == 1 && p.neverNil(x.Args[0])
	}
	return false
}

// isPure reports whether an expression has no effect and the same value a moment later.
func (p *pass) isPure(e ast.Expr) bool {
	pure := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			pure = pure && n.Op != token.ARROW
		case *ast.CallExpr:
			pure = pure && (p.TypesInfo.Types[n.Fun].IsType() || p.makesPointer(n) || p.isContext(n))
		}
		return pure
	})
	return pure
}

// makesPointer reports whether a call is of new, clerk.String or another of its kind.
func (p *pass) makesPointer(call *ast.CallExpr) bool {
	if p.callsBuiltin(call, "new") {
		return true
	}
	fn := p.flow.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != official || fn.Signature().Results().Len() != 1 {
		return false
	}
	_, pointer := fn.Signature().Results().At(0).Type().Underlying().(*types.Pointer)
	return pointer && fn.Signature().Params().Len() == 1
}

// isContext reports whether a call only reads or makes a context.
func (p *pass) isContext(call *ast.CallExpr) bool {
	return p.flow.Calls(call, "context", "Background", "TODO") ||
		p.flow.Calls(call, "net/http", "Context") || p.flow.Calls(call, "testing", "Context")
}

func (p *pass) callsBuiltin(call *ast.CallExpr, names ...string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	builtin, ok := p.TypesInfo.ObjectOf(id).(*types.Builtin)
	return ok && slices.Contains(names, builtin.Name())
}

// mentionsName reports whether code uses a name otherwise than after a dot.
func (p *pass) mentionsName(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = found || p.mentionsName(n.X, name)
			return false
		case *ast.Ident:
			found = found || n.Name == name
		}
		return !found
	})
	return found
}

// onlyUse returns the use of a variable in the function around a node, if it has one alone.
func (p *pass) onlyUse(v *types.Var, around inspector.Cursor) (inspector.Cursor, bool) {
	var use inspector.Cursor
	count := 0
	for id := range functionAround(around).Preorder((*ast.Ident)(nil)) {
		if name, ok := id.Node().(*ast.Ident); ok && p.TypesInfo.Uses[name] == v {
			use = id
			count++
		}
	}
	return use, count == 1
}

// functionAround returns the declaration of a function around a node, or else its file.
func functionAround(at inspector.Cursor) inspector.Cursor {
	for outer := range at.Enclosing((*ast.FuncDecl)(nil), (*ast.File)(nil)) {
		return outer
	}
	return at
}

// isOfficialName reports whether a name is of the package of users or organizations.
func (p *pass) isOfficialName(id *ast.Ident, name string) bool {
	obj := p.TypesInfo.Uses[id]
	return obj != nil && obj.Name() == name && obj.Pkg() != nil && strings.HasPrefix(obj.Pkg().Path(), official+"/")
}

// hasReplace reports whether ReplaceMetadata in the place of a function is of the same package:
// a type that embeds a client may have another.
func (p *pass) hasReplace(fun *ast.SelectorExpr) bool {
	s := p.TypesInfo.Selections[fun]
	if s == nil {
		return true
	}
	obj, _, _ := types.LookupFieldOrMethod(s.Recv(), true, p.Pkg, "ReplaceMetadata")
	return obj != nil && obj.Pkg() == s.Obj().Pkg()
}
