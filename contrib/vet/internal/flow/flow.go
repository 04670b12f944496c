// Package flow follows values backward within one package: through variables, fields and keys
// that are set later, and the parameters and results of the package's functions. It follows a
// variable only if one assignment gives its value, so that what it finds is certain.
package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// The bounds of the work for one value, and for one function.
const (
	maxSteps  = 32
	maxDepth  = 3
	maxFrames = 64
)

// Package is an index of a package's assignments and calls.
type Package struct {
	Info *types.Info

	vars    map[*types.Var]*Variable
	params  map[*types.Var]param
	bodies  map[*types.Func]*ast.FuncDecl
	callers map[*types.Func][]site
	within  map[ast.Node]*types.Func
	held    map[ast.Expr]*types.Var
}

// Variable is what a package does to one of its variables.
type Variable struct {
	// Sets are the assignments to its fields and keys.
	Sets []Set
	// Passed are the calls that take the variable or its address, Called those of its methods.
	Passed []*ast.CallExpr
	Called []*ast.CallExpr

	// Aliases are the variables that hold its value too, nil for a field or key.
	Aliases []*types.Var

	values    []Value
	opaque    bool
	addressed bool
}

// Set is the assignment x.Field = Value or x[Key] = Value.
type Set struct {
	Field string
	Key   ast.Expr
	Value ast.Expr
}

// Value is an expression, and how its function was entered.
type Value struct {
	// Expr is nil for the zero value of a variable.
	Expr ast.Expr
	// Result selects a result of a call that has several.
	Result int
	// Frame is nil where the callers are unknown.
	Frame *Frame
	// Vars are the variables, and Calls the calls with it as an argument, that the value went
	// through.
	Vars  []*types.Var
	Calls []*ast.CallExpr
}

// Frame is a call of a function of the package.
type Frame struct {
	Call *ast.CallExpr

	callee *types.Func
	up     *Frame
}

type param struct {
	fn    *types.Func
	index int
}

type site struct {
	call *ast.CallExpr
	in   *types.Func
}

// Frames returns the ways to enter the function around a call, literal or assignment: nil, and the known
// calls.
func (p *Package) Frames(n ast.Node) []*Frame {
	return append([]*Frame{nil}, p.framesOf(p.within[n], maxDepth)...)
}

func (p *Package) framesOf(fn *types.Func, depth int) []*Frame {
	if fn == nil || depth == 0 {
		return nil
	}
	var frames []*Frame
	for _, s := range p.callers[fn] {
		frames = append(frames, &Frame{Call: s.call, callee: fn})
		for _, up := range p.framesOf(s.in, depth-1) {
			frames = append(frames, &Frame{Call: s.call, callee: fn, up: up})
		}
		if len(frames) >= maxFrames {
			return frames[:maxFrames]
		}
	}
	return frames
}

// Function returns the function of the package around a call, literal or assignment.
func (p *Package) Function(n ast.Node) *types.Func {
	return p.within[n]
}

// Resolve follows a value to the expression that makes it, as far as that is certain.
func (p *Package) Resolve(v Value) Value {
	for range maxSteps {
		next, ok := p.step(v)
		if !ok {
			break
		}
		v = next
	}
	v.Expr = ast.Unparen(v.Expr)
	return v
}

func (p *Package) step(v Value) (Value, bool) {
	switch e := ast.Unparen(v.Expr).(type) {
	case *ast.Ident:
		return p.stepVariable(v, e)
	case *ast.CallExpr:
		return p.stepCall(v, e)
	}
	return v, false
}

func (p *Package) stepVariable(v Value, id *ast.Ident) (Value, bool) {
	obj, ok := p.Info.ObjectOf(id).(*types.Var)
	if !ok {
		return v, false
	}
	known := p.vars[obj]
	if in, ok := p.params[obj]; ok {
		if v.Frame == nil || v.Frame.callee != in.fn || known != nil && (known.opaque || len(known.values) > 0) {
			return v, false
		}
		arg := v.Frame.Call.Args[in.index]
		return Value{Expr: arg, Frame: v.Frame.up, Vars: with(v.Vars, obj), Calls: with(v.Calls, v.Frame.Call)}, true
	}
	if known == nil || known.opaque || len(known.values) != 1 || known.values[0].Expr == nil {
		return v, false
	}
	if obj.Exported() && obj.Parent() == obj.Pkg().Scope() {
		return v, false // another package may assign it
	}
	next := known.values[0]
	next.Frame, next.Vars, next.Calls = v.Frame, with(v.Vars, obj), v.Calls
	return next, true
}

