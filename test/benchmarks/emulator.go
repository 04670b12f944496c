package benchmarks

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// addEmulator sends the same requests to the in-process Clerk and to a handler
// that always answers the same bytes.
func addEmulator(s *Set) error {
	emulator, err := clerktest.Config{RequestLog: 100}.New(clerktest.Seed{SecretKey: key, Users: []clerktest.User{{
		ID:              userID,
		PublicMetadata:  map[string]any{"role": "admin", "seats": 12},
		PrivateMetadata: map[string]any{"stripeId": "cus_123", "billing": map[string]any{"plan": "pro"}},
	}}})
	if err != nil {
		return err
	}
	served := s.serve(emulator)
	fromEmulator := newByHand(overLoopback(served))
	text, err := rawUser(served.URL)
	if err != nil {
		return err
	}
	fromFixed := newByHand(overLoopback(s.serve(http.HandlerFunc(always(text).serve))))
	for _, op := range []struct {
		name string
		of   func(calls) func(context.Context) error
	}{
		{"get, 16 goroutines", func(c calls) func(context.Context) error { return c.get }},
		{"update, 16 goroutines", func(c calls) func(context.Context) error { return c.update }},
	} {
		fixed, real := op.of(fromFixed.calls()), op.of(fromEmulator.calls())
		s.Cases = append(s.Cases, Case{Group: "The emulator, over loopback", Name: op.name, Parallel: true, Candidates: []Candidate{
			{Name: "a fixed answer", Run: func() error { return fixed(context.Background()) }},
			{Name: "clerktest", Run: func() error { return real(context.Background()) }},
		}})
	}
	return nil
}

// rawUser is the emulator's own answer.
func rawUser(url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url+"/v1/users/"+userID, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(resp.Body)
	if err == nil && !bytes.Contains(text, []byte(userID)) {
		err = errNoUser
	}
	return text, err
}
