package clerktest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// SetGuesses changes the answers to some guesses; the others stay. A guess or an answer
// that does not exist is an error, and then nothing changes. Reset restores the answers of
// the Config.
func (c *Clerk) SetGuesses(answers map[GuessName]string) error {
	if err := checkAnswers(answers); err != nil {
		return fmt.Errorf("clerktest: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	all := maps.Clone(*c.guesses.Load())
	maps.Copy(all, answers)
	c.guesses.Store(&all)
	c.feed.mark(markGuesses)
	return nil
}

// checkAnswers refuses answers that a guess does not have.
func checkAnswers(answers map[GuessName]string) error {
	guesses := Guesses()
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		i := slices.IndexFunc(guesses, func(g Guess) bool { return g.Name == name })
		if i < 0 {
			return fmt.Errorf("guess %q is unknown", name)
		}
		g, answer := guesses[i], answers[name]
		if answer != g.Default && !slices.Contains(g.Alternatives, answer) {
			return fmt.Errorf("guess %s: answer %q is unknown; expected %q or one of %q", name, answer, g.Default, g.Alternatives)
		}
	}
	return nil
}

// guessJSON is a Guess as JSON, with its present answer.
type guessJSON struct {
	Name         GuessName `json:"name"`
	Question     string    `json:"question"`
	Answer       string    `json:"answer"`
	Default      string    `json:"default"`
	Alternatives []string  `json:"alternatives"`
	Strict       string    `json:"strict"`
	Lenient      string    `json:"lenient"`
}

func (c *Clerk) controlGuesses(url.Values, []byte) (any, error) {
	var all []guessJSON
	for _, g := range Guesses() {
		all = append(all, guessJSON{g.Name, g.Question, c.guess(g.Name), g.Default, g.Alternatives, g.Strict, g.Lenient})
	}
	return map[string]any{"guesses": all}, nil
}

const answersSchema = `{"type": "object", "additionalProperties": {"type": "string"}}`

// controlSetGuesses takes answers by the names of their guesses.
func (c *Clerk) controlSetGuesses(_ url.Values, body []byte) (any, error) {
	answers := map[GuessName]string{}
	if _, err := readDocument(body, answersSchema, &answers); err != nil {
		return nil, err
	}
	if err := c.SetGuesses(answers); err != nil {
		return nil, err
	}
	return c.controlGuesses(nil, nil)
}

// controlOperations lists Clerk's operations, which faults can be scripted for.
func (c *Clerk) controlOperations(url.Values, []byte) (any, error) {
	type operation struct {
		ID       Operation `json:"id"`
		API      API       `json:"api"`
		Modelled bool      `json:"modelled"`
	}
	var all []operation
	for _, r := range routes() {
		all = append(all, operation{r.operation, r.api, r.handle != nil})
	}
	return map[string]any{"operations": all}, nil
}