// with returns a list with one more element, and leaves the list of others alone.
func with[T any](list []T, more T) []T {
	return append(list[:len(list):len(list)], more)
}

// stepCall enters a function of the package that returns in one place.
func (p *Package) stepCall(v Value, call *ast.CallExpr) (Value, bool) {
	fn := p.Callee(call)
	if fn == nil || p.bodies[fn] == nil || depth(v.Frame) >= maxDepth {
		return v, false
	}
	ret := onlyReturn(p.bodies[fn])
	if ret == nil || v.Result >= len(ret.Results) || !p.bindable(call, fn) {
		return v, false
	}
	if len(ret.Results) != fn.Signature().Results().Len() {
		return v, false
	}
	return Value{Expr: ret.Results[v.Result], Frame: &Frame{Call: call, callee: fn, up: v.Frame}, Vars: v.Vars, Calls: v.Calls}, true
}

// Returns returns what a function of the package may return as the result that a value is, nil if
// that is unknown.
func (p *Package) Returns(v Value) []ast.Expr {
	call, ok := v.Expr.(*ast.CallExpr)
	if !ok {
		return nil
	}
	fn := p.Callee(call)
	if fn == nil || p.bodies[fn] == nil {
		return nil
	}
	var results []ast.Expr
	for _, ret := range returns(p.bodies[fn]) {
		if len(ret.Results) != fn.Signature().Results().Len() {
			return nil
		}
		results = append(results, ret.Results[v.Result])
	}
	return results
}

func (p *Package) bindable(call *ast.CallExpr, fn *types.Func) bool {
	sig := fn.Signature()
	return !sig.Variadic() && len(call.Args) == sig.Params().Len()
}

func depth(f *Frame) int {
	n := 0
	for ; f != nil; f = f.up {
		n++
	}
	return n
}

// Callee returns the function or method that a call names, nil if it is none or dynamic.
func (p *Package) Callee(call *ast.CallExpr) *types.Func {
	fn := typeutil.StaticCallee(p.Info, call)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// Calls reports whether a call is of one of the named functions of a package.
func (p *Package) Calls(call *ast.CallExpr, path string, names ...string) bool {
	fn := p.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != path {
		return false
	}
	for _, name := range names {
		if fn.Name() == name {
			return true
		}
	}
	return false
}

// Variable returns what is known of a variable.
func (p *Package) Variable(obj *types.Var) Variable {
	if v := p.vars[obj]; v != nil {
		return *v
	}
	return Variable{}
}

// VariableOf returns the variable that an identifier names, nil for other expressions.
func (p *Package) VariableOf(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	obj, _ := p.Info.ObjectOf(id).(*types.Var)
	return obj
}

// Holder returns the variable that a literal, or its address, was assigned to, nil if none.
func (p *Package) Holder(lit ast.Expr) *types.Var {
	return p.held[lit]
}

// IsZero reports whether a value is nil, or a variable that nothing was ever assigned to.
func (p *Package) IsZero(v Value) bool {
	id, ok := v.Expr.(*ast.Ident)
	if !ok {
		return false
	}
	if _, isNil := p.Info.ObjectOf(id).(*types.Nil); isNil {
		return true
	}
	obj, ok := p.Info.ObjectOf(id).(*types.Var)
	if !ok || p.vars[obj] == nil {
		return false
	}
	known := p.vars[obj]
	return !known.opaque && !known.addressed && len(known.values) == 1 && known.values[0].Expr == nil && obj.Parent() != obj.Pkg().Scope()
}

// Text returns the constant string that a value is.
func (p *Package) Text(v Value) (string, bool) {
	if v.Expr == nil {
		return "", false
	}
	tv := p.Info.Types[v.Expr]
	if tv.Value == nil || tv.Value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(tv.Value), true
}

// onlyReturn returns the return statement of a function that has one, closures aside.
func onlyReturn(decl *ast.FuncDecl) *ast.ReturnStmt {
	all := returns(decl)
	if len(all) != 1 {
		return nil
	}
	return all[0]
}

// returns returns the return statements of a function, closures aside.
func returns(decl *ast.FuncDecl) []*ast.ReturnStmt {
	var all []*ast.ReturnStmt
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			all = append(all, n)
		}
		return true
	})
	return all
}

// isAddressOf returns x of &x.
func isAddressOf(e ast.Expr) (ast.Expr, bool) {
	unary, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok || unary.Op != token.AND {
		return nil, false
	}
	return ast.Unparen(unary.X), true
}
