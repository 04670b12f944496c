package proxy

import "net/http"

// Health returns a handler for health checks: status 200 with {"status":"ok"}, or 503
// with {"status":"draining"} after Drain. It makes no request, so an outage of Clerk's
// does not take the application down.
func (h *Handler) Health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.draining.Load() {
			answer(w, r.Method, http.StatusServiceUnavailable, []byte(`{"status":"draining"}`))
			return
		}
		answer(w, r.Method, http.StatusOK, []byte(`{"status":"ok"}`))
	})
}

// Drain prepares a shutdown: Health reports it, and each answer closes its connection.
// The Handler still serves requests. Wait until the load balancer has noticed, then
// call http.Server.Shutdown, which waits for the requests under way.
func (h *Handler) Drain() { h.draining.Store(true) }

// CloseIdleConnections closes the unused connections to the upstream, if the
// Transport can.
func (h *Handler) CloseIdleConnections() {
	if t, ok := h.config.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
