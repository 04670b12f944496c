package metadata_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// hostile are documents of about size bytes, each of them much of one thing.
// Depth ends at a limit; what is larger goes to the bottom.
func hostile(size int) map[string]string {
	depth := min(size/20, 9_900)
	deep := func(opening, inside, closing string) string {
		return `{"a":` + strings.Repeat(opening, depth) + inside + strings.Repeat(closing, depth) + `}`
	}
	bottom := size - 9*depth
	return map[string]string{
		"wide":              `{` + members(size, `"k%07d":1`) + `}`,
		"deep objects":      deep(`{"a":`, `{`+members(bottom, `"k%07d":1`)+`}`, `}`),
		"deep arrays":       deep(`[`, `[`+repeated(bottom, `1`)+`]`, `]`),
		"deep nulls":        deep(`{"a":`, `{`+members(bottom, `"k%07d":null`)+`}`, `}`),
		"nulls in an array": `{"b":[` + deep(`{"a":`, `[`+repeated(bottom, `null`)+`]`, `}`) + `]}`,
		"nulls":             `{"a":[` + repeated(size, `null`) + `]}`,
		"empty objects":     `{"a":[` + repeated(size, `{}`) + `]}`,
		"empty arrays":      `{"a":[` + repeated(size, `[]`) + `]}`,
		"small objects":     `{"a":[` + repeated(size, `{"a":{"a":1}}`) + `]}`,
		"long mantissa":     `{"a":0.` + strings.Repeat("3", size) + `}`,
		"long exponent":     `{"a":1e` + strings.Repeat("7", size) + `}`,
		"long zeros":        `{"a":1` + strings.Repeat("0", size) + `}`,
		"numbers":           `{"a":[` + repeated(size, `10e-1`) + `]}`,
		"long string":       `{"a":"` + strings.Repeat("x", size) + `"}`,
		"long key":          `{"` + strings.Repeat("x", size) + `":1}`,
		"escapes":           `{"a":"` + strings.Repeat(`\u0041\n`, size/8) + `"}`,
		"escaped keys":      `{` + members(size, `"\u006b%07d":1`) + `}`,
		"white space":       `{"a":[` + strings.Repeat(" ", size) + `]}`,
		"slashes in keys":   deep(`{"~/":`, `{`+members(size-11*depth, `"/%07d":1`)+`}`, `}`),
	}
}

func members(size int, format string) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func repeated(size int, element string) string {
	return strings.Repeat(element+",", size/(len(element)+1)) + element
}

// chain knows one key, at any depth.
type chain struct {
	A *chain `json:"a,omitempty"`
}

// knows decodes everything, in Go types of its own.
type knows struct {
	A     any                        `json:"a"`
	Raw   json.RawMessage            `json:"raw,omitempty"`
	Named map[string]json.RawMessage `json:"named,omitempty"`
}

// edited is the text with another value at its bottom, or in its middle.
func edited(text string) string {
	for _, change := range [][2]string{{`:1}`, `:2}`}, {`null}`, `3}`}, {`1]`, `2]`}, {`null]`, `1]`}, {`{}]`, `{"b":1}]`}, {`[]]`, `[1]]`},
		{`0}`, `1}`}, {`3}`, `31}`}, {`7}`, `71}`}, {`10e-1]`, `1]`}, {`"}`, `x"}`}, {` ]`, `1]`}} {
		if strings.Contains(text, change[0]) {
			return strings.Replace(text, change[0], change[1], 1)
		}
	}
	return text
}

// exported are the functions of this package that read or write a document.
func exported() map[string]func(given given) {
	use := func(any, ...any) {}
	return map[string]func(given){
		"ParsePatch":        func(g given) { use(metadata.ParsePatch(g.text)) },
		"ParseObject":       func(g given) { use(metadata.ParseObject(g.text)) },
		"ParseClaims":       func(g given) { use(metadata.ParseClaims(g.claims, "metadata")) },
		"FromClaims":        func(g given) { use(metadata.FromClaims(g.parsedClaims, "metadata")) },
		"Patch.MarshalJSON": func(g given) { use(g.patch.MarshalJSON()) },
		"Of":                func(g given) { use(metadata.Of(g.members)) },
		"Of a struct":       func(g given) { use(metadata.Of(knows{A: g.members})) },
		"Of text":           func(g given) { use(metadata.Of(json.RawMessage(g.text))) },
		"Value.UnmarshalJSON": func(g given) {
			var v metadata.Value
			use(v.UnmarshalJSON(g.text))
		},
		"Size":          func(g given) { use(metadata.Size(g.patch)) },
		"CheckClaims":   func(g given) { use(metadata.CheckClaims(g.object, g.other)) },
		"Equal":         func(g given) { use(metadata.Equal(g.object, g.other)) },
		"Equal, same":   func(g given) { use(metadata.Equal(g.object, g.object)) },
		"Diff":          func(g given) { use(metadata.Diff(g.object, g.other)) },
		"Diff of empty": func(g given) { use(metadata.Diff(metadata.Object{}, g.other)) },
		"Changed":       func(g given) { use(metadata.Changed(g.object, g.other)) },
		"Merge":         func(g given) { use(metadata.Merge(g.object, g.patch)) },
		"Compose":       func(g given) { use(metadata.Compose(g.patch, g.patch)) },
		"Object.Map":    func(g given) { use(g.object.Map()) },
		"Decode":        func(g given) { use(metadata.Decode[chain](g.object)) },
		"Decode of any": func(g given) { use(metadata.Decode[knows](g.object)) },
		"NewDraft":      func(g given) { use(metadata.NewDraft[chain](g.object)) },
		"Draft.Patch": func(g given) {
			if d, err := metadata.NewDraft[knows](g.object); err == nil {
				d.Value.A = "other"
				use(d.Patch())
			}
		},
		"Draft.Patch below": func(g given) {
			if d, err := metadata.NewDraft[chain](g.object); err == nil {
				last := &d.Value
				for last.A != nil {
					last = last.A
				}
				last.A = &chain{}
				use(d.Patch())
			}
		},
		"Draft.Patch of a map": func(g given) {
			if d, err := metadata.NewDraft[map[string]any](g.object); err == nil {
				d.Value = g.otherMembers
				use(d.Patch())
			}
		},
	}
}

// given is one document in the forms that the functions take.
type given struct {
	text, claims          []byte
	object, other         metadata.Object
	patch                 metadata.Patch
	members, otherMembers map[string]any
	parsedClaims          map[string]any
}

func give(text string) (given, error) {
	g := given{text: []byte(text), claims: []byte(`{"metadata":` + text + `}`)}
	var err error
	for _, step := range []func() error{
		func() error { g.object, err = metadata.ParseObject(g.text); return err },
		func() error { g.other, err = metadata.ParseObject([]byte(edited(text))); return err },
		func() error { g.patch, err = metadata.ParsePatch(g.text); return err },
		func() error { g.members, err = g.object.Map(); return err },
		func() error { g.otherMembers, err = g.other.Map(); return err },
	} {
		if err := step(); err != nil {
			return g, err
		}
	}
	g.parsedClaims = map[string]any{"metadata": g.members}
	return g, nil
}
