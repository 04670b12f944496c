package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

const hidden = "sk_test_example"

func TestReveal(t *testing.T) {
	t.Parallel()
	require.Equal(t, hidden, secret.Reveal(secret.New(hidden, "label")))
	require.Empty(t, secret.Reveal(secret.Text{}))
	require.Nil(t, secret.Reveal(secret.Value[error]{}))
}

// holder has the secret where fmt cannot call its methods.
type holder struct {
	key secret.Text
	ptr *secret.Text
	all []secret.Text
}

type outer struct {
	Exported secret.Text
	inner    holder
	any      any
}

func TestNothingPrintsIt(t *testing.T) {
	t.Parallel()
	text := secret.New(hidden, "sk_test_…redacted")
	h := holder{text, &text, []secret.Text{text}}
	for _, v := range []any{text, &text, h, &h, outer{text, h, text}, &outer{text, h, &h}, []any{text}, map[string]any{"k": h}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(encoded)
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Info("call", "value", v)
		}
		dump(&out, reflect.ValueOf(v), 0)
		for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden)} {
			require.NotContains(t, out.String(), form)
		}
	}
}

// dump is what a debugging printer does: it reads every field, exported or not,
// follows every pointer and calls no method.
func dump(out *bytes.Buffer, v reflect.Value, depth int) {
	if depth > 20 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			dump(out, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			dump(out, f, depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			dump(out, v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, m := range v.Seq2() {
			dump(out, m, depth+1)
		}
	default:
		fmt.Fprintf(out, "%v\n", v)
	}
}

func TestDumpSeesUnexportedFields(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	dump(&out, reflect.ValueOf(&struct{ plain []any }{[]any{hidden}}), 0)
	require.Contains(t, out.String(), hidden, "the test above proves nothing otherwise")
}

func TestLabel(t *testing.T) {
	t.Parallel()
	type embedding struct{ secret.Text }
	for want, v := range map[string]embedding{`"sk"…redacted`: {secret.New(hidden, `"sk"…redacted`)}, "none": {}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			require.Equal(t, want, fmt.Sprintf(verb, v))
		}
		require.Equal(t, want, v.GoString())
		require.Equal(t, want, v.LogValue().String())
		require.Equal(t, strconv.Quote(want), fmt.Sprintf("%q", v))
		encoded, err := json.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, strconv.Quote(want), string(encoded))
	}
}
