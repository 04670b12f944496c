package security

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
)

// echo is what a request says, for whatever talks of what it was sent.
type echo struct {
	all        string
	credential string
	body       string
}

// echoOf reads a request.
func echoOf(r *http.Request) echo {
	var e echo
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		e.body = string(body)
	}
	e.credential = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") +
		strings.TrimPrefix(r.Header.Get("Cookie"), "__client=") + r.URL.Query().Get("__dev_session")
	e.all = fmt.Sprintln(r.Method, r.URL, r.Header, e.body, e.credential, storedText, storedNumber)
	return e
}

// roundTripper is an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fault is a way in which requests end.
type fault struct {
	name string
	// between is what carries the requests instead of Clerk's own transport.
	between func(*testing.T, http.RoundTripper) http.RoundTripper
}

// answered is a fault that answers by itself; headers are names and values.
func answered(name string, status int, contentType string, body func(echo) string, headers ...func(echo) string) fault {
	return fault{name, func(*testing.T, http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			e := echoOf(r)
			h := http.Header{"Content-Type": {contentType}, "Authorization": {turnedToken}, "Set-Cookie": {"__client=" + turnedCookie}}
			for i := 0; i < len(headers); i += 2 {
				h.Set(headers[i](e), headers[i+1](e))
			}
			return &http.Response{
				StatusCode: status, Header: h, Request: r, ContentLength: -1,
				Body: io.NopCloser(strings.NewReader(body(e))),
			}, nil
		})
	}}
}

// failed is a fault without an answer.
func failed(name string, because func(*http.Request, echo) error) fault {
	return fault{name, func(*testing.T, http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) { return nil, because(r, echoOf(r)) })
	}}
}

// clerks is an answer of the in-process Clerk, altered on its way.
func clerks(name string, alter func(*http.Response)) fault {
	return fault{name, func(_ *testing.T, clerk http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := clerk.RoundTrip(r)
			if err == nil {
				alter(resp)
			}
			return resp, err
		})
	}}
}

// said is a fault of a server that answers, byte for byte, what say makes of a
// request.
func said(name string, say func(echo) string) fault {
	return fault{name, func(t *testing.T, _ http.RoundTripper) http.RoundTripper {
		t.Helper()
		l := testkit.Listen(t)
		testkit.Accept(l, func(conn net.Conn) { answerWith(conn, say) })
		return toward(t, l.Addr().String())
	}}
}

func errorBody(code, message, param, trace string) string {
	return string(mustJSON(object{
		"errors":         []object{{"code": code, "message": message, "long_message": message, "meta": object{"param_name": param}}},
		"clerk_trace_id": trace,
	}))
}

// withoutPassword returns a body without the password in it, which no answer of Clerk has: a
// result is the answer as it came.
func withoutPassword(body string) string {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &members) != nil || members["password"] == nil {
		return body
	}
	delete(members, "password")
	return string(mustJSON(members))
}

func text(s string) func(echo) string { return func(echo) string { return s } }

func all(e echo) string { return e.all }

func credential(e echo) string { return e.credential }

// faults are the ways in which what was sent, and what is stored, can come back.
func faults() []fault {
	page := func(e echo) string { return "<!DOCTYPE html><pre>" + e.all + "</pre>" }
	message := func(e echo) string {
		return errorBody("form_param_value_invalid", e.all, "private_metadata", "trace_1")
	}
	quoting := func(escape func(string) string) func(echo) string {
		return func(e echo) string {
			c := escape(e.credential)
			return errorBody("bad "+c, e.all, c, c)
		}
	}
	shape := func(e echo) string {
		return string(mustJSON(object{
			"id": "user_1", "public_metadata": withoutPassword(e.body), "private_metadata": number(storedNumber), "data": storedText,
			"response": object{"id": number(storedNumber), "unsafe_metadata": storedText}, "created_at": storedText,
		}))
	}
	const asJSON = "application/json"
	return append([]fault{
		clerks("none", func(*http.Response) {}),
		clerks("none, renewed with every answer", func(r *http.Response) {
			r.Header.Set("Authorization", turnedToken)
			r.Header.Set("Set-Cookie", "__client="+turnedCookie)
		}),
		clerks("cut", func(r *http.Response) {
			whole, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(whole[:len(whole)*3/4])), broken{}))
		}),
		answered("page", http.StatusBadGateway, "text/html", page),
		answered("page as success", http.StatusOK, "text/html", page),
		answered("page as JSON", http.StatusOK, asJSON, page),
		answered("message", http.StatusUnprocessableEntity, asJSON, message),
		answered("message, retried", http.StatusServiceUnavailable, asJSON, message),
		answered("unauthorized", http.StatusUnauthorized, asJSON, message),
		answered("code", http.StatusUnprocessableEntity, asJSON, quoting(func(s string) string { return s })),
		answered("escaped code", http.StatusConflict, asJSON, quoting(url.QueryEscape)),
		answered("headers", http.StatusTooManyRequests, asJSON, text("{}"),
			text("Retry-After"), credential, text("Clerk-Trace-Id"), credential, text("Date"), credential),
		answered("shape", http.StatusOK, asJSON, shape),
		answered("list of shapes", http.StatusOK, asJSON, func(e echo) string { return "[" + shape(e) + "]" }),
		answered("redirect", http.StatusFound, "text/html", page, text("Location"),
			func(e echo) string {
				return "https://elsewhere.test/?token=" + url.QueryEscape(e.credential) + "#" + storedNumber
			}),
		answered("malformed redirect", http.StatusPermanentRedirect, "text/html", text(""), text("Location"),
			func(e echo) string { return "http://[" + e.credential + storedText }),
	}, unanswered()...)
}

// unanswered are failures below HTTP.
func unanswered() []fault {
	urlError := func(r *http.Request, cause error) error {
		return &url.Error{Op: "Patch", URL: r.URL.String(), Err: cause}
	}
	refused := errors.New("connection refused")
	line := func(before string) func(echo) string {
		return func(e echo) string {
			return before + strings.ReplaceAll(e.body+storedText+e.credential, "\n", " ") + "\r\n\r\n"
		}
	}
	return []fault{
		failed("URL", func(r *http.Request, _ echo) error { return urlError(r, refused) }),
		failed("URL, wrapped", func(r *http.Request, _ echo) error {
			return fmt.Errorf("by proxy: %w", urlError(r, urlError(r, refused)))
		}),
		failed("URL, quoted", func(r *http.Request, _ echo) error { return fmt.Errorf("no way to %q", r.URL) }),
		failed("credential", func(r *http.Request, e echo) error {
			return urlError(r, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("with %q and %s", r.Header, e.credential)})
		}),
		failed("joined", func(r *http.Request, e echo) error {
			return errors.Join(refused, urlError(r, errors.New(e.credential)))
		}),
		{"nobody listens", func(t *testing.T, _ http.RoundTripper) http.RoundTripper {
			t.Helper()
			l := testkit.Listen(t)
			require.NoError(t, l.Close())
			return toward(t, l.Addr().String())
		}},
		said("nothing", text("")),
		said("what it hears", all),
		said("the body", line("")),
		said("the body as version", line("HTTP/")),
		said("the body as status", line("HTTP/1.1 ")),
		said("the body as header", line("HTTP/1.1 200 OK\r\n")),
		said("the body as length", line("HTTP/1.1 200 OK\r\nContent-Length: ")),
		said("the body as encoding", line("HTTP/1.1 200 OK\r\nTransfer-Encoding: ")),
		said("the body as chunk", line("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")),
		said("the body as gzip", line("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")),
	}
}

// broken is a body that ends too early.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
