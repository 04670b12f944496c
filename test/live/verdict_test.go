package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/live"
)

// verdict is what became of one guess.
type verdict struct {
	clerktest.Guess

	answer string
	err    error
}

func (v verdict) applicable() bool { return !errors.Is(v.err, live.ErrNotApplicable) }

// failed reports that the guess cannot stay as it is, or was not settled.
func (v verdict) failed() bool {
	return v.applicable() && (v.err != nil || v.answer != v.Default)
}

// String is the verdict in one line. What a probe answers is about what the
// probe itself has written.
func (v verdict) String() string {
	ours := fmt.Sprintf("%s: ours is %q", v.Name, v.Default)
	switch {
	case !v.applicable():
		return fmt.Sprintf("%s: %v", ours, v.err)
	case v.err != nil:
		return fmt.Sprintf("%s: no answer (%v)", ours, v.err)
	case v.answer == v.Default:
		return fmt.Sprintf("%s, Clerk's %q: confirmed", ours, v.answer)
	case slices.Contains(v.Alternatives, v.answer):
		return fmt.Sprintf("%s, Clerk's %q: REFUTED", ours, v.answer)
	}
	return fmt.Sprintf("%s, Clerk's %q: REFUTED, and none of the answers that clerktest knows", ours, v.answer)
}

// settle asks every guess. The user, whom probes overwrite, is kept; the error
// is about that.
func (i *instance) settle(ctx context.Context) (verdicts []verdict, err error) {
	err = keep(ctx, i.user(), func(fields) error {
		for _, g := range clerktest.Guesses() {
			verdicts = append(verdicts, i.ask(ctx, g))
		}
		return nil
	})
	return verdicts, err
}

func (i *instance) ask(ctx context.Context, g clerktest.Guess) verdict {
	v := verdict{Guess: g}
	probe := live.Probes()[string(g.Name)]
	switch {
	case probe == nil:
		v.err = errors.New("there is no probe")
		return v
	case g.Name == clerktest.MissingMembership && (i.organizationID == "" || i.member):
		v.err = fmt.Errorf("%w: set %s to an organization that the user is no member of", live.ErrNotApplicable, envOrganization)
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	v.answer, v.err = probe(ctx, live.Target{
		Do: i.do, BackendURL: i.backendURL, FrontendURL: i.frontendURL, SecretKey: i.secretKey,
		UserID: i.userID, OrganizationID: i.organizationID, ClientToken: i.clientToken,
	})
	return v
}
