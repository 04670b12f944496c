package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The forms of the log.
const (
	logText = "text"
	logJSON = "json"
	logOff  = "off"
)

// longestPath bounds the path in a line: every path of Clerk's APIs is shorter.
const longestPath = 512

// accessLog writes one line a request: method, path, status and duration. Query, headers and
// body hold values and credentials: it writes none of them.
type accessLog struct {
	form string
	mu   sync.Mutex // one line at a time
	out  io.Writer
}

// entry is a line of the log as JSON. Status is 0 for a closed connection.
type entry struct {
	Event      string  `json:"event"`
	Time       string  `json:"time"`
	Method     string  `json:"method"`
	Path       string  `json:"path"`
	Status     int     `json:"status"`
	DurationMS float64 `json:"duration_ms"`
}

func (l *accessLog) around(next http.Handler) http.Handler {
	if l.form == logOff {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &statusWriter{ResponseWriter: w}
		returned := false
		// Deferred, since a fault that closes the connection panics with
		// http.ErrAbortHandler, as net/http requires.
		defer func() {
			if returned && seen.status == 0 {
				seen.status = http.StatusOK
			}
			l.write(r, seen.status, began, time.Since(began))
		}()
		next.ServeHTTP(seen, r)
		returned = true
	})
}

func (l *accessLog) write(r *http.Request, status int, began time.Time, took time.Duration) {
	// EscapedPath leaves no control character and nothing beyond ASCII.
	path := r.URL.EscapedPath()
	if len(path) > longestPath {
		path = path[:longestPath] + "..."
	}
	var line []byte
	if l.form == logJSON {
		// A struct of strings and finite numbers encodes.
		line, _ = json.Marshal(entry{
			"request", began.UTC().Format(time.RFC3339Nano), r.Method, path, status,
			float64(took.Microseconds()) / 1000,
		})
		line = append(line, '\n')
	} else {
		answer := "dropped"
		if status != 0 {
			answer = strconv.Itoa(status)
		}
		line = []byte(r.Method + " " + path + " " + answer + " " + took.Round(time.Microsecond).String() + "\n")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.out.Write(line) // an emulator continues without its log
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers the first final status.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a 200 where no status was sent before.
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is how http.ResponseController finds what can flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
