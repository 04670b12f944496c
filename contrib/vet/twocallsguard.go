package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// guard is the text around the first of two calls, with the handling that the error of the one
// call has. It stands before that call's statement.
type guard struct {
	stmt          inspector.Cursor
	before, after string
}

// guard returns none where it is not certain that an error keeps the second call from being made.
func (r *rewrite) guard() (guard, bool) {
	switch stmt := r.call.Parent().Node().(type) {
	case *ast.ReturnStmt:
		return guard{r.call.Parent(), "if _, err := ", "; err != nil {\nreturn nil, err\n}\n"}, len(stmt.Results) == 1
	case *ast.AssignStmt:
		return r.guardOfAssign(r.call.Parent(), stmt)
	}
	return guard{}, false
}

// guardOfAssign copies what handles the error of u, err := user.Update(…).
func (r *rewrite) guardOfAssign(at inspector.Cursor, assign *ast.AssignStmt) (guard, bool) {
	if len(assign.Lhs) != 2 {
		return guard{}, false
	}
	err, ok := assign.Lhs[1].(*ast.Ident)
	if !ok || r.p.mentionsName(r.update(), err.Name) {
		return guard{}, false
	}
	stmt, handler := at, ast.Node(nil)
	if kind, _ := at.ParentEdge(); kind == edge.IfStmt_Init {
		stmt = at.Parent()
		handler = stmt.Node()
	} else if next, ok := at.NextSibling(); ok {
		handler = next.Node()
	}
	body, ok := r.handling(handler, assign)
	if !ok || !inBlock(stmt) {
		return guard{}, false
	}
	before := "if _, " + err.Name + " := "
	if r.p.TypesInfo.Defs[err] == nil {
		before = "if _, " + err.Name + " = "
	}
	return guard{stmt, before, fmt.Sprintf("; %s != nil %s\n", err.Name, body)}, true
}

// handling returns a block that does what a statement does with an error.
func (r *rewrite) handling(handler ast.Node, assign *ast.AssignStmt) (string, bool) {
	err := assign.Lhs[1]
	switch stmt := handler.(type) {
	case *ast.IfStmt:
		if stmt.Init != nil && stmt.Init != assign || !r.p.failsOn(stmt, err) || !r.canCopy(stmt.Body, assign.Lhs[0]) {
			return "", false
		}
		return r.text(stmt.Body.Pos(), stmt.Body.End()), true
	case *ast.ReturnStmt:
		if !r.p.returnsOnly(stmt, assign.Lhs) {
			return "", false
		}
		results := strings.Repeat("nil, ", len(stmt.Results)-1)
		return "{\nreturn " + results + r.text(err.Pos(), err.End()) + "\n}", true
	}
	return "", false
}

// canCopy reports whether a block means the same twice: it does not use the answer, which Update
// has none of where it fails, and holds no label and no parameters of another finding.
func (r *rewrite) canCopy(body *ast.BlockStmt, answer ast.Expr) bool {
	if id, ok := answer.(*ast.Ident); ok && id.Name != "_" && r.p.mentionsName(body, id.Name) {
		return false
	}
	copies := true
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.LabeledStmt:
			copies = false
		case *ast.CompositeLit:
			_, params := isParams(r.p.TypesInfo.TypeOf(n), "UpdateParams")
			copies = copies && !params
		}
		return copies
	})
	return copies
}

func inBlock(at inspector.Cursor) bool {
	switch at.Parent().Node().(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// failsOn reports whether an if statement leaves the block where the error is not nil.
func (p *pass) failsOn(stmt *ast.IfStmt, err ast.Expr) bool {
	cond, ok := stmt.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ || !p.isNil(cond.Y) || !p.same(cond.X, err) || len(stmt.Body.List) == 0 {
		return false
	}
	switch last := stmt.Body.List[len(stmt.Body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok == token.CONTINUE || last.Tok == token.BREAK
	case *ast.ExprStmt:
		return p.neverReturns(last.X)
	}
	return false
}

// neverReturns reports whether an expression is the call of a function that ends the program, the
// test or the function around it.
func (p *pass) neverReturns(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && (p.callsBuiltin(call, "panic") || p.flow.Calls(call, "os", "Exit") ||
		p.flow.Calls(call, "log", "Fatal", "Fatalf", "Fatalln") || p.flow.Calls(call, "testing", "Fatal", "Fatalf", "FailNow"))
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
