package faults

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
)

// Frames, flags and codes of HTTP/2 (RFC 9113, sections 6 and 7).
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	flagEnd, flagAck = 1, 1

	codeNone, codeInternal, codeRefused = 0, 2, 7
)

// frame writes a frame whose payload is the given numbers.
func frame(w io.Writer, kind, flags byte, stream uint32, payload ...uint32) {
	b := []byte{0, 0, byte(4 * len(payload)), kind, flags}
	b = binary.BigEndian.AppendUint32(b, stream)
	for _, n := range payload {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	_, _ = w.Write(b)
}

// serveFrames speaks HTTP/2 on conn and hands every whole request to answer,
// until that says that it is over.
func serveFrames(conn net.Conn, answer func(w io.Writer, stream uint32) (over bool)) {
	defer conn.Close()
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	if _, err := io.CopyN(io.Discard, conn, int64(len(preface))); err != nil {
		return
	}
	frame(conn, frameSettings, 0, 0)
	for {
		var head [9]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			frame(conn, frameSettings, flagAck, 0)
		case (kind == frameHeaders || kind == frameData) && flags&flagEnd != 0:
			if answer(conn, stream) {
				return
			}
		}
	}
}

// overHTTP2 runs Clerk over HTTP/2 and TLS.
func overHTTP2(t *testing.T, h http.Handler) (*httptest.Server, *http.Transport) {
	t.Helper()
	server, pool := overLoopback(t, h, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	})
	pool.TLSClientConfig = trusting(server)
	pool.ForceAttemptHTTP2 = true
	return server, pool
}

// streamed is a fault of HTTP/2 on the first connections; those that
// follow lead to Clerk.
func streamed(name string, m meaning, connections int64, answer func(w io.Writer, stream uint32) (over bool)) fault {
	return detour(name, m, func(t *testing.T, clerk *clerktest.Test) http.RoundTripper {
		t.Helper()
		server, pool := overHTTP2(t, clerk)
		config := server.TLS.Clone()
		config.NextProtos = []string{"h2"}
		l := tls.NewListener(testkit.Listen(t), config)
		testkit.Accept(l, func(conn net.Conn) { serveFrames(conn, answer) })
		var dialed atomic.Int64
		pool.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			address := server.Listener.Addr()
			if dialed.Add(1) <= connections {
				address = l.Addr()
			}
			return (&net.Dialer{}).DialContext(ctx, network, address.String())
		}
		return overTLS(pool)
	})
}

// streams are what goes wrong in HTTP/2. What the server says it has not looked
// at is sent again by net/http, within one attempt.
func streams() []fault {
	harmless := meaning{harmless: true}
	lost := meaning{transient: true, is: []error{clerkerr.ErrTransport}}
	const every = 1 << 20
	return []fault{
		detour("GOAWAY with the answer", harmless, func(t *testing.T, clerk *clerktest.Test) http.RoundTripper {
			t.Helper()
			_, pool := overHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Connection", "close") // net/http then shuts the connection down
				clerk.ServeHTTP(w, r)
			}))
			return overTLS(pool)
		}),
		streamed("GOAWAY, the request not looked at", harmless, 1, func(w io.Writer, _ uint32) bool {
			frame(w, frameGoAway, 0, 0, 0, codeNone)
			return false
		}),
		streamed("GOAWAY, the request refused", harmless, 1, func(w io.Writer, stream uint32) bool {
			frame(w, frameGoAway, 0, 0, stream, codeNone)
			frame(w, frameReset, 0, stream, codeRefused)
			return false
		}),
		streamed("GOAWAY, what of the request is not said", lost, every, func(w io.Writer, stream uint32) bool {
			frame(w, frameGoAway, 0, 0, stream, codeInternal)
			return true
		}),
		streamed("stream reset", lost, every, func(w io.Writer, stream uint32) bool {
			frame(w, frameReset, 0, stream, codeInternal)
			return false
		}),
		streamed("connection closed in a stream", lost, every, func(io.Writer, uint32) bool { return true }),
	}
}
