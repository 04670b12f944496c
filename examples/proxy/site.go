package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
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

// newSite is the site at an address, with the files of Clerk's browser client.
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
	// Browsers send cookies along with what other sites post, too.
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

func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
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

// startOver puts the emulator back to its seed and signs its user in.
func (s *site) startOver(w http.ResponseWriter, r *http.Request) {
	s.clerk.Reset()
	signIn(w)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signIn stands in for a sign-in, after which Clerk itself would set this cookie.
func signIn(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: clientCookie, Value: clientToken, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
