package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// official is the module of Clerk's own Go client, officialV1 the package of its first version.
const (
	official   = "github.com/clerk/clerk-sdk-go/v2"
	officialV1 = "github.com/clerkinc/clerk-sdk-go/clerk"
)

// metadataFields are the fields of its parameters and answers that hold metadata.
var metadataFields = [...]string{"PublicMetadata", "PrivateMetadata", "UnsafeMetadata"}

func isMetadataField(name string) bool {
	return slices.Contains(metadataFields[:], name)
}

// namedType returns the package path and name of a type or of a pointer to one, "" for types
// without a name.
func namedType(t types.Type) (path, name string) {
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
	return named.Obj().Pkg().Path(), named.Obj().Name()
}

// isParams reports whether t is a parameter type of users or organizations.
func isParams(t types.Type, name string) (pkg string, ok bool) {
	path, found := namedType(t)
	pkg, ok = strings.CutPrefix(path, official+"/")
	return pkg, ok && found == name && (pkg == "user" || pkg == "organization")
}

// isUpdate reports whether t is a parameter type of a general update, and returns the call that
// takes it.
func isUpdate(t types.Type) (call string, ok bool) {
	if pkg, ok := isParams(t, "UpdateParams"); ok {
		return pkg + ".Update", true
	}
	switch path, name := namedType(t); {
	case path == officialV1 && name == "UpdateUser":
		return "Users().Update", true
	case path == officialV1 && name == "UpdateOrganizationParams":
		return "Organizations().Update", true
	}
	return "", false
}

// isRead reports whether an expression is metadata that was read: a field of an answer.
func (p *pass) isRead(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || !isMetadataField(sel.Sel.Name) {
		return false
	}
	path, name := namedType(p.TypesInfo.TypeOf(sel.X))
	return (path == official || path == officialV1) && (name == "User" || name == "Organization")
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
