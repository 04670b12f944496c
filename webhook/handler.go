package webhook

import (
	"context"
	"errors"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// ErrDiscard in an error of a Handler's function means that the event is not to be sent
// again: it will never work.
//
//	return fmt.Errorf("%w: user %s has no plan", webhook.ErrDiscard, user.ID)
var ErrDiscard = errors.New("discarded")

// ErrUnavailable in an error of a Handler's function means that something the function needs,
// such as a database, does not answer now. Clerk sends the event again.
var ErrUnavailable = errors.New("unavailable")

// Handler returns a handler that verifies each delivery, as Verify does, and passes its event
// to handle. Clerk sends an event again, for about a day, until the answer is a 2xx:
//
//	204  handle returned nil, or an error that satisfies ErrDiscard
//	400  the body could not be read, or is no event
//	401  the delivery is not verified (ErrUnverified)
//	405  the method is not POST
//	413  the body is longer than MaxBody
//	500  handle returned another error
//	503  handle returned an error that satisfies ErrUnavailable
//
// The answer's body holds nothing but the status; errors go to OnError. Clerk waits some
// 15 seconds for an answer (guess: Svix's own limit), and the context ends when it stops
// waiting. What takes longer belongs in a queue of yours. A panic of handle is net/http's,
// which ends the connection: Clerk sends the delivery again.
func (r *Receiver) Handler(handle func(context.Context, Event) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			respond(w, http.StatusMethodNotAllowed)
			return
		}
		ctx := request.Context()
		event, err := r.Verify(request)
		status := refusal(err)
		if err == nil {
			err = handle(ctx, event)
			status = result(err)
		}
		if err != nil && r.OnError != nil {
			r.OnError(ctx, event, err)
		}
		respond(w, status)
	})
}

// refusal is the status for an error of Verify.
func refusal(err error) int {
	switch {
	case errors.Is(err, ErrUnverified):
		return http.StatusUnauthorized
	case errors.Is(err, clerkerr.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, clerkerr.ErrInvalidArgument):
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}

// result is the status for an error of the function that handles events.
func result(err error) int {
	switch {
	case err == nil, errors.Is(err, ErrDiscard):
		return http.StatusNoContent
	case errors.Is(err, ErrUnavailable):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

func respond(w http.ResponseWriter, status int) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	http.Error(w, http.StatusText(status), status)
}
