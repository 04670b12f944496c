package security

import (
	"context"
	"iter"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// outcome is what a call came to: results are data, the rest is not.
type outcome struct {
	results []any
	others  []any
	err     error
}

// call is one way into the module.
type call struct {
	name string
	do   func(context.Context, calls.SDK) outcome
}

// everyCall is every call of the services, those of the Frontend API with each kind
// of credential, and what stands on them.
func everyCall() []call {
	var all []call
	for _, c := range calls.All() {
		for name, in := range inputs(c) {
			all = append(all, call{c.Name + name, func(ctx context.Context, s calls.SDK) outcome {
				r := c.Do(ctx, s, in)
				return outcome{results: append(r.Before, r.Found...), others: []any{r.Rotation}, err: r.Err}
			}})
		}
	}
	return append(append(all, misfits()...), bulkCalls()...)
}

func inputs(c calls.Call) map[string]calls.Input {
	in := calls.Input{User: "user_1", Organization: "org_1", Newcomer: "user_2", Invitation: "inv_1", MemberInvitation: "orginv_1", Password: webPassword, Patch: calls.Same(patch()), Value: calls.Same(value()), PageSize: 1}
	if !c.IsFrontend() {
		return map[string]calls.Input{"": in}
	}
	all := map[string]calls.Input{}
	for name, credential := range map[string]me.Credential{
		", cookie": me.Cookie(cookieToken), ", native": me.NativeToken(nativeToken),
		", native, a bearer": me.NativeToken("Bearer " + nativeToken),
		", dev browser":      me.DevBrowser(devToken).WithSession("sess_1"),
	} {
		in.Credential = credential
		all[name] = in
	}
	return all
}

func walked[T any](all iter.Seq2[T, error]) (o outcome) {
	for entry, err := range all {
		o.results = append(o.results, entry)
		o.err = err
	}
	return o
}

// misfit is what no metadata of the tests decodes into.
type misfit struct {
	Plan  int  `json:"plan,omitempty"`
	Seats int8 `json:"seats,omitempty"`
}

// What typed views decode into.
type (
	wholeUser struct {
		Public  object `json:"public_metadata"`
		Private object `json:"private_metadata"`
		Unsafe  object `json:"unsafe_metadata"`
	}
	misfitting struct {
		Private misfit `json:"private_metadata"`
	}
	myself struct {
		Unsafe object `json:"unsafe_metadata"`
	}
)

// misfits are typed views of a type that does not fit, and a writer.
func misfits() []call {
	return []call{
		{"users.View.Get, a type that does not fit", func(ctx context.Context, s calls.SDK) outcome {
			r, err := users.As[misfitting](s.Users).Get(ctx, "user_1")
			return outcome{results: []any{r}, err: err}
		}},
		{"users.View.All, a type that does not fit", func(ctx context.Context, s calls.SDK) outcome {
			return walked(users.As[misfitting](s.Users).All(ctx, users.AllParams{}))
		}},
		{"users.View.GetMany, a type that does not fit", func(ctx context.Context, s calls.SDK) outcome {
			return walked(users.As[misfitting](s.Users).GetMany(ctx, []string{"user_1", "user_9"}))
		}},
		{"users.Writer", func(ctx context.Context, s calls.SDK) outcome {
			w, err := writer.Users(s.Users, writer.Config{})
			if err != nil {
				return outcome{err: err}
			}
			wait, err := w.Submit(ctx, "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch()})
			if err != nil {
				return outcome{err: err}
			}
			_, err = w.Submit(ctx, "user_2", users.UpdateUserMetadataParams{PublicMetadata: patch()})
			flushed := w.Flush(ctx)
			user, waited := wait(ctx)
			return outcome{results: []any{user}, others: []any{err, flushed, waited}, err: w.Close(ctx)}
		}},
	}
}

// changes are two of which the second may be held back.
func changes() string {
	line := `{"user":"user_1","patch":{"private_metadata":` + string(mustJSON(sent())) + "}}\n"
	return line + line + `{"organization":"org_1","unset":["public_metadata/plan"]}` + "\n"
}

// bulkCalls yield results that hold the changes, which are data; what became of
// them is not.
func bulkCalls() []call {
	each := func(all iter.Seq2[bulk.Result, error]) (o outcome) {
		for r, err := range all {
			o.results = append(o.results, r)
			o.others = append(o.others, r.Err, r.Diff, r.Outcome, r.Change.Entity(), err)
		}
		return o
	}
	return []call{
		{"bulk.Plan", func(ctx context.Context, s calls.SDK) outcome {
			return each(bulk.Plan(ctx, s.Client, bulk.ReadNDJSON(strings.NewReader(changes())), bulk.PlanParams{}))
		}},
		{"bulk.Apply", func(ctx context.Context, s calls.SDK) outcome {
			return each(bulk.Apply(ctx, s.Client, bulk.ReadNDJSON(strings.NewReader(changes())), bulk.ApplyParams{}))
		}},
	}
}
