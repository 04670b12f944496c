// Package page is the page of the emulator, for people who look at it in a browser. Its
// files are embedded. Everything it shows and does goes through the control endpoints, and
// its edits are requests of the Backend API like those of any client.
package page

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

//go:embed files
var files embed.FS

const (
	filesPath       = clerktest.ControlPath + "page/"
	environmentPath = clerktest.ControlPath + "environment"
	previewPath     = clerktest.ControlPath + "preview"
)

// policy lets the page load its own files and call its own origin, and nothing else: no
// script or style in the markup, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Around serves the page, and everything else with next. The page is at / for a client that
// prefers HTML to JSON; below clerktest.ControlPath are its files, GET environment, which
// answers with the variables of environment, and POST preview, which answers with what an
// edit sends. clerktest.LocalOnly guards all of it.
func Around(next http.Handler, environment func() map[string]string) http.Handler {
	root, _ := fs.Sub(files, "files") // the name is valid
	content := http.FileServerFS(root)
	page := clerktest.LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		switch {
		case r.URL.Path == previewPath:
			servePreview(w, r)
		case !isRead(r):
			header.Set("Allow", http.MethodGet)
			refuse(w, http.StatusMethodNotAllowed, r.URL.Path+" takes GET")
		case r.URL.Path == environmentPath:
			write(w, http.StatusOK, map[string]any{"environment": environment()})
		default:
			header.Set("Content-Security-Policy", policy)
			header.Set("Referrer-Policy", "no-referrer")
			http.StripPrefix(strings.TrimSuffix(filesPath, "/"), content).ServeHTTP(w, r)
		}
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/" && isRead(r) && prefersHTML(r.Header.Values("Accept")):
			w.Header().Add("Vary", "Accept")
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = filesPath, ""
			page.ServeHTTP(w, r)
		case path == previewPath, path == environmentPath, strings.HasPrefix(path, filesPath):
			page.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// refuse answers with an error like those of the control endpoints.
func refuse(w http.ResponseWriter, status int, reason string) {
	write(w, status, map[string]string{"error": reason})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // fails only when the client is gone
}
