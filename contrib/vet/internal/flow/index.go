package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// New indexes a package's files.
func New(info *types.Info, files []*ast.File) *Package {
	p := &Package{
		Info:    info,
		vars:    map[*types.Var]*Variable{},
		params:  map[*types.Var]param{},
		bodies:  map[*types.Func]*ast.FuncDecl{},
		callers: map[*types.Func][]site{},
		within:  map[ast.Node]*types.Func{},
		held:    map[ast.Expr]*types.Var{},
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			p.indexDecl(decl)
		}
	}
	return p
}

func (p *Package) indexDecl(decl ast.Decl) {
	var in *types.Func
	if d, ok := decl.(*ast.FuncDecl); ok && d.Body != nil {
		if fn, ok := p.Info.Defs[d.Name].(*types.Func); ok {
			in = fn
			p.bodies[fn] = d
			sig := fn.Signature()
			for i := range sig.Params().Len() {
				p.params[sig.Params().At(i)] = param{fn, i}
			}
		}
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		p.index(n, in)
		return true
	})
}

func (p *Package) index(n ast.Node, in *types.Func) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		p.within[n] = in
		p.indexAssign(n)
	case *ast.ValueSpec:
		p.indexSpec(n)
	case *ast.IncDecStmt:
		p.spoil(n.X)
	case *ast.RangeStmt:
		p.spoil(n.Key)
		p.spoil(n.Value)
	case *ast.CompositeLit:
		p.within[n] = in
	case *ast.CallExpr:
		p.within[n] = in
		p.indexCall(n, in)
	}
}

func (p *Package) variable(obj *types.Var) *Variable {
	if p.vars[obj] == nil {
		p.vars[obj] = &Variable{}
	}
	return p.vars[obj]
}

func (p *Package) spoil(e ast.Expr) {
	if e == nil {
		return
	}
	if obj := p.VariableOf(e); obj != nil {
		p.variable(obj).opaque = true
	}
}

func (p *Package) indexAssign(s *ast.AssignStmt) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		p.spoil(s.Lhs[0])
		return
	}
	for i, lhs := range s.Lhs {
		value := Value{Expr: s.Rhs[0], Result: i}
		if len(s.Rhs) == len(s.Lhs) {
			value = Value{Expr: s.Rhs[i]}
		}
		p.assign(lhs, value)
	}
}

func (p *Package) assign(lhs ast.Expr, value Value) {
	switch lhs := ast.Unparen(lhs).(type) {
	case *ast.Ident:
		p.define(lhs, value)
	case *ast.SelectorExpr:
		if obj := p.VariableOf(lhs.X); obj != nil {
			v := p.variable(obj)
			v.Sets = append(v.Sets, Set{Field: lhs.Sel.Name, Value: value.Expr})
		}
	case *ast.IndexExpr:
		if obj := p.VariableOf(lhs.X); obj != nil {
			v := p.variable(obj)
			v.Sets = append(v.Sets, Set{Key: lhs.Index, Value: value.Expr})
		}
	case *ast.StarExpr:
		p.spoil(lhs.X)
	}
}

func (p *Package) define(id *ast.Ident, value Value) {
	obj, ok := p.Info.ObjectOf(id).(*types.Var)
	if !ok {
		return
	}
	v := p.variable(obj)
	v.values = append(v.values, value)
	if value.Expr == nil {
		return
	}
	expr := ast.Unparen(value.Expr)
	if inner, ok := isAddressOf(expr); ok {
		if kept := p.VariableOf(inner); kept != nil {
			p.variable(kept).opaque = true
		}
		expr = inner
	}
	p.held[expr] = obj
}

func (p *Package) indexSpec(s *ast.ValueSpec) {
	for i, name := range s.Names {
		switch {
		case len(s.Values) == len(s.Names):
			p.define(name, Value{Expr: s.Values[i]})
		case len(s.Values) == 1:
			p.define(name, Value{Expr: s.Values[0], Result: i})
		default:
			p.define(name, Value{})
		}
	}
}

func (p *Package) indexCall(call *ast.CallExpr, in *types.Func) {
	if p.Info.Types[call.Fun].IsType() {
		return // a conversion
	}
	fn := p.Callee(call)
	if fn != nil && p.bindable(call, fn) {
		p.callers[fn] = append(p.callers[fn], site{call, in})
	}
	for _, arg := range call.Args {
		if obj := p.VariableOf(arg); obj != nil {
			v := p.variable(obj)
			v.Passed = append(v.Passed, call)
		}
		if inner, ok := isAddressOf(arg); ok {
			if obj := p.VariableOf(inner); obj != nil {
				v := p.variable(obj)
				v.Passed = append(v.Passed, call)
				v.opaque = true
			}
		}
	}
	p.indexReceiver(call, fn)
}

// indexReceiver records the call of a variable's method, and spoils the variable if the method,
// with a pointer as its receiver, may change it.
func (p *Package) indexReceiver(call *ast.CallExpr, fn *types.Func) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || fn == nil || fn.Signature().Recv() == nil {
		return
	}
	obj := p.VariableOf(sel.X)
	if obj == nil {
		return
	}
	v := p.variable(obj)
	v.Called = append(v.Called, call)
	if isPointer(fn.Signature().Recv().Type()) && !isPointer(obj.Type()) {
		v.opaque = true
	}
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}
