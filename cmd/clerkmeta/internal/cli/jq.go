package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"

	"github.com/itchyny/gojq"
)

// maxSteps bounds the steps of a program on one entity, some seconds of work.
const maxSteps = 10_000_000

var (
	errSteps = fmt.Errorf("the program takes more than %d steps", maxSteps)
	errLossy = errors.New("the program computes a number that is not finite or is beyond 2^53, where a float64 loses digits")
)

// program is a jq program that makes one object of another. It has no environment, no modules
// and no input but the object, and prints nothing.
type program struct{ code *gojq.Code }

func compile(text string) (*program, error) {
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, failed(ExitUsage, "--jq is no program: %w", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, failed(ExitUsage, "--jq cannot be used: %w", err)
	}
	return &program{code}, nil
}

// run returns what the program makes of an object, whose numbers are json.Number. Those that
// the program does not compute with keep their digits. Its errors quote no value.
func (p *program) run(ctx context.Context, object map[string]any) (map[string]any, error) {
	bounded := &steps{Context: ctx, left: maxSteps, over: make(chan struct{})}
	close(bounded.over)
	results := p.code.RunWithContext(bounded, object) //nolint:contextcheck // it ends with ctx
	result, err := next(bounded, results)
	if err != nil {
		return nil, err
	}
	made, isObject := result.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("the program yields %s, and not an object", gojq.TypeOf(result))
	}
	if _, err := next(bounded, results); !errors.Is(err, errNothing) {
		if err == nil {
			err = errors.New("the program yields more than one value")
		}
		return nil, err
	}
	return made, exact(made)
}

var errNothing = errors.New("the program yields no value")

// next returns the next value of a program.
func next(ctx *steps, results gojq.Iter) (any, error) {
	result, ok := results.Next()
	if !ok {
		return nil, errNothing
	}
	err, failed := result.(error)
	switch {
	case !failed:
		return result, nil
	case ctx.Context.Err() != nil:
		return nil, context.Cause(ctx.Context)
	case ctx.left < 0:
		return nil, errSteps
	}
	if _, ok := errors.AsType[*gojq.HaltError](err); ok {
		return nil, errors.New("the program halts, for a reason that is not shown since it may quote metadata")
	}
	if _, ok := errors.AsType[gojq.ValueError](err); ok {
		return nil, errors.New("the program ends with error, whose text is not shown since it may quote metadata")
	}
	return nil, errors.New("the program fails: " + sayable.FindString(err.Error()))
}

// sayable is what gojq's errors begin with: its own words, and a type. Values follow in
// several forms.
var sayable = regexp.MustCompile(`^[a-z0-9_@/]+( [a-z/]+)*(: (null|boolean|number|string|array|object)\b)?`)

// steps is a context that ends after a number of steps: gojq asks for Done before each.
type steps struct {
	context.Context

	left int
	over chan struct{} // closed
}

// Done counts a step.
func (s *steps) Done() <-chan struct{} {
	if s.left--; s.left < 0 {
		return s.over
	}
	return s.Context.Done()
}

// Err returns why the context has ended.
func (s *steps) Err() error {
	if s.left < 0 {
		return errSteps
	}
	return s.Context.Err()
}

// exact refuses numbers that a computation has rounded to an integer of other digits, or that
// JSON has not.
func exact(v any) error {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.Abs(v) > 1<<53 {
			return errLossy
		}
	case json.Number: // as it was read or written in the program
	case []any:
		for _, element := range v {
			if err := exact(element); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, member := range v {
			if err := exact(member); err != nil {
				return err
			}
		}
	}
	return nil
}
