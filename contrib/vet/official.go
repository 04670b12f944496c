package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// official is the module of Clerk's own Go client.
const official = "github.com/clerk/clerk-sdk-go/v2"

// metadataFields are the fields of its parameters and answers that hold metadata.
var metadataFields = [...]string{"PublicMetadata", "PrivateMetadata", "UnsafeMetadata"}

func isMetadataField(name string) bool {
	return slices.Contains(metadataFields[:], name)
}

// officialType returns the package and name, such as "user" and "UpdateParams", of a type of
// clerk-sdk-go or a pointer to one, "" for other types. Those of its root package have "".
func officialType(t types.Type) (pkg, name string) {
	if t == nil {
		return "", ""
	}
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return "", ""
	}
	path, ok := strings.CutPrefix(named.Obj().Pkg().Path(), official)
	if !ok {
		return "", ""
	}
	return strings.TrimPrefix(path, "/"), named.Obj().Name()
}

// isParams reports whether t is a parameter type of users or organizations.
func isParams(t types.Type, name string) (pkg string, ok bool) {
	pkg, found := officialType(t)
	return pkg, found == name && (pkg == "user" || pkg == "organization")
}

// isRead reports whether an expression is metadata that was read: a field of an answer.
func (p *pass) isRead(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || !isMetadataField(sel.Sel.Name) {
		return false
	}
	pkg, name := officialType(p.TypesInfo.TypeOf(sel.X))
	return pkg == "" && (name == "User" || name == "Organization")
}

// field is a field of a literal.
type field struct {
	name  string
	value ast.Expr
	elem  ast.Expr
}

// fieldsOf returns the fields of a struct literal in the order of the source.
func fieldsOf(info *types.Info, lit *ast.CompositeLit) []field {
	t := info.TypeOf(lit)
	if t == nil {
		return nil
	}
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem() // an element of []*T
	}
	str, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var fields []field
	for i, elem := range lit.Elts {
		if keyed, ok := elem.(*ast.KeyValueExpr); ok {
			if name, ok := keyed.Key.(*ast.Ident); ok {
				fields = append(fields, field{name.Name, keyed.Value, elem})
			}
			continue
		}
		if i < str.NumFields() {
			fields = append(fields, field{str.Field(i).Name(), elem, elem})
		}
	}
	return fields
}

// isNil reports whether an expression is the literal nil.
func (p *pass) isNil(e ast.Expr) bool {
	return p.TypesInfo.Types[ast.Unparen(e)].IsNil()
}
