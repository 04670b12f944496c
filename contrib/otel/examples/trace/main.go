// Command trace prints the trace of a write that Clerk answers with 429 at first: the
// program's own span and, as its child, that of the call with the retry as an event.
//
//	go run ./examples/trace
//
// It runs on an in-process Clerk and needs no account.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	clerkotel "github.com/clerkmeta/clerkmeta-go/contrib/otel"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func main() {
	if err := start(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trace:", err)
		os.Exit(1) //nolint:forbidigo // a program, not a library
	}
}

func start(ctx context.Context, out io.Writer) error {
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(out), stdouttrace.WithPrettyPrint())
	if err != nil {
		return err
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	// Shutdown exports what is left.
	return errors.Join(run(ctx, tp), tp.Shutdown(ctx))
}

func run(ctx context.Context, tp *sdktrace.TracerProvider) error {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_trace"}}})
	if err != nil {
		return err
	}
	tooMany := clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(time.Second))
	if err := clerk.Script(clerktest.UpdateUserMetadata, tooMany); err != nil {
		return err
	}
	opts := append(clerkotel.Options(clerkotel.Config{TracerProvider: tp}), client.WithRetry(client.Retry{BaseDelay: 50 * time.Millisecond}))
	c, err := clerk.NewClient(opts...)
	if err != nil {
		return err
	}

	ctx, span := tp.Tracer("myapp").Start(ctx, "checkout")
	defer span.End()
	_, err = c.Users.UpdateUserMetadata(ctx, "user_trace", users.UpdateUserMetadataParams{
		PrivateMetadata: metadata.Patch{"stripeId": "cus_example"},
	})
	return err
}
