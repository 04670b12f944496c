package request_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/request"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		check func(*request.Fields)
		says  string // "" for what is allowed
	}{
		"text":            {func(f *request.Fields) { f.Text("p", "ü") }, ""},
		"no text":         {func(f *request.Fields) { f.Text("p", "") }, ""},
		"odd text":        {func(f *request.Fields) { f.Text("p", "a\xff") }, "p: is not valid UTF-8"},
		"required":        {func(f *request.Fields) { f.Required("p", "") }, "p: is empty"},
		"list":            {func(f *request.Fields) { f.Texts("p", []string{"a", ""}) }, "p[1]: is empty"},
		"address":         {func(f *request.Fields) { f.Email("p", "ü+x@example.com") }, ""},
		"no host":         {func(f *request.Fields) { f.Email("p", "ada@") }, "p: is not an email address"},
		"no name":         {func(f *request.Fields) { f.Email("p", "@example.com") }, "p: is not an email address"},
		"line in it":      {func(f *request.Fields) { f.Email("p", "a@b\n") }, "p: is not an email address"},
		"addresses":       {func(f *request.Fields) { f.Emails("p", []string{"a@b", "a"}) }, "p[1]: is not an email address"},
		"no link":         {func(f *request.Fields) { f.Link("p", "") }, ""},
		"link of an app":  {func(f *request.Fields) { f.Link("p", "myapp://join") }, ""},
		"app link, path":  {func(f *request.Fields) { f.Link("p", "com.example.app:/join") }, ""},
		"host and port":   {func(f *request.Fields) { f.Link("p", "localhost:3000/join") }, "p: is not an absolute URL"},
		"script":          {func(f *request.Fields) { f.Link("p", "javascript:alert(1)") }, "p: is not an absolute URL"},
		"link to no host": {func(f *request.Fields) { f.Link("p", "https:///join") }, "p: is not an absolute URL"},
		"relative link":   {func(f *request.Fields) { f.Link("p", "/join") }, "p: is not an absolute URL"},
		"broken link":     {func(f *request.Fields) { f.Link("p", "https://[::1") }, "p: is not an absolute URL"},
		"within":          {func(f *request.Fields) { f.Within("p", 365, 365) }, ""},
		"over":            {func(f *request.Fields) { f.Within("p", 366, 365) }, "p: is 366; expected 0 to 365"},
		"below":           {func(f *request.Fields) { f.Within("p", -1, 365) }, "p: is -1; expected 0 to 365"},
		"the first stays": {func(f *request.Fields) { f.Required("p", ""); f.Required("q", "") }, "p: is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &request.Fields{Operation: operation}
			f.Post()
			tc.check(f)
			if tc.says == "" {
				require.NoError(t, f.Err())
				return
			}
			param, _, _ := strings.Cut(tc.says, ":")
			requireInvalid(t, f.Err(), param, tc.says)
		})
	}
}
