package metadata

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how many arrays and objects may stand in one another:
// encoding/json's own limit when it decodes.
const maxDepth = 10000

// nulls says what parse puts where the text has null: as a member, or anywhere
// inside an array, in its objects too.
type nulls struct {
	member  any
	element any
}

// parse reads one JSON text into map[string]any, []any, string, bool,
// json.Number and what nulls says. It refuses what encoding/json lets pass:
// doubled keys, invalid UTF-8, lone surrogates, anything after the value.
func parse(text []byte, null nulls) (any, error) {
	var root place
	if !utf8.Valid(text) {
		return nil, root.fail(ErrInvalidString)
	}
	p := parser{text: text, dec: json.NewDecoder(bytes.NewReader(text)), null: null}
	p.dec.UseNumber()
	tree, err := p.value(&root, null.member, 0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, root.failf(ErrSyntax, "more than one JSON value")
	}
	return tree, nil
}

type parser struct {
	text []byte
	dec  *json.Decoder
	null nulls
}

func (p *parser) token(at *place) (json.Token, error) {
	start := p.dec.InputOffset()
	t, err := p.dec.Token()
	end := p.dec.InputOffset()
	if err != nil {
		return nil, at.failf(ErrSyntax, "at byte %d", end)
	}
	if _, ok := t.(string); ok && hasLoneSurrogate(p.text[start:end]) {
		return nil, at.failf(ErrInvalidString, "half a surrogate pair at byte %d", end)
	}
	return t, nil
}

func (p *parser) value(at *place, null any, depth int) (any, error) {
	t, err := p.token(at)
	if err != nil {
		return nil, err
	}
	if _, container := t.(json.Delim); container && depth >= maxDepth {
		return nil, at.tooDeep()
	}
	switch t {
	case json.Delim('{'):
		return p.object(at, null, depth)
	case json.Delim('['):
		return p.array(at, depth)
	case nil:
		return null, nil
	}
	return t, nil
}

// object reads members; null is what one of them becomes.
func (p *parser) object(at *place, null any, depth int) (any, error) {
	members := map[string]any{}
	for p.dec.More() {
		t, err := p.token(at)
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		here := at.child(key)
		if _, twice := members[key]; twice {
			return nil, here.fail(ErrDuplicateKey)
		}
		if members[key], err = p.value(&here, null, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := p.token(at)
	return members, err
}

func (p *parser) array(at *place, depth int) (any, error) {
	elements := []any{}
	for p.dec.More() {
		here := at.element(len(elements))
		v, err := p.value(&here, p.null.element, depth+1)
		if err != nil {
			return nil, err
		}
		elements = append(elements, v)
	}
	_, err := p.token(at)
	return elements, err
}

// hasLoneSurrogate looks for a \ud800…\udfff escape without its other half,
// which encoding/json would silently replace.
func hasLoneSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		r, ok := escapedRune(text, i)
		if !ok || r < 0xd800 || r > 0xdfff {
			continue
		}
		i += 4
		low, ok := escapedRune(text, i+2)
		if r > 0xdbff || !ok || text[i+1] != '\\' || low < 0xdc00 || low > 0xdfff {
			return true
		}
		i += 6
	}
	return false
}

// escapedRune reads uXXXX at i.
func escapedRune(text []byte, i int) (rune, bool) {
	if i+5 > len(text) || text[i] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[i+1:i+5]), 16, 32)
	return rune(n), err == nil
}
