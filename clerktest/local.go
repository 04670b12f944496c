package clerktest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// LocalOnly returns a handler that passes the requests of this machine on to next and
// answers every other with status 403. It is around ControlHandler, and for a page that
// shows what an instance holds.
//
// A request is of this machine if the peer, the Host header and any Origin are loopback
// addresses and no header shows a proxy. One that a browser sends to change something, with
// a method other than GET, HEAD and OPTIONS, must also come from a page of the same origin,
// as http.CrossOriginProtection decides. A page of another origin may lead a person here by a
// link, and loads nothing else, not even what its browser would hide from it.
func LocalOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkLocal(r); err != nil {
			writeControl(w, http.StatusForbidden, refusal(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkLocal refuses a request from another machine, or from another page. The peer's
// address must be local; a header can only add a reason to refuse.
func checkLocal(r *http.Request) error {
	if !address.IsLoopback(r.RemoteAddr) {
		return errors.New("only this machine may do this: the peer's address is not a loopback address")
	}
	// This stops DNS rebinding: a foreign name that resolves to the loopback address.
	if !address.IsLoopback(r.Host) {
		return errors.New("the Host header is neither localhost nor a loopback address")
	}
	for _, origin := range r.Header.Values("Origin") {
		_, host, _ := strings.Cut(origin, "://")
		if !address.IsLoopback(host) {
			return errors.New("a web page from elsewhere may not do this: the Origin header is neither localhost nor a loopback address")
		}
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host"} {
		if r.Header.Get(name) != "" {
			return fmt.Errorf("the request came through a proxy: it has the header %s", name)
		}
	}
	if http.NewCrossOriginProtection().Check(r) != nil {
		return errors.New("a web page of another origin may not change anything")
	}
	// An <img> of a stream of events would take a reader's place.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		if r.Header.Get("Sec-Fetch-Dest") != "document" {
			return errors.New("a web page of another origin may not read anything")
		}
	}
	return nil
}
