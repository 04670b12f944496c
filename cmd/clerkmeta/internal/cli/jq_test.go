package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgram(t *testing.T) {
	t.Parallel()
	const input = `{"id":"user_1","public_metadata":{"n":9007199254740993,"d":0.12345678901234567890123,"e":1E+400,"s":"cus_hidden","list":[1,2]}}`
	for program, want := range map[string]string{
		".": input,
		".public_metadata |= with_entries(if .key == \"n\" then .key = \"m\" else . end) | .public_metadata |= {m, d, e}": `{"id":"user_1","public_metadata":{"m":9007199254740993,"d":0.12345678901234567890123,"e":1E+400}}`,
		".public_metadata = {n: (.public_metadata.n + 1)}":                                                                `{"id":"user_1","public_metadata":{"n":9007199254740994}}`,
		".public_metadata = {n: (.public_metadata.n * 9007199254740993)}":                                                 `{"id":"user_1","public_metadata":{"n":81129638414606699710187514626049}}`,
		".public_metadata = {n: (19.5 * 2)}":                                                                              `{"id":"user_1","public_metadata":{"n":39}}`,
		".public_metadata = {env: env, e: $ENV.PATH}":                                                                     `{"id":"user_1","public_metadata":{"env":{},"e":null}}`,
		"del(.public_metadata.list[] | select(. == 1)) | .public_metadata |= {list}":                                      `{"id":"user_1","public_metadata":{"list":[2]}}`,
	} {
		p, err := compile(program)
		require.NoError(t, err, program)
		made, err := p.run(t.Context(), decoded(t, input))
		require.NoError(t, err, program)
		text, err := json.Marshal(made)
		require.NoError(t, err)
		require.Equal(t, decoded(t, want), decoded(t, string(text)), program)
	}
	for program, want := range map[string]string{
		"empty":                                    "the program yields no value",
		"1":                                        "the program yields number, and not an object",
		".public_metadata.s":                       "the program yields string, and not an object",
		"., .":                                     "the program yields more than one value",
		"., error":                                 "the program ends with error",
		"error(.public_metadata.s)":                "the program ends with error, whose text is not shown since it may quote metadata",
		".public_metadata.s[]":                     "the program fails: cannot iterate over: string",
		".public_metadata.s + 1":                   "the program fails: cannot add: string",
		".public_metadata.s.x":                     "the program fails: expected an object but got: string",
		".public_metadata.s|tonumber":              "the program fails: tonumber",
		".public_metadata.s|fromjson":              "the program fails: fromjson",
		".public_metadata.s|format(.)":             "the program fails: format not defined",
		".public_metadata.s|test(. + \"(\")":       "the program fails: invalid regular expression",
		".public_metadata.s|strptime(\"%Y\")":      "the program fails: strptime",
		".public_metadata.s|tojson|.[1:]|fromjson": "the program fails: fromjson",
		".public_metadata.n|halt_error(.)":         "the program halts",
		"{(.public_metadata): 1}":                  "the program fails: expected a string for object key but got: object",
		"halt":                                     "the program halts",
		".public_metadata.s|halt_error":            "the program halts",
		"def f: f; f":                              "the program takes more than 10000000 steps",
		"[repeat(1)]":                              "the program takes more than 10000000 steps",
		".public_metadata = {n: nan}":              "the program computes a number that is not finite",
		".public_metadata = {n: [infinite]}":       "the program computes a number that is not finite",
		".public_metadata = {n: 12345678901234567890.10}": "beyond 2^53, where a float64 loses digits",
		".public_metadata.n |= . * 1.5":                   "beyond 2^53, where a float64 loses digits",
	} {
		p, err := compile(program)
		require.NoError(t, err, program)
		_, err = p.run(t.Context(), decoded(t, input))
		require.ErrorContains(t, err, want, program)
		require.NotContains(t, err.Error(), "hidden", program)
		require.NotContains(t, err.Error(), "9007199254740993", program)
	}
	for program, want := range map[string]string{
		"":                    "--jq cannot be used: missing query",
		".a.":                 "--jq is no program: unexpected EOF",
		"nothing":             "--jq cannot be used: function not defined: nothing/0",
		"input":               "--jq cannot be used: input(s)/0 is not allowed",
		"debug":               "--jq cannot be used: function not defined: debug/0",
		"stderr":              "--jq cannot be used: function not defined: stderr/0",
		`import "a" as a; .`:  "--jq cannot be used",
		`include "a"; .`:      "--jq cannot be used",
		`import "a" as $a; .`: "--jq cannot be used",
		"get_search_list":     "--jq cannot be used",
		"input_filename":      "--jq cannot be used",
	} {
		_, err := compile(program)
		require.ErrorContains(t, err, want, program)
	}
	p, err := compile("def f: f; f")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.run(ctx, decoded(t, input))
	require.ErrorIs(t, err, context.Canceled)
}

// decoded is an object with the digits of its numbers.
func decoded(t *testing.T, text string) (object map[string]any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&object))
	return object
}
