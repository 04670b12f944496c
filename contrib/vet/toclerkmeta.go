package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

const sdk = "github.com/clerkmeta/clerkmeta-go"

// services are the package, the field of client.Client and the noun in the names of its calls.
var services = map[string]struct{ pkg, field, noun string }{
	"user":         {"users", "Users", "User"},
	"organization": {"organizations", "Organizations", "Organization"},
}

// toClerkmeta reports metadata calls of clerk-sdk-go that this SDK has.
func toClerkmeta(p *pass) {
	for cursor := range p.root.Preorder((*ast.CallExpr)(nil)) {
		call, ok := cursor.Node().(*ast.CallExpr)
		if !ok || len(call.Args) != 3 {
			continue
		}
		fn := p.flow.Callee(call)
		if fn == nil || fn.Name() != "UpdateMetadata" && fn.Name() != "ReplaceMetadata" {
			continue
		}
		verb := strings.TrimSuffix(fn.Name(), "Metadata")
		pkg, ok := isParams(p.TypesInfo.TypeOf(call.Args[2]), verb+"MetadataParams")
		if !ok || fn.Pkg() == nil || fn.Pkg().Path() != official+"/"+pkg {
			continue
		}
		s := services[pkg]
		message := fmt.Sprintf("clerkmeta has %s.%s as %s.%s%sMetadata", pkg, fn.Name(), s.field, verb, s.noun)
		p.report(call, message, p.clerkmetaFix(cursor, call, pkg, verb)...)
	}
}

// clerkmetaFix rewrites a call whose answer is not used, where a *client.Client is in scope.
func (p *pass) clerkmetaFix(cursor inspector.Cursor, call *ast.CallExpr, pkg, verb string) []analysis.SuggestedFix {
	address, ok := call.Args[2].(*ast.UnaryExpr)
	if !ok || !discardsAnswer(cursor) {
		return nil
	}
	lit, ok := address.X.(*ast.CompositeLit)
	file := p.fileOf(call.Pos())
	c := p.clientInScope(call.Pos())
	if !ok || c == "" || len(lit.Elts) == 0 || p.hasComment(address) {
		return nil
	}
	s := services[pkg]
	im := imports{p: p, file: file, at: call.Pos()}
	meta, params := im.name("metadata"), im.name(s.pkg)
	var fields []string
	for _, f := range fieldsOf(p.TypesInfo, lit) {
		value := p.clerkmetaValue(f, verb, meta)
		if value == "" {
			return nil
		}
		fields = append(fields, f.name+": "+value)
	}
	if im.conflict {
		return nil
	}
	edits := append(im.edits(),
		analysis.TextEdit{Pos: call.Fun.Pos(), End: call.Fun.End(), NewText: fmt.Appendf(nil, "%s.%s.%s%sMetadata", c, s.field, verb, s.noun)},
		analysis.TextEdit{Pos: address.Pos(), End: address.End(), NewText: fmt.Appendf(nil, "%s.%s%sMetadataParams{%s}", params, verb, s.noun, strings.Join(fields, ", "))})
	return []analysis.SuggestedFix{{Message: "call clerkmeta", TextEdits: edits}}
}

// clerkmetaValue returns the metadata.Value or metadata.Patch for a field, "" if it has none that
// is certain.
func (p *pass) clerkmetaValue(f field, verb, meta string) string {
	if !isMetadataField(f.name) {
		return ""
	}
	text := p.unwrap(f.value)
	if text == nil {
		return ""
	}
	source, err := p.ReadFile(p.Fset.File(text.Pos()).Name())
	if err != nil {
		return ""
	}
	if verb == "Replace" {
		if !isRawMessage(p.TypesInfo.TypeOf(text)) {
			return ""
		}
		r := &rewrite{p: p, source: source}
		return fmt.Sprintf("%s.Of(%s)", meta, r.text(text.Pos(), text.End()))
	}
	// A variable on the way would be left without a use.
	for inner := text; inner != nil; inner = p.unwrap(inner) {
		text = inner
	}
	constant, ok := p.flow.Text(flow.Value{Expr: text})
	if _, literal := text.(*ast.BasicLit); !ok || !literal {
		return ""
	}
	return patchLiteral(constant, meta)
}

func discardsAnswer(cursor inspector.Cursor) bool {
	switch stmt := cursor.Parent().Node().(type) {
	case *ast.ExprStmt:
		return true
	case *ast.AssignStmt:
		id, ok := stmt.Lhs[0].(*ast.Ident)
		return ok && id.Name == "_" && len(stmt.Lhs) == 2
	}
	return false
}

// clientInScope returns the name of a variable of type *client.Client, "" if there is none.
func (p *pass) clientInScope(pos token.Pos) string {
	for scope := p.Pkg.Scope().Innermost(pos); scope != nil; scope = scope.Parent() {
		for _, name := range scope.Names() {
			_, obj := scope.LookupParent(name, pos)
			if v, ok := obj.(*types.Var); ok && types.TypeString(v.Type(), nil) == "*"+sdk+"/client.Client" {
				return name
			}
		}
	}
	return ""
}

// hasComment reports whether a comment stands in a node, where a rewrite would lose it.
func (p *pass) hasComment(n ast.Node) bool {
	for _, group := range p.fileOf(n.Pos()).Comments {
		if group.Pos() < n.End() && n.Pos() < group.End() {
			return true
		}
	}
	return false
}

// imports names the packages that a rewrite needs, and adds the imports that the file lacks.
type imports struct {
	p        *pass
	file     *ast.File
	at       token.Pos
	missing  []string
	conflict bool
}

// name returns the name of a package of this SDK in the file.
func (im *imports) name(pkg string) string {
	path := sdk + "/" + pkg
	for _, spec := range im.file.Imports {
		if strings.Trim(spec.Path.Value, "`\"") != path {
			continue
		}
		name := pkg
		if spec.Name != nil {
			name = spec.Name.Name
		}
		// A name that means another thing at the call is no use, nor are a dot and a blank.
		_, obj := im.p.Pkg.Scope().Innermost(im.at).LookupParent(name, im.at)
		_, imported := obj.(*types.PkgName)
		im.conflict = im.conflict || !imported
		return name
	}
	if _, obj := im.p.Pkg.Scope().Innermost(im.at).LookupParent(pkg, im.at); obj != nil {
		im.conflict = true
	}
	im.missing = append(im.missing, path)
	return pkg
}

// edits adds each import by a separate edit, so that the fixes of a file share them.
func (im *imports) edits() []analysis.TextEdit {
	at := slices.IndexFunc(im.file.Decls, func(d ast.Decl) bool {
		block, ok := d.(*ast.GenDecl)
		return ok && block.Tok == token.IMPORT
	})
	block, ok := im.file.Decls[at].(*ast.GenDecl)
	if !ok {
		return nil
	}
	pos, before := block.End(), "\nimport "
	if block.Rparen.IsValid() {
		pos, before = block.Rparen, "\n\t"
	}
	var edits []analysis.TextEdit
	for _, path := range im.missing {
		edits = append(edits, analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(before + strconv.Quote(path))})
	}
	return edits
}
