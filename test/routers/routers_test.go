package routers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// mounts are the ways in which each router takes a handler for all below a path.
var mounts = map[string]func(h http.Handler) http.Handler{
	"no router": func(h http.Handler) http.Handler { return h },
	"net/http": func(h http.Handler) http.Handler {
		r := http.NewServeMux()
		r.Handle("/__clerk/", h)
		return r
	},
	"net/http, prefix stripped": func(h http.Handler) http.Handler {
		r := http.NewServeMux()
		r.Handle("/__clerk/", http.StripPrefix("/__clerk", h))
		return r
	},
	"chi, Mount": func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Mount("/__clerk", h)
		return r
	},
	"chi, Handle in a group": func(h http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Route("/__clerk", func(r chi.Router) { r.Handle("/*", h) })
		return r
	},
	"gorilla/mux": func(h http.Handler) http.Handler {
		r := mux.NewRouter()
		r.PathPrefix("/__clerk/").Handler(h)
		return r
	},
	"gin": func(h http.Handler) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Any("/__clerk/*path", gin.WrapH(h))
		return r
	},
	"echo": func(h http.Handler) http.Handler {
		r := echo.New()
		r.Any("/__clerk/*", echo.WrapHandler(h))
		return r
	},
}

// targets are what Clerk's clients ask for, and what routers like to tidy up.
var targets = []string{
	"/v1/me",
	"/v1/client/sessions/sess_1/tokens?_clerk_session_id=sess_1",
	"/v1/me/metadata?_method=PATCH&a=%20+b&&=",
	"/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
	"/v1/a%2Fb/c%20d?x=%zz;y",
}

func TestRouters(t *testing.T) {
	t.Parallel()
	for name, mount := range mounts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 1)
			upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				asked <- fmt.Sprintf("%s %s %s %v", r.Method, r.RequestURI, body, err)
				w.WriteHeader(http.StatusTeapot)
			}))
			defer upstream.Close()
			h, err := proxy.New(proxy.Config{
				SecretKey:     client.SecretKey("sk_test_example"),
				Upstream:      upstream.URL,
				PublicURL:     "https://app.example/__clerk",
				ClientAddress: proxy.FromPeer(),
			})
			require.NoError(t, err)
			app := httptest.NewServer(mount(h))
			defer app.Close()
			for _, target := range targets {
				require.Equal(t, http.StatusTeapot, post(t, app.Listener.Addr().String(), "/__clerk"+target), target)
				require.Equal(t, "POST "+target+" a=1 <nil>", <-asked)
			}
		})
	}
}

// post sends a request whose target net/http has not tidied up.
func post(t *testing.T, addr, target string) int {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\nContent-Length: 3\r\n\r\na=1", target)
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	return answer.StatusCode
}
