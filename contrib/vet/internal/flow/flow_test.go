package flow_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

// program is the code around the body of a function, whose call of sink the tests look at.
const program = `package p

var hidden = "package"
var Exported = "package"

type box struct{ v string }

func (b *box) set()         {}
func (b box) get() string   { return "method" }
func sink(v any)            {}
func change(v *string)      {}
func one(v string) string   { return v }
func two() (string, string) { return "first", "second" }
func many(vs ...string) string { return vs[0] }
func branches(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
func loop(v string) string { return loop(v) }
func closure() string { f := func() string { return "inner" }; f(); return "outer" }
func helper(v string, n int) { sink(v) }
func changed(v string) { v = "changed"; sink(v) }
`

// load type-checks the program with one more declaration.
func load(t *testing.T, decl string) (*flow.Package, *ast.File, *token.FileSet) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "p.go", program+decl, 0)
	require.NoError(t, err)
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
	}
	_, err = (&types.Config{}).Check("p", set, []*ast.File{file}, info)
	require.NoError(t, err)
	return flow.New(info, []*ast.File{file}), file, set
}

// sinks returns what the arguments of sink resolve to, in every way to enter its function.
func sinks(t *testing.T, decl string) []string {
	t.Helper()
	p, file, set := load(t, decl)
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || !p.Calls(call, "p", "sink") {
			return true
		}
		for _, frame := range p.Frames(call) {
			v := p.Resolve(flow.Value{Expr: call.Args[0], Frame: frame})
			if p.IsZero(v) {
				found = append(found, "zero")
				continue
			}
			var text bytes.Buffer
			require.NoError(t, format.Node(&text, set, v.Expr))
			found = append(found, text.String())
		}
		return true
	})
	return found
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`x := "a"; sink((x))`:                                `"a"`,
		`x := "a"; y := x; sink(y)`:                          `"a"`,
		`var x = "a"; sink(x)`:                               `"a"`,
		`x, y := two(); _ = x; sink(y)`:                      `"second"`,
		`var x, y = two(); _ = y; sink(x)`:                   `"first"`,
		`sink(one("a"))`:                                     `"a"`,
		`sink(one(one("a")))`:                                `"a"`,
		`sink(closure())`:                                    `"outer"`,
		`sink(hidden)`:                                       `"package"`,
		`sink(box{}.get())`:                                  `"method"`,
		`b := box{}; b.v = "a"; sink(b)`:                     `box{}`,
		`sink(func() string { x := "a"; return x }())`:       `func() string { x := "a"; return x }()`,
		`var x *string; sink(x)`:                             `zero`,
		`sink(nil)`:                                          `zero`,
		`sink(Exported)`:                                     `Exported`,
		`x := "a"; x = "b"; sink(x)`:                         `x`,
		`x := "a"; x += "b"; sink(x)`:                        `x`,
		`x := 1; x++; sink(x)`:                               `x`,
		`x := "a"; change(&x); sink(x)`:                      `x`,
		`x := "a"; p := &x; *p = "b"; sink(x)`:               `x`,
		`x := "a"; p := &x; *p = "b"; sink(p)`:               `p`,
		`b := box{}; change(&b.v); sink(b)`:                  `b`,
		`var x *string; y := []**string{&x}; _ = y; sink(x)`: `x`,
		`b := box{}; b.set(); sink(b)`:                       `b`,
		`b := &box{}; b.set(); sink(b)`:                      `&box{}`,
		`for x := range []string{"a"} { sink(x) }`:           `x`,
		`for _, x := range []string{"a"} { sink(x) }`:        `x`,
		`var x *string; x = new(string); sink(x)`:            `x`,
		`var x *string; change(x); y := &x; _ = y; sink(x)`:  `x`,
		`sink(branches(true))`:                               `branches(true)`,
		`sink(many("a", "b"))`:                               `many("a", "b")`,
		`sink(loop("a"))`:                                    `loop(v)`,
		`f := one; sink(f("a"))`:                             `f("a")`,
		`sink(string([]byte("a")))`:                          `string([]byte("a"))`,
		`m := map[string]int{}; m["a"] = 1; sink(m)`:         `map[string]int{}`,
	} {
		found := sinks(t, "func run() { "+body+" }")
		require.Contains(t, found, want, body)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"v", `"a"`, "w", `"b"`, "v"}, sinks(t, `
func run() { helper("a", 1); outer("b") }
func outer(w string) { helper(w, 2) }`), "a parameter without known callers, and each way to enter")
	require.NotContains(t, sinks(t, `func run() { changed("a") }`), `"a"`)
}

