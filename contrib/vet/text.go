package vet

import (
	"go/ast"
	"regexp"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// textWith returns the text of a string, with the hole in place of each part that is not
// constant. In JSON, the hole "0" is valid between quotes and elsewhere.
func (p *pass) textWith(v flow.Value, hole string) string {
	return p.textWithin(v, hole, 0)
}

func (p *pass) textWithin(v flow.Value, hole string, depth int) string {
	v = p.flow.Resolve(v)
	if text, ok := p.flow.Text(v); ok {
		return text
	}
	if depth > 8 {
		return hole
	}
	part := func(e ast.Expr) string {
		return p.textWithin(flow.Value{Expr: e, Frame: v.Frame}, hole, depth+1)
	}
	switch e := v.Expr.(type) {
	case *ast.BinaryExpr:
		return joined(e, part)
	case *ast.SelectorExpr:
		if path, name := namedType(p.TypesInfo.TypeOf(e.X)); path == "net/http/httptest" && name == "Server" && e.Sel.Name == "URL" {
			return testServer
		}
	case *ast.CallExpr:
		switch {
		case p.flow.Calls(e, "fmt", "Sprintf"):
			return formatted(part(e.Args[0]), e.Args[1:], hole, part)
		case p.flow.Calls(e, "net/url", "JoinPath"):
			text := strings.TrimSuffix(part(e.Args[0]), "/")
			for _, elem := range e.Args[1:] {
				text += "/" + strings.Trim(part(elem), "/")
			}
			return text
		}
	}
	return hole
}

// joined returns the text of a + b + c, which the source nests to the left.
func joined(sum *ast.BinaryExpr, part func(ast.Expr) string) string {
	text := ""
	for {
		text = part(sum.Y) + text
		left, ok := ast.Unparen(sum.X).(*ast.BinaryExpr)
		if !ok {
			return part(sum.X) + text
		}
		sum = left
	}
}

// formatted returns a format with the texts of its arguments.
func formatted(format string, args []ast.Expr, hole string, part func(ast.Expr) string) string {
	return verb.ReplaceAllStringFunc(format, func(verb string) string {
		if len(args) == 0 {
			return hole
		}
		arg := args[0]
		args = args[1:]
		if verb != "%s" && verb != "%v" {
			return hole
		}
		return part(arg)
	})
}
