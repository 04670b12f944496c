package security

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// everyPrint is whatever printing, encoding and logging make of v, for an error
// the same of all that it wraps, and all that a debugger's dump would find.
func everyPrint(v any) string {
	var b strings.Builder
	printInto(&b, v)
	dump(&b, reflect.ValueOf(v), 0)
	return b.String()
}

func printInto(b *strings.Builder, v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3v"} {
		fmt.Fprintf(b, verb+"\n", v)
	}
	fmt.Fprintln(b, v)
	for _, held := range []any{v, object{"v": v}, []any{v}} {
		encoded, err := json.Marshal(held)
		fmt.Fprintln(b, string(encoded), err)
	}
	opts := &slog.HandlerOptions{Level: slog.LevelDebug}
	for _, h := range []slog.Handler{slog.NewTextHandler(b, opts), slog.NewJSONHandler(b, opts)} {
		slog.New(h).With("with", v).WithGroup("group").Debug("call", "v", v, slog.Group("inner", "v", v))
	}
	if e, ok := v.(*clerkerr.Error); ok && e != nil {
		for _, part := range []any{*e, e.Body, e.Details} {
			printInto(b, part)
		}
	}
	switch wrapper := v.(type) {
	case interface{ Unwrap() error }:
		if cause := wrapper.Unwrap(); cause != nil {
			printInto(b, cause)
		}
	case interface{ Unwrap() []error }:
		for _, cause := range wrapper.Unwrap() {
			if cause != nil {
				printInto(b, cause)
			}
		}
	}
}

// dump reads every field, exported or not, follows every pointer and calls no
// method, as the dumps of test libraries do. Of an error it leaves out what an
// answer said: that is there for who asks for it, as data.
func dump(b *strings.Builder, v reflect.Value, depth int) {
	if depth > 12 || !v.IsValid() {
		return
	}
	switch v.Type() {
	case reflect.TypeFor[clerkerr.Body]():
		return
	case reflect.TypeFor[clerkerr.Detail]():
		fmt.Fprintln(b, v.FieldByName("Code"), v.FieldByName("Param"))
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		dump(b, v.Elem(), depth+1)
	case reflect.Struct:
		for _, f := range v.Fields() {
			dump(b, f, depth+1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			fmt.Fprintf(b, "%s\n", v)
			return
		}
		for i := range v.Len() {
			dump(b, v.Index(i), depth+1)
		}
	case reflect.Map:
		for k, m := range v.Seq2() {
			dump(b, k, depth+1)
			dump(b, m, depth+1)
		}
	case reflect.String:
		fmt.Fprintln(b, v.String())
	default:
	}
}