// TestBounds has more ways to enter a function than are followed.
func TestBounds(t *testing.T) {
	t.Parallel()
	calls := ""
	for range 100 {
		calls += `helper("a", 1); `
	}
	require.Len(t, sinks(t, "func run() { "+calls+"}"), 1+64+1)
}

func TestVariables(t *testing.T) {
	t.Parallel()
	p, file, _ := load(t, `func run() { b := &box{"a"}; b.v = "b"; sink(b); m := map[string]int{}; m["k"] = 1; const c = "text"; sink(c) }`)
	seen := map[string]flow.Variable{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if obj := p.Holder(n); obj != nil {
				seen[obj.Name()] = p.Variable(obj)
			}
		case *ast.BasicLit:
			text, ok := p.Text(flow.Value{Expr: n})
			require.Equal(t, n.Kind == token.STRING, ok, text)
		}
		return true
	})
	require.Len(t, seen, 2)
	require.Equal(t, "v", seen["b"].Sets[0].Field)
	require.Len(t, seen["b"].Passed, 1)
	require.NotNil(t, seen["m"].Sets[0].Key)
	require.Empty(t, p.Variable(types.NewVar(0, nil, "other", types.Typ[types.Int])))
	_, ok := p.Text(flow.Value{})
	require.False(t, ok)
	require.Nil(t, p.VariableOf(&ast.BasicLit{}))
}

func TestReturns(t *testing.T) {
	t.Parallel()
	p, file, set := load(t, `
func named() (v string) { v = "a"; return }
func run() { sink(branches(true)); sink(named()); sink(len("a")); sink(Exported) }`)
	found := map[string]int{}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && p.Calls(call, "p", "sink") && p.Function(call).Name() == "run" {
			var text bytes.Buffer
			require.NoError(t, format.Node(&text, set, call.Args[0]))
			found[text.String()] = len(p.Returns(flow.Value{Expr: call.Args[0]}))
		}
		return true
	})
	require.Equal(t, map[string]int{"branches(true)": 2, "named()": 0, `len("a")`: 0, "Exported": 0}, found)
}

// TestSharing has parts and other holders of a variable, through which its value may change.
func TestSharing(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct{ sets, passed, aliases int }{
		`held := map[string]box{}; sink(held["a"].v)`:                                      {0, 0, 0},
		`held := map[string]*box{}; sink(held["a"])`:                                       {0, 1, 0},
		`held := &struct{ b box }{}; held.b.v = "a"; (*held).b.v = "b"`:                    {2, 0, 0},
		`held := map[string]any{}; held["a"].(map[string]any)["b"] = 1`:                    {1, 0, 0},
		`held := map[string]int{}; w := held; var x = held; _, _ = w, x`:                   {0, 0, 2},
		`held := map[string]int{}; w := struct{ m map[string]int }{}; w.m = held; _ = w.m`: {0, 0, 1},
	} {
		p, _, _ := load(t, "func run() { "+body+" }")
		for id, obj := range p.Info.Defs {
			if id.Name != "held" {
				continue
			}
			got := p.Variable(obj.(*types.Var))
			require.Len(t, got.Sets, want.sets, body)
			require.Len(t, got.Passed, want.passed, body)
			require.Len(t, got.Aliases, want.aliases, body)
		}
	}
}
