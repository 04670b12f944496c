package clerktest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"
)

// requestJSON is a request as JSON. Header and Body hide those of Request, and BodyBase64
// replaces a body that is not UTF-8.
type requestJSON struct {
	Seq        int      `json:"seq"`
	Time       string   `json:"time"`
	DurationMS *float64 `json:"duration_ms"` // null until the answer is sent
	Request
	Header     http.Header `json:"header,omitzero"`
	Body       *string     `json:"body,omitempty"`
	BodyBase64 []byte      `json:"body_base64,omitempty"`
}

// row is the request as JSON, without header and body.
func (l *logged) row() requestJSON {
	row := requestJSON{Seq: l.seq, Time: stamp(l.Time), Request: l.Request}
	row.Request.Header, row.Request.Body = nil, nil // which would stay in the memory of a feed
	if took := l.took.Load(); took >= 0 {
		row.DurationMS = new(float64(took/int64(time.Microsecond)) / 1000)
	}
	return row
}

// whole is row with header and body.
func (l *logged) whole() requestJSON {
	row := l.row()
	row.Header = l.Header
	if utf8.Valid(l.Body) {
		row.Body = new(string(l.Body))
	} else {
		row.BodyBase64 = l.Body
	}
	return row
}

// controlRequests answers with the requests of some operations or, with seq, one of them. With
// brief, header and body are left out, which can be a MiB each.
func (c *Clerk) controlRequests(query url.Values, _ []byte) (any, error) {
	var operations []Operation
	show := (*logged).whole
	for name, values := range query {
		switch name {
		case "seq":
			return c.controlRequest(values[0])
		case "brief":
			show = (*logged).row
			continue
		case "operation":
		default:
			return nil, fmt.Errorf("parameter %q is unknown: requests takes operation, brief or seq", name)
		}
		for _, value := range values {
			op := Operation(value)
			switch {
			case !known(op):
				return nil, fmt.Errorf("operation %q is unknown", value)
			case op != AnyOperation:
				operations = append(operations, op)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	requests := []requestJSON{}
	for _, l := range c.logged(operations) {
		requests = append(requests, show(l))
	}
	return map[string]any{"requests": requests}, nil
}

func (c *Clerk) controlRequest(seq string) (any, error) {
	n, err := strconv.Atoi(seq)
	if err != nil {
		return nil, fmt.Errorf("seq %q is not a whole number", seq)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.requests {
		if l.seq == n {
			return l.whole(), nil
		}
	}
	return nil, &statusError{fmt.Errorf("request %d is not in the log", n), http.StatusNotFound}
}

func (c *Clerk) controlForgetRequests(url.Values, []byte) (any, error) {
	c.ResetRequests()
	return c.controlRequests(nil, nil)
}
