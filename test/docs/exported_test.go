package docs_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// public are the packages that a consumer imports.
var public = []string{"bulk", "clerkerr", "clerktest", "client", "me", "metadata", "observe", "organizations", "contrib/claims", "contrib/mirror", "contrib/otel", "contrib/redis", "contrib/river", "contrib/vet", "proxy", "users", "webhook", "writer"}

// TestEveryExportedNameIsDocumented holds each public package to a comment of its
// own, and each exported name in it. Types, functions and methods have their own;
// constants, variables, struct fields (embedded ones too) and the methods of an
// interface have one above or beside them, or share one: that of their const or
// var block, or the one above the lines that they stand in, which a blank line
// ends. A shared comment is one about all of them: where it begins with the name
// of the first, it covers only those that it mentions.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	t.Parallel()
	for _, pkg := range public {
		names, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
		require.NoError(t, err)
		var sources []string
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") {
				sources = append(sources, read(t, name))
			}
		}
		require.NotEmpty(t, sources, pkg)
		assert.Empty(t, undocumented(t, sources...), "package %s has these without a comment", pkg)
	}
}

// undocumented are the exported names of a package that have no comment.
func undocumented(t *testing.T, sources ...string) []string {
	t.Helper()
	s := survey{set: token.NewFileSet()}
	described := false
	for _, source := range sources {
		file, err := parser.ParseFile(s.set, "", source, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		described = described || file.Doc != nil
		for _, decl := range file.Decls {
			s.decl(decl)
		}
	}
	if !described {
		s.missing = append(s.missing, "package")
	}
	return s.missing
}

// survey collects the names without a comment.
type survey struct {
	set     *token.FileSet
	missing []string
}

func (s *survey) need(documented bool, owner, name string) {
	if !documented && ast.IsExported(name) {
		s.missing = append(s.missing, owner+name)
	}
}

func (s *survey) decl(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		owner := ""
		if d.Recv != nil {
			owner = typeName(d.Recv.List[0].Type) + "."
		}
		if owner == "" || ast.IsExported(owner) {
			s.need(d.Doc != nil, owner, d.Name.Name)
		}
	case *ast.GenDecl:
		block := run{set: s.set, comment: d.Doc}
		lines := run{set: s.set}
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.need(spec.Doc != nil || !d.Lparen.IsValid() && d.Doc != nil, "", spec.Name.Name)
				if spec.Name.IsExported() {
					s.members(spec.Name.Name+".", spec.Type)
				}
			case *ast.ValueSpec:
				lines.next(spec, spec.Doc, spec.Names[0].Name)
				block.first = cmp.Or(block.first, spec.Names[0].Name)
				for _, name := range spec.Names {
					s.need(spec.Comment != nil || lines.covers(name.Name) || block.covers(name.Name), "", name.Name)
				}
			}
		}
	}
}

// members sees to what an exported type shows: fields, and methods of interfaces.
func (s *survey) members(owner string, typ ast.Expr) {
	ast.Inspect(typ, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			s.fields(owner, n.Fields.List)
			return false
		case *ast.InterfaceType:
			s.fields(owner, n.Methods.List)
			return false
		}
		return true
	})
}

func (s *survey) fields(owner string, fields []*ast.Field) {
	lines := run{set: s.set}
	for _, f := range fields {
		names := f.Names
		if len(names) == 0 {
			names = []*ast.Ident{ast.NewIdent(typeName(f.Type))}
		}
		first := names[0].Name
		lines.next(f, f.Doc, first)
		for _, name := range names {
			s.need(f.Comment != nil || lines.covers(name.Name), owner, name.Name)
		}
		if ast.IsExported(first) {
			s.members(owner+first+".", f.Type)
		}
	}
}

// run is lines of declarations without a blank line between them, and the comment
// above the first of them; a further comment begins a further run.
type run struct {
	set     *token.FileSet
	comment *ast.CommentGroup
	first   string
	last    int
}

func (r *run) next(decl ast.Node, above *ast.CommentGroup, name string) {
	if above != nil || r.set.Position(decl.Pos()).Line > r.last+1 {
		r.comment, r.first = above, name
	}
	r.last = r.set.Position(decl.End()).Line
}

func (r *run) covers(name string) bool {
	if r.comment == nil {
		return false
	}
	words := strings.FieldsFunc(r.comment.Text(), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' })
	return len(words) > 0 && (words[0] != r.first || slices.Contains(words, name))
}

// typeName is the name of a type, without its pointer, package and parameters.
func typeName(typ ast.Expr) string {
	switch t := typ.(type) {
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.IndexListExpr:
		return typeName(t.X)
	case *ast.SelectorExpr:
		return t.Sel.Name
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// TestDocumentationCheckCanFail leaves out each comment that the check is for.
func TestDocumentationCheckCanFail(t *testing.T) {
	t.Parallel()
	for source, missing := range map[string][]string{
		"package p":                   {"package"},
		"// Package p is.\npackage p": nil,
		"package p; type T int":       {"T", "package"},
		"package p\n// Both.\ntype (\nT int\n// U is.\nU int\n)":                                        {"T", "package"},
		"package p; func F() {}; func f() {}":                                                           {"F", "package"},
		"package p; type t int; func (t) M() {}":                                                        {"package"},
		"package p\n// T is.\ntype T[A any] int\nfunc (*T[A]) M() {}":                                   {"T.M", "package"},
		"package p; const C, d = 1, 2; var V int":                                                       {"C", "V", "package"},
		"package p\n// The lot.\nconst (\nA = 1\n\nB = 2\n)":                                            {"package"},
		"package p\nconst (\n// Small.\nA = 1\nB = 2\n\nC = 3\n)":                                       {"C", "package"},
		"package p\nvar (\n// A is.\nA = 1\nB = 2\nC = 3 // beside\n)":                                  {"B", "package"},
		"package p\nvar (\n// A and B are.\nA = 1\nB = 2\n)":                                            {"package"},
		"package p\n// T is.\ntype T struct {\n// A is.\nA, B int\nC []struct{ D int }\n*e.E\nf int\n}": {"T.B", "T.C", "T.C.D", "T.E", "package"},
		"package p\n// T is.\ntype T interface {\n// Near.\nA()\nB()\n\nC()\n}":                         {"T.C", "package"},
	} {
		require.Equal(t, missing, undocumented(t, source), source)
	}
}
