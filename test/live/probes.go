package live

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Probes returns the probe of each guess, by the guess's name.
func Probes() map[string]Probe {
	all := map[string]Probe{}
	for name, ask := range map[string]func(*asker) string{
		"EmptyPatch": func(a *asker) string {
			a.set(`{"a":1}`)
			return a.patch(`{}`).translate(map[string]string{`{"a":1}`: "unchanged", `{}`: "cleared"})
		},
		"ArrayMerge": func(a *asker) string {
			a.set(`{"a":[1]}`)
			return a.patch(`{"a":[2]}`).translate(map[string]string{`{"a":[2]}`: "replaced", `{"a":[1,2]}`: "appended"})
		},
		"NewObjectNulls": func(a *asker) string {
			a.set(`{}`)
			return a.patch(`{"a":{"b":null}}`).translate(map[string]string{`{"a":{}}`: "stripped", `{"a":{"b":null}}`: "kept"})
		},
		"PatchFieldNull": func(a *asker) string {
			a.set(`{"a":1}`)
			return a.patch(`null`).refused(map[string]string{`{"a":1}`: "ignored", `{}`: "cleared"})
		},
		"SizeLimit": func(a *asker) string {
			a.set(`{}`)
			return a.put(sized("a", 8100)).accepted("8192", "8000")
		},
		"SizeScope": func(a *asker) string {
			a.set(sized("a", 5000))
			return a.user(http.MethodPut, `{"public_metadata":`+sized("a", 5000)+`}`).accepted("field", "sum")
		},
		"SizeTiming": func(a *asker) string {
			a.set(sized("a", 5000))
			return a.patch(sized("b", 5000)).accepted("sent", "merged")
		},
		"DuplicateKeys": func(a *asker) string {
			a.set(`{}`)
			return a.put(`{"a":1,"a":2}`).refused(map[string]string{`{"a":2}`: "last"})
		},
		"BigNumbers": func(a *asker) string {
			a.set(`{}`)
			return a.put(`{"a":9007199254740993}`).translate(map[string]string{
				`{"a":9007199254740993}`: "kept", `{"a":9007199254740992}`: "rounded",
			})
		},
		"NoFields": func(a *asker) string {
			return a.user(http.MethodPatch, `{}`).accepted("accepted", "refused")
		},
		"EmptyBody": func(a *asker) string {
			return a.user(http.MethodPatch, ``).accepted("accepted", "refused")
		},
		"BodyLimit": bodyLimit,
		"MissingContentType": func(a *asker) string {
			return a.backend(http.MethodPatch, "/users/"+a.UserID+"/metadata", "", field(`{}`)).accepted("accepted", "refused")
		},
		"MissingMembership": func(a *asker) string {
			path := "/organizations/" + a.OrganizationID + "/memberships/" + a.UserID + "/metadata"
			return a.backend(http.MethodPatch, path, jsonType, `{"public_metadata":{}}`).code()
		},
		"MissingVersion": func(a *asker) string {
			a.version = ""
			return a.general(`{}`).accepted("older", "newest")
		},
		"RetiredFields": func(a *asker) string {
			return a.general(`{}`).code()
		},
		"OlderUpdate": func(a *asker) string {
			a.set(`{"a":1}`)
			a.version = older
			return a.general(`{"b":2}`).translate(map[string]string{`{"b":2}`: "replaced", `{"a":1,"b":2}`: "merged"})
		},
		"InvalidQuery": func(a *asker) string {
			return a.list("limit=0").code()
		},
		"LargeLimit": func(a *asker) string {
			return a.list("limit=501").accepted("cut", "refused")
		},
		"UnknownCursor": func(a *asker) string {
			return a.list("starting_after=user_unknown").accepted("empty", "refused")
		},
		"UnknownToken": func(a *asker) string {
			return a.me("no_such_token", "").code()
		},
		"UnknownSession": func(a *asker) string {
			return a.me(a.ClientToken, "&_clerk_session_id=sess_unknown").code()
		},
		"RotatedToken": rotatedToken,
	} {
		all[name] = func(ctx context.Context, t Target) (string, error) {
			a := &asker{Target: t, ctx: ctx, version: newest}
			answer := ask(a)
			if a.err != nil {
				return "", a.err
			}
			return answer, nil
		}
	}
	return all
}

func bodyLimit(a *asker) string {
	for _, limit := range []int{65536, 1048576, 10485760} {
		body := `{}` + strings.Repeat(" ", limit-1)
		if a.user(http.MethodPatch, body).status == http.StatusRequestEntityTooLarge {
			return strconv.Itoa(limit)
		}
	}
	return "above 10485760"
}

func rotatedToken(a *asker) string {
	if a.me(a.ClientToken, "").header.Get("Authorization") == "" && a.err == nil {
		a.err = ErrNotApplicable
	}
	r := a.me(a.ClientToken, "")
	if r.status == http.StatusUnauthorized {
		return "refused"
	}
	return r.accepted("accepted", r.code())
}

// general is a general update of the user's unsafe metadata.
func (a *asker) general(unsafe string) reply {
	return a.backend(http.MethodPatch, "/users/"+url.PathEscape(a.UserID), jsonType, field(unsafe))
}
