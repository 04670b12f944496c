package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// printer is an exporter that prints the spans as a tree, for people. It takes
// all of them at once.
type printer struct{ out io.Writer }

// ExportSpans prints spans.
func (p *printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	var tree strings.Builder
	writeChildren(&tree, spans, trace.SpanID{}, "")
	_, err := io.WriteString(p.out, tree.String())
	return err
}

// Shutdown has nothing to do.
func (p *printer) Shutdown(context.Context) error { return nil }

func writeChildren(b *strings.Builder, spans []sdktrace.ReadOnlySpan, parent trace.SpanID, indent string) {
	for _, s := range spans {
		if s.Parent().SpanID() != parent {
			continue
		}
		fmt.Fprintf(b, "%s%s  (%s, %s)\n", indent, s.Name(), s.SpanKind(), s.EndTime().Sub(s.StartTime()).Round(time.Millisecond))
		writeAttributes(b, indent+"    ", s.Attributes())
		for _, e := range s.Events() {
			fmt.Fprintf(b, "%s  * %s after %s\n", indent, e.Name, e.Time.Sub(s.StartTime()).Round(time.Millisecond))
			writeAttributes(b, indent+"      ", e.Attributes)
		}
		writeChildren(b, spans, s.SpanContext().SpanID(), indent+"  ")
	}
}

func writeAttributes(b *strings.Builder, indent string, all []attribute.KeyValue) {
	for _, kv := range all {
		fmt.Fprintf(b, "%s%-28s %s\n", indent, kv.Key, kv.Value.String())
	}
}
