// Package guides holds the programs of docs/guides, as a reader has them after pasting the
// Go blocks of a page, one after another, in a module of its own. The programs are written
// from the pages; the tests beside them show what the pages say.
package guides
