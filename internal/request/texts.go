package request

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Text returns a text that may be empty, and refuses one that is not UTF-8.
func (f *Fields) Text(param, text string) string {
	f.refuse(!utf8.ValidString(text), param, "is not valid UTF-8")
	return text
}

// Required returns a text, and refuses an empty one too.
func (f *Fields) Required(param, text string) string {
	f.refuse(text == "", param, "is empty")
	return f.Text(param, text)
}

// Texts returns a list, of which each element is Required.
func (f *Fields) Texts(param string, texts []string) []string {
	for i, text := range texts {
		f.Required(fmt.Sprintf("%s[%d]", param, i), text)
	}
	return texts
}

// Email returns an email address. It refuses only what is certainly none.
func (f *Fields) Email(param, address string) string {
	f.Required(param, address)
	name, host, _ := strings.Cut(address, "@")
	f.refuse(name == "" || host == "" || strings.ContainsFunc(address, unicode.IsSpace), param, "is not an email address")
	return address
}

// Emails returns a list of email addresses.
func (f *Fields) Emails(param string, addresses []string) []string {
	for i, address := range addresses {
		f.Email(fmt.Sprintf("%s[%d]", param, i), address)
	}
	return addresses
}

// Link returns an absolute URL, or an empty one. The error does not quote it.
func (f *Fields) Link(param, link string) string {
	u, err := url.Parse(f.Text(param, link))
	f.refuse(link != "" && (err != nil || !isAbsolute(u)), param, "is not an absolute URL")
	return link
}

// isAbsolute also allows the link of an app, which may have no host. "localhost:3000/join"
// reads as a URL with the scheme localhost.
func isAbsolute(u *url.URL) bool {
	isWeb := u.Scheme == "https" || u.Scheme == "http"
	return u.Scheme != "" && u.Opaque == "" && (u.Host != "" || !isWeb)
}

// Within returns a number from 0, which leaves it out, to most.
func (f *Fields) Within(param string, n, most int) int {
	f.refuse(n < 0 || n > most, param, fmt.Sprintf("is %d; expected 0 to %d", n, most))
	return n
}

// refuse refuses a parameter if it is bad.
func (f *Fields) refuse(bad bool, param, reason string) {
	if bad {
		f.Check(clerkerr.Invalid(f.Operation, param, errors.New(reason)))
	}
}
