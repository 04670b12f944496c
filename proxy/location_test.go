package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLocations(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"http://UPSTREAM/v1/x?a=b#c":        publicURL + "/v1/x?a=b#c",
		"HTTP://UPSTREAM":                   publicURL + "/",
		"http://UPSTREAM?a=b":               publicURL + "/?a=b",
		"http://UPSTREAM/a%2Fb/?":           publicURL + "/a%2Fb/?",
		"http://UPSTREAM/v1/x?a=%zz;\"|":    publicURL + "/v1/x?a=%zz;\"|",
		"http://UPSTREAM/../../x":           publicURL + "/x",
		"http://UPSTREAM//evil.example":     publicURL + "//evil.example",
		"//UPSTREAM/v1/x":                   publicURL + "/v1/x",
		"/v1/x":                             publicURL + "/v1/x",
		"/":                                 publicURL + "/",
		"/../x":                             publicURL + "/x",
		"other":                             publicURL + "/v1/client/other",
		"./other?a":                         publicURL + "/v1/client/other?a",
		"../../../other":                    publicURL + "/other",
		"?a=b&c":                            publicURL + "/v1/client/a%2Fb?a=b&c",
		"#part":                             publicURL + "/v1/client/a%2Fb?q=%zz#part",
		"https://UPSTREAM/v1/x":             "https://UPSTREAM/v1/x",
		"http://127.0.0.1:1/v1/x":           "http://127.0.0.1:1/v1/x",
		"http://user@UPSTREAM/v1/x":         "http://user@UPSTREAM/v1/x",
		"http://UPSTREAM.evil.example/x":    "http://UPSTREAM.evil.example/x",
		"//other.example/x":                 "//other.example/x",
		"https://app.example/done?a=%zz;|":  "https://app.example/done?a=%zz;|",
		"https://APP.example:443/a/../b\"":  "https://APP.example:443/a/../b\"",
		"myapp://callback?token=1":          "myapp://callback?token=1",
		"mailto:a@app.example":              "mailto:a@app.example",
		"http://UPSTREAM/%zz":               "http://UPSTREAM/%zz",
		":not a URL":                        ":not a URL",
		"http://UPSTREAM@evil.example/v1/x": "http://UPSTREAM@evil.example/v1/x",
	} {
		t.Run(location, func(t *testing.T) {
			t.Parallel()
			u := listen(t, nil)
			fill := func(text string) string { return strings.ReplaceAll(text, "UPSTREAM", u.addr) }
			u.serve = func(w *wire, _ string) {
				w.send("HTTP/1.1 302 Found\r\nLocation: " + fill(location) + "\r\nContent-Location: " + fill(location) +
					"\r\nRefresh: 0; url=/x\r\nContent-Length: 0\r\n\r\n")
			}
			head := through(t, configFor(u), "GET /__clerk/v1/client/a%2Fb?q=%zz")
			require.Contains(t, head, " 302 Found\r\n")
			require.Equal(t, []string{fill(want)}, values(head, "Location"))
			require.Equal(t, []string{fill(want)}, values(head, "Content-Location"))
			require.Equal(t, []string{"0; url=/x"}, values(head, "Refresh"))
			require.Len(t, u.seen(), 1, "a redirect is the client's to follow")
		})
	}
}

func TestLocationsOnDefaultPorts(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"https://clerk.upstream.example/x":     publicURL + "/x",
		"https://CLERK.Upstream.example:443/x": publicURL + "/x",
		"https://clerk.upstream.example:444/x": "https://clerk.upstream.example:444/x",
		"http://clerk.upstream.example/x":      "http://clerk.upstream.example/x",
		"http://clerk.upstream.example:443/x":  "http://clerk.upstream.example:443/x",
	} {
		c := configFor(&upstream{})
		c.Upstream = "https://clerk.upstream.example:443"
		w, _ := handleWith(t, c, "Location", location)
		require.Equal(t, want, w.Header().Get("Location"))
	}
}
