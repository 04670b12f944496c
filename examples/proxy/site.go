package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

//go:embed page.html
var pageText string

// bundleFile is Clerk's browser client; it loads the other files when it needs them.
const bundleFile = "clerk.browser.js"

type site struct {
	url    string
	clerk  *clerktest.Clerk
	proxy  *proxy.Handler
	me     *me.Service
	key    string
	bundle fs.FS
	page   *template.Template
}

// newSite returns the site at an address, with the files of Clerk's browser client.
func newSite(url string, clerk *clerktest.Clerk, bundle fs.FS, logger *slog.Logger) (*site, error) {
	s := &site{url: url, clerk: clerk, bundle: bundle}
	var err error
	if s.page, err = template.New("page").Parse(pageText); err != nil {
		return nil, err
	}
	if s.key, err = clerk.PublishableKey(); err != nil {
		return nil, err
	}
	if s.proxy, err = newProxy(url, clerk, logger); err != nil {
		return nil, err
	}
	// The backend's own calls go the same way, so that the policies hold for them.
	s.me, err = client.NewFrontend(url + proxy.DefaultPrefix)
	return s, err
}

func (s *site) routes() http.Handler {
	// Browsers send cookies with what other sites post, too.
	own := http.NewCrossOriginProtection()
	mux := http.NewServeMux()
	mux.Handle(proxy.DefaultPrefix+"/", s.proxy)
	mux.Handle("GET /healthz", s.proxy.Health())
	mux.HandleFunc("GET /{$}", s.servePage)
	mux.Handle("GET /clerk-js/", http.StripPrefix("/clerk-js/", http.FileServerFS(s.bundle)))
	mux.Handle("POST /api/theme", own.Handler(http.HandlerFunc(s.setTheme)))
	mux.Handle("POST /start-over", own.Handler(http.HandlerFunc(s.startOver)))
	mux.Handle(clerktest.ControlPath, s.clerk.ControlHandler())
	return mux
}

// servePage sends the browser to the site's own address, since cookies and Clerk's
// browser client are bound to it: localhost is another site than 127.0.0.1.
func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	if "http://"+r.Host != s.url {
		http.Redirect(w, r, s.url, http.StatusTemporaryRedirect)
		return
	}
	_, err := fs.Stat(s.bundle, bundleFile)
	var page bytes.Buffer
	if err := s.page.Execute(&page, map[string]any{
		"Installed": err == nil,
		"Bundle":    "/clerk-js/" + bundleFile,
		"Key":       s.key,
		"ProxyURL":  s.url + proxy.DefaultPrefix,
	}); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := r.Cookie(clientCookie); err != nil {
		signIn(w)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(page.Bytes())
}

// startOver resets the emulator to its seed and signs its user in.
func (s *site) startOver(w http.ResponseWriter, r *http.Request) {
	s.clerk.Reset()
	signIn(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signIn stands in for a sign-in, after which Clerk itself would set this cookie.
func signIn(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: clientCookie, Value: clientToken, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// setTheme writes for the user whose request it serves, with that user's own credential.
func (s *site) setTheme(w http.ResponseWriter, r *http.Request) {
	credential, err := me.FromRequest(r, s.key)
	if err != nil {
		fail(w, err)
		return
	}
	user, rotation, err := s.me.UpdateMetadata(r.Context(), credential, metadata.Patch{"theme": r.PostFormValue("theme")})
	rotation.Apply(w)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"unsafe_metadata": user.UnsafeMetadata})
}

// fail answers with the part of an error that a visitor may see.
func fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, clerkerr.ErrUnauthorized):
		http.Error(w, "not signed in", http.StatusUnauthorized)
	case errors.Is(err, clerkerr.ErrCredentialConflict), errors.Is(err, clerkerr.ErrInvalidArgument):
		http.Error(w, "not a request that can be served", http.StatusBadRequest)
	case errors.Is(err, clerkerr.ErrInvalid):
		http.Error(w, "refused", http.StatusUnprocessableEntity)
	default:
		http.Error(w, "Clerk did not answer as it should", http.StatusBadGateway)
	}
}
