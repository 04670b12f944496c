package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

const (
	apiVersion    = "2026-05-12"
	versionHeader = "Clerk-Api-Version" // in its canonical form
)

// In an address, hole stands for what is not constant, and testServer for the program's own.
const (
	hole       = "{}"
	testServer = "http://127.0.0.1"
)

// general matches the end of the address of a general update, merging that of a merge.
var (
	general = regexp.MustCompile(`(/users|/organizations)/[^/?]+/?$|/me/?$`)
	merging = regexp.MustCompile(`(/users|/organizations)/[^/?]+/metadata/?$|/me/metadata/?$`)
)

// elsewhere matches an address at a host that is constant, or of none.
var elsewhere = regexp.MustCompile(`^https?://[^/{]+/|^/`)

// retiredHTTP reports metadata in general updates that a program builds with net/http, and
// headers that name an older API version.
func retiredHTTP(p *pass) {
	reported := map[ast.Node]bool{}
	for cursor := range p.root.Preorder((*ast.CallExpr)(nil), (*ast.CompositeLit)(nil)) {
		switch n := cursor.Node().(type) {
		case *ast.CallExpr:
			if p.setsHeader(n) {
				p.checkVersion(n.Args[1])
			}
			if args := p.requestArgs(n); args != nil {
				p.checkRequest(n, args, reported)
			}
		case *ast.CompositeLit:
			p.checkHeaderLiteral(n)
		}
	}
}

// requestArgs returns the method, address and body of a call that makes a request.
func (p *pass) requestArgs(call *ast.CallExpr) []ast.Expr {
	switch {
	case p.flow.Calls(call, "net/http", "NewRequest") && len(call.Args) == 3:
		return call.Args
	case p.flow.Calls(call, "net/http", "NewRequestWithContext") && len(call.Args) == 4:
		return call.Args[1:]
	}
	return nil
}

func (p *pass) checkRequest(call *ast.CallExpr, args []ast.Expr, reported map[ast.Node]bool) {
	for _, frame := range p.flow.Frames(call) {
		found := p.pathOf(args, frame, general)
		if found == "" {
			continue
		}
		keys := p.keysOf(flow.Value{Expr: args[2], Frame: frame})
		at := slices.IndexFunc(keys, func(k key) bool { return isMetadataKey(k.name, found) })
		if at < 0 || reported[keys[at].at] {
			continue
		}
		reported[keys[at].at] = true
		var fixes []analysis.SuggestedFix
		if frame == nil && strings.HasSuffix(found, hole) && !slices.ContainsFunc(keys, func(k key) bool { return !isMetadataKey(k.name, found) }) {
			fixes = p.putFix(args)
		}
		p.report(keys[at].at, p.retiredMessage(found, keys[at].name), fixes...)
	}
}

// pathOf returns the path of a PATCH whose address matches, "" for other requests and for those
// that are certainly not for Clerk.
func (p *pass) pathOf(args []ast.Expr, frame *flow.Frame, matching *regexp.Regexp) string {
	method, ok := p.flow.Text(p.flow.Resolve(flow.Value{Expr: args[0], Frame: frame}))
	if !ok || method != http.MethodPatch {
		return ""
	}
	address := p.textWith(flow.Value{Expr: args[1], Frame: frame}, hole)
	if host := elsewhere.FindString(address); host != "" && !strings.Contains(host, "clerk") {
		return ""
	}
	return matching.FindString(address)
}

// isMetadataKey reports whether a key of a body is metadata that the address no longer takes.
func isMetadataKey(name, address string) bool {
	switch name {
	case "unsafe_metadata":
		return !strings.HasPrefix(address, "/organizations")
	case "public_metadata", "private_metadata":
		return !strings.HasPrefix(address, "/me")
	}
	return false
}

func (p *pass) retiredMessage(address, name string) string {
	resource, _, _ := strings.Cut(strings.TrimPrefix(address, "/"), "/")
	at, advice := "/v1/"+resource+"/{id}", "PUT …/metadata to replace, or PATCH …/metadata to merge"
	if resource == "me" {
		at, advice = "/v1/me", "PATCH /v1/me/metadata, which merges"
	}
	text := fmt.Sprintf("API version %s refuses %s in PATCH %s with status 422: use %s", apiVersion, name, at, advice)
	if !p.namesVersion() {
		text += "; the package names no Clerk-API-Version"
	}
	return text
}

// putFix rewrites a request with metadata alone into a replacement.
func (p *pass) putFix(args []ast.Expr) []analysis.SuggestedFix {
	method := `"PUT"`
	if sel, ok := ast.Unparen(args[0]).(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok && sel.Sel.Name == "MethodPatch" {
			method = pkg.Name + ".MethodPut"
		}
	} else if _, literal := args[0].(*ast.BasicLit); !literal {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message: "replace the metadata with PUT",
		TextEdits: []analysis.TextEdit{
			{Pos: args[0].Pos(), End: args[0].End(), NewText: []byte(method)},
			{Pos: args[1].End(), End: args[1].End(), NewText: []byte(` + "/metadata"`)},
		},
	}}
}

// setsHeader reports whether a call sets the version header.
func (p *pass) setsHeader(call *ast.CallExpr) bool {
	fn := p.flow.Callee(call)
	if fn == nil || len(call.Args) != 2 || fn.FullName() != "(net/http.Header).Set" && fn.FullName() != "(net/http.Header).Add" {
		return false
	}
	name, ok := p.flow.Text(p.flow.Resolve(flow.Value{Expr: call.Args[0]}))
	return ok && http.CanonicalHeaderKey(name) == versionHeader
}

func (p *pass) namesVersion() bool {
	for cursor := range p.root.Preorder((*ast.CallExpr)(nil)) {
		if call, ok := cursor.Node().(*ast.CallExpr); ok && p.setsHeader(call) {
			return true
		}
	}
	return false
}

func (p *pass) checkHeaderLiteral(lit *ast.CompositeLit) {
	named, ok := types.Unalias(p.TypesInfo.TypeOf(lit)).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "net/http" || named.Obj().Name() != "Header" {
		return
	}
	for _, elem := range lit.Elts {
		keyed, ok := elem.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		name, ok := p.flow.Text(flow.Value{Expr: keyed.Key})
		values, isList := keyed.Value.(*ast.CompositeLit)
		if ok && isList && len(values.Elts) == 1 && http.CanonicalHeaderKey(name) == versionHeader {
			p.checkVersion(values.Elts[0])
		}
	}
}

func (p *pass) checkVersion(value ast.Expr) {
	version, ok := p.flow.Text(p.flow.Resolve(flow.Value{Expr: value}))
	if ok && version < apiVersion && dated.MatchString(version) {
		p.report(value, fmt.Sprintf("API version %s is older than %s, which refuses metadata in general updates", version, apiVersion))
	}
}

var dated = regexp.MustCompile(`^20\d\d-\d\d-\d\d$`)
