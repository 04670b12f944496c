package benchmarks

import (
	"context"
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
	add := func(name string, fixed, emulated func(context.Context) error) {
		s.Cases = append(s.Cases, Case{Group: "The emulator, over loopback", Name: name, Parallel: true, Candidates: []Candidate{
			{Name: "a fixed answer", Run: fixed}, {Name: "clerktest", Run: emulated},
		}})
	}
	fixed, emulated := fromFixed.calls(), fromEmulator.calls()
	add("get, 16 goroutines", fixed.get, emulated.get)
	add("update, 16 goroutines", fixed.update, emulated.update)
	return nil
}

// rawUser is the emulator's own answer.
func rawUser(url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url+"/v1/users/"+userID, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	return textWithUser(&http.Client{}, req)
}
