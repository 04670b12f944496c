package proxy

import "net/http"

// Health returns a handler for a load balancer's questions: status 200 with
// {"status":"ok"}, or 503 with {"status":"draining"} after Drain. It asks nobody,
// so that an outage of Clerk's does not take the application down.
func (h *Handler) Health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.draining.Load() {
			answer(w, r.Method, http.StatusServiceUnavailable, []byte(`{"status":"draining"}`))
			return
		}
		answer(w, r.Method, http.StatusOK, []byte(`{"status":"ok"}`))
	})
}

// Drain prepares a shutdown: from now on Health says so, and each answer asks the
// client to close its connection. Requests are served as before. Call it, wait
// until the load balancer has noticed, then call http.Server.Shutdown, which lets
// the requests finish that are under way.
func (h *Handler) Drain() { h.draining.Store(true) }

// CloseIdleConnections closes the connections to the upstream that no request
// uses, if the Transport can.
func (h *Handler) CloseIdleConnections() {
	if t, ok := h.config.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
