package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

const hidden = "sk_test_example"

func TestReveal(t *testing.T) {
	t.Parallel()
	require.Equal(t, hidden, secret.New(hidden, "sk_test_").Reveal())
	require.Empty(t, secret.New("", "").Reveal())
	require.Empty(t, secret.Text{}.Reveal())
	require.Equal(t, "sk_test_…redacted", secret.New(hidden, "sk_test_").String())
	require.Equal(t, "…redacted", secret.Text{}.String())
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
	text := secret.New(hidden, "sk_test_")
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

// redacted prints the way that types with a secret do.
type redacted struct{ text secret.Text }

func (r redacted) Format(s fmt.State, verb rune) { secret.Format(s, verb, r.text.String()) }

func (r redacted) MarshalJSON() ([]byte, error) { return secret.MarshalJSON(r.text.String()) }

func TestHelpers(t *testing.T) {
	t.Parallel()
	r := redacted{secret.New(hidden, `"sk"`)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		require.Equal(t, `"sk"…redacted`, fmt.Sprintf(verb, r))
	}
	require.Equal(t, `"\"sk\"…redacted"`, fmt.Sprintf("%q", r))
	encoded, err := json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, `"\"sk\"…redacted"`, string(encoded))
}
