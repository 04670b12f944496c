package clerkerr

import (
	"encoding/json"
	"fmt"
	"runtime"
)

// PanicError is the cause of the error of a write that a writer could not finish
// because the Transport of the client's http.Client, a hook or a Limiter panicked.
// Without a writer the panic reaches the caller of the method. The outcome of the
// write is unknown.
type PanicError struct {
	// Value is what was passed to panic, nil for runtime.Goexit.
	Value any
	// Stack is the stack at the panic.
	Stack []byte
}

// Error names the type of the value, and the text of a runtime.Error. The text of any
// other value can hold data that was sent.
func (e *PanicError) Error() string {
	switch v := e.Value.(type) {
	case nil:
		return "runtime.Goexit while the request was sent"
	case runtime.Error:
		return "panic while the request was sent: " + v.Error()
	default:
		return fmt.Sprintf("panic while the request was sent, with a value of type %T", v)
	}
}

// Format writes Error() for every verb, so that %+v shows no value.
func (e PanicError) Format(s fmt.State, verb rune) { format(s, verb, e.Error()) }

// MarshalJSON encodes Error() as a JSON string.
func (e PanicError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }
