package security

import (
	"context"
	"iter"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// sdk is everything that can be called.
type sdk struct {
	*client.Client

	me *me.Service
}

// outcome is what a call came to: results are data, the rest is not.
type outcome struct {
	results []any
	others  []any
	err     error
}

// call is one way into the module.
type call struct {
	name string
	do   func(context.Context, sdk) outcome
}

func calls() []call {
	all := append(userCalls(), organizationCalls()...)
	for name, credential := range map[string]me.Credential{
		"cookie": me.Cookie(cookieToken), "native": me.NativeToken(nativeToken),
		"native, a bearer": me.NativeToken("Bearer " + nativeToken),
		"dev browser":      me.DevBrowser(devToken).WithSession("sess_1"),
	} {
		all = append(all, meCalls(name, credential)...)
	}
	return append(all, bulkCalls()...)
}

func result[T any](r T, err error) outcome { return outcome{results: []any{r}, err: err} }

func renewed[T any](r T, rotation me.Rotation, err error) outcome {
	return outcome{results: []any{r}, others: []any{rotation}, err: err}
}

func walked[T any](all iter.Seq2[T, error]) (o outcome) {
	for entry, err := range all {
		o.results = append(o.results, entry)
		o.err = err
	}
	return o
}

// content is metadata as a typed view decodes it.
type content map[string]any

// misfit is what no metadata of the tests decodes into.
type misfit struct {
	Plan  int  `json:"plan,omitempty"`
	Seats int8 `json:"seats,omitempty"`
}

func change(c content) error {
	c["plan"], c["seats"] = sentText, number(sentNumber)
	return nil
}

func userCalls() []call {
	return []call{
		{"UpdateUserMetadata", func(ctx context.Context, s sdk) outcome {
			return result(s.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{
				PublicMetadata: patch(), PrivateMetadata: patch(), UnsafeMetadata: patch(),
			}))
		}},
		{"ReplaceUserMetadata", func(ctx context.Context, s sdk) outcome {
			return result(s.Users.ReplaceUserMetadata(ctx, "user_1", users.ReplaceUserMetadataParams{PrivateMetadata: value()}))
		}},
		{"GetUser", func(ctx context.Context, s sdk) outcome { return result(s.Users.GetUser(ctx, "user_1")) }},
		{"GetMany", func(ctx context.Context, s sdk) outcome {
			found, missing, err := s.Users.GetMany(ctx, []string{"user_1", "user_9"})
			return outcome{results: []any{found, missing}, err: err}
		}},
		{"users.All", func(ctx context.Context, s sdk) outcome {
			return walked(s.Users.All(ctx, users.AllParams{PageSize: 1}))
		}},
		{"users.View.Get", func(ctx context.Context, s sdk) outcome {
			return result(users.As[wholeUser](s.Users).Get(ctx, "user_1"))
		}},
		{"users.View.Get, a type that does not fit", func(ctx context.Context, s sdk) outcome {
			return result(users.As[misfitting](s.Users).Get(ctx, "user_1"))
		}},
		{"users.View.All, a type that does not fit", func(ctx context.Context, s sdk) outcome {
			return walked(users.As[misfitting](s.Users).All(ctx, users.AllParams{}))
		}},
		{"users.View.GetMany, a type that does not fit", func(ctx context.Context, s sdk) outcome {
			return walked(users.As[misfitting](s.Users).GetMany(ctx, []string{"user_1", "user_9"}))
		}},
		{"users.View.Modify", func(ctx context.Context, s sdk) outcome {
			return result(users.As[wholeUser](s.Users).Modify(ctx, "user_1",
				func(v *wholeUser) error { return change(v.Private) }))
		}},
		{"users.Writer", func(ctx context.Context, s sdk) outcome {
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

// What typed views decode into.
type (
	wholeUser struct {
		Public  content `json:"public_metadata"`
		Private content `json:"private_metadata"`
		Unsafe  content `json:"unsafe_metadata"`
	}
	misfitting struct {
		Private misfit `json:"private_metadata"`
	}
	myself struct {
		Unsafe content `json:"unsafe_metadata"`
	}
)

func organizationCalls() []call {
	return []call{
		{"UpdateOrganizationMetadata", func(ctx context.Context, s sdk) outcome {
			return result(s.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch()}))
		}},
		{"ReplaceOrganizationMetadata", func(ctx context.Context, s sdk) outcome {
			return result(s.Organizations.ReplaceOrganizationMetadata(ctx, "org_1", organizations.ReplaceOrganizationMetadataParams{PrivateMetadata: value()}))
		}},
		{"UpdateOrganizationMembershipMetadata", func(ctx context.Context, s sdk) outcome {
			return result(s.Organizations.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1",
				organizations.UpdateOrganizationMembershipMetadataParams{PrivateMetadata: patch()}))
		}},
		{"GetOrganization", func(ctx context.Context, s sdk) outcome { return result(s.Organizations.GetOrganization(ctx, "org_1")) }},
		{"GetOrganizationMembership", func(ctx context.Context, s sdk) outcome {
			return result(s.Organizations.GetOrganizationMembership(ctx, "org_1", "user_1"))
		}},
		{"organizations.All", func(ctx context.Context, s sdk) outcome {
			return walked(s.Organizations.All(ctx, organizations.AllParams{}))
		}},
		{"AllMemberships", func(ctx context.Context, s sdk) outcome {
			return walked(s.Organizations.AllMemberships(ctx, "org_1", organizations.AllParams{}))
		}},
	}
}

func meCalls(with string, credential me.Credential) []call {
	return []call{
		{"me.UpdateMetadata, " + with, func(ctx context.Context, s sdk) outcome {
			return renewed(s.me.UpdateMetadata(ctx, credential, patch()))
		}},
		{"me.ReplaceMetadata, " + with, func(ctx context.Context, s sdk) outcome {
			return renewed(s.me.ReplaceMetadata(ctx, credential, value()))
		}},
		{"me.GetMe, " + with, func(ctx context.Context, s sdk) outcome { return renewed(s.me.GetMe(ctx, credential)) }},
		{"me.View.Modify, " + with, func(ctx context.Context, s sdk) outcome {
			return renewed(me.As[myself](s.me).Modify(ctx, credential,
				func(m *myself) error { return change(m.Unsafe) }))
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
		{"bulk.Plan", func(ctx context.Context, s sdk) outcome {
			return each(bulk.Plan(ctx, s.Client, bulk.ReadNDJSON(strings.NewReader(changes())), bulk.PlanParams{}))
		}},
		{"bulk.Apply", func(ctx context.Context, s sdk) outcome {
			return each(bulk.Apply(ctx, s.Client, bulk.ReadNDJSON(strings.NewReader(changes())), bulk.ApplyParams{}))
		}},
	}
}
