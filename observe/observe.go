// Package observe declares what a client reports of its calls to the hooks of
// client.WithCallHook and client.WithAttemptHook. None of it holds an id, a query,
// a credential, a metadata value or other data of a request or an answer.
package observe

import (
	"context"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// CallHook is called at the start of each call, and the function that it returns
// at the call's end. client.WithCallHook says what it may do.
type CallHook func(context.Context, Call) (context.Context, func(Result))

// AttemptHook is called after each attempt of a call.
type AttemptHook func(context.Context, Attempt)

// Call describes a call that begins: one request to Clerk with its retries. A
// method that reads and then writes (Modify) makes several.
type Call struct {
	// Operation is the method that was called: "UpdateUserMetadata". Those of
	// package me have a prefix: "me.UpdateMetadata".
	Operation string
	// Write reports whether the call changes anything.
	Write bool
	// Method is the HTTP method.
	Method string
	// Route is the path, with that of the base URL, in which names replace the
	// ids: "/v1/users/{user_id}/metadata".
	Route string
	// Host is the name or the address that the call is sent to, whether or not a
	// proxy is in between.
	Host string
	// Port is the port at Host: the scheme's if the base URL names none.
	Port int
}

// Attempt describes an attempt that has ended.
type Attempt struct {
	// Operation is the method that was called, as in Call.
	Operation string
	// Number counts the attempts of the call from 1.
	Number int
	// Status is the answer's status, 0 if none came. Code is Clerk's first error
	// code and TraceID its trace id, "" if there is none.
	Status  int
	Code    string
	TraceID string
	// Queued is how long the attempt waited for the client's rate limit before it
	// was sent.
	Queued time.Duration
	// Duration is how long the attempt took, body included.
	Duration time.Duration
	// Err is why no complete answer came, nil if one did. Credentials have been
	// removed from its text.
	Err error
	// ErrorType is the class of what went wrong, as in Result.
	ErrorType string
	// Retry reports whether another attempt follows, after Wait.
	Retry bool
	Wait  time.Duration
	// RetryAfter is the wait that the answer asked for, 0 if it asked for none.
	RetryAfter time.Duration
}

// Request is an attempt that is about to be sent, or was refused, as a client.Limiter
// counts it.
type Request struct {
	// Operation is the method that was called, as in Attempt: some operations, such as
	// "CreateInvitation", have limits besides those of the instance.
	Operation string
	// Entity is what the attempt writes to: "user/user_1", "organization/org_1" or
	// "membership/org_1/user_1". It is "" for a read and for a call that creates or revokes
	// something, which count for the instance only.
	Entity string
}

// Result describes a call that has ended.
type Result struct {
	// Attempts is how many attempts were sent; 0 if the context or the client's
	// rate limit ended the call before.
	Attempts int
	// Status is that of the last answer that came, 0 if none did. Code is Clerk's
	// first error code and TraceID its trace id, "" if there is none. Whatever
	// answered wrote all three.
	Status  int
	Code    string
	TraceID string
	// ErrorType is the class of what ended the call, "" for a success: the status
	// ("404"), "timeout", "canceled" (the context), "rate_limiter" (the client's
	// own rate limit), "connection", "decode" (clerkerr.ErrDecode), "not_found" for
	// a membership that the list of an organization lacks, or "panic" if a hook, a
	// Limiter or the Transport of client.WithHTTPClient panicked.
	ErrorType string
	// Outcome says what became of a write, as in clerkerr.Error; it is
	// clerkerr.OutcomeNotApplied for a read.
	Outcome clerkerr.Outcome
	// Queued is how long the call waited for the client's rate limit in all.
	Queued time.Duration
	// Duration is how long the call took in all, with the waits.
	Duration time.Duration
}
