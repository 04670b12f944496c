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
	case *ast.UnaryExpr:
		if inner, ok := isAddressOf(n); ok {
			if obj := p.VariableOf(inner); obj != nil {
				p.variable(obj).addressed = true
			}
		}
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
	case *ast.SelectorExpr, *ast.IndexExpr:
		p.set(lhs, value.Expr)
		p.alias(nil, value.Expr)
	case *ast.StarExpr:
		p.spoil(lhs.X)
	}
}

// set records an assignment to a field or key of the variable that an expression begins with. The
// value of one further below is the field or key itself.
func (p *Package) set(lhs, value ast.Expr) {
	for {
		var s Set
		var base ast.Expr
		switch x := lhs.(type) {
		case *ast.SelectorExpr:
			s, base = Set{Field: x.Sel.Name, Value: value}, inside(x.X)
		case *ast.IndexExpr:
			s, base = Set{Key: x.Index, Value: value}, inside(x.X)
		default:
			return
		}
		if obj := p.VariableOf(base); obj != nil {
			v := p.variable(obj)
			v.Sets = append(v.Sets, s)
			return
		}
		lhs, value = base, base
	}
}

// inside returns x of *x, x.(T) and (x).
func inside(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		default:
			return e
		}
	}
}

// rootOf returns the variable that an expression begins with, nil if none.
func (p *Package) rootOf(e ast.Expr) *types.Var {
	for {
		switch x := inside(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return p.VariableOf(x)
		}
	}
}

// alias records that a variable's value is held by another one too, nil for a field or key.
func (p *Package) alias(holder *types.Var, value ast.Expr) {
	if obj := p.VariableOf(value); obj != nil {
		v := p.variable(obj)
		v.Aliases = append(v.Aliases, holder)
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
	p.alias(obj, value.Expr)
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
		p.indexArgument(call, arg)
	}
	p.indexReceiver(call, fn)
}

// indexArgument records the variable whose value, or a part of it that the call may change, is
// passed.
func (p *Package) indexArgument(call *ast.CallExpr, arg ast.Expr) {
	if inner, ok := isAddressOf(arg); ok {
		if obj := p.rootOf(inner); obj != nil {
			v := p.variable(obj)
			v.Passed = append(v.Passed, call)
			v.opaque = true
		}
		return
	}
	obj := p.rootOf(arg)
	if obj == nil || p.VariableOf(arg) == nil && !isShared(p.Info.TypeOf(arg)) {
		return
	}
	v := p.variable(obj)
	v.Passed = append(v.Passed, call)
}

// isShared reports whether a copy of a value shares what it holds.
func isShared(t types.Type) bool {
	if t == nil {
		return false
	}
	_, isMap := t.Underlying().(*types.Map)
	return isMap || isPointer(t)
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
