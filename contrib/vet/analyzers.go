package vet

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet/internal/flow"
)

const pages = "https://github.com/clerkmeta/clerkmeta-go/blob/main/contrib/vet/docs/"

// Analyzers returns new analyzers. The last, toclerkmeta, finds no mistake, but calls that this
// SDK has too: the command runs it when a flag names it.
func Analyzers() []*analysis.Analyzer {
	index := indexAnalyzer()
	return []*analysis.Analyzer{
		newAnalyzer(index, "retiredhttp", "retired-http", "find metadata in general updates over net/http, and older API versions", retiredHTTP),
		newAnalyzer(index, "twocalls", "two-calls", "find metadata in the general updates of clerk-sdk-go", twoCalls),
		newAnalyzer(index, "nulldeletes", "null-deletes", "find nulls that a merge removes stored keys by", nullDeletes),
		newAnalyzer(index, "neverdeletes", "never-deletes", "find removed keys that a merge keeps", neverDeletes),
		newAnalyzer(index, "toclerkmeta", "to-clerkmeta", "find metadata calls of clerk-sdk-go that clerkmeta has", toClerkmeta),
	}
}

// newAnalyzer returns an analyzer that is not run on packages that cannot speak to Clerk.
func newAnalyzer(index *analysis.Analyzer, name, page, doc string, run func(*pass)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		URL:      pages + page + ".md",
		Requires: []*analysis.Analyzer{index},
		Run: func(p *analysis.Pass) (any, error) {
			if found, _ := p.ResultOf[index].(*indexed); found != nil {
				run(&pass{Pass: p, indexed: found})
			}
			return nil, nil
		},
	}
}

// pass is one analyzer's work on one package.
type pass struct {
	*analysis.Pass
	*indexed
}

// indexed is what the analyzers share of a package.
type indexed struct {
	flow *flow.Package
	root inspector.Cursor
}

// indexAnalyzer returns the analyzer that the others require. Its result is nil for a package
// of another module, and for one that imports nothing through which it could speak to Clerk.
func indexAnalyzer() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "clerkmetaindex",
		Doc:        "index assignments and calls for the analyzers of clerkmeta-vet",
		ResultType: reflect.TypeFor[*indexed](),
		Run: func(p *analysis.Pass) (any, error) {
			if isDependency(p) || !speaksToClerk(p) {
				return (*indexed)(nil), nil
			}
			return &indexed{flow: flow.New(p.TypesInfo, p.Files), root: inspector.New(p.Files).Root()}, nil
		},
	}
}

// isDependency reports whether a package is of a module in the cache or the vendor folder, as a
// pattern such as all selects.
func isDependency(p *analysis.Pass) bool { return p.Module != nil && p.Module.Version != "" }

func speaksToClerk(p *analysis.Pass) bool {
	for _, file := range p.Files {
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, "`\"")
			if path == "net/http" || path == ours || path == officialV1 || strings.HasPrefix(path, official+"/") {
				return true
			}
		}
	}
	return false
}

// report reports a finding outside generated files, with the fixes that stay outside them too.
func (p *pass) report(at ast.Node, message string, fixes ...analysis.SuggestedFix) {
	if !p.isWritten(at.Pos()) {
		return
	}
	fixes = slices.DeleteFunc(fixes, func(fix analysis.SuggestedFix) bool {
		return slices.ContainsFunc(fix.TextEdits, func(edit analysis.TextEdit) bool { return !p.isWritten(edit.Pos) })
	})
	p.Report(analysis.Diagnostic{Pos: at.Pos(), End: at.End(), Message: message, SuggestedFixes: fixes})
}

// isWritten reports whether a file is written by hand.
func (p *pass) isWritten(pos token.Pos) bool {
	file := p.fileOf(pos)
	return file != nil && !ast.IsGenerated(file)
}

func (p *pass) fileOf(pos token.Pos) *ast.File {
	for _, file := range p.Files {
		if file.FileStart <= pos && pos <= file.FileEnd {
			return file
		}
	}
	return nil
}
