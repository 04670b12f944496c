package clerktest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// seedKind is a kind of file. The zero one is a seed, or unknown.
type seedKind struct {
	called string
	// read adds an object of the file to a seed; nil for a kind that holds none.
	read func(*seedBuilder, seedEntry, fields) error
}

func kindOfMigration() seedKind {
	return seedKind{"a file for Clerk's migration tools", (*seedBuilder).migration}
}

const emptyPage = "an empty page"

// kindOf returns the kind of a file by its first object.
func kindOf(members fields) seedKind {
	has := func(names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return members[name] == nil })
	}
	hasAny := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return has(name) })
	}
	object := jsonscan.String(members["object"])
	switch {
	case object == "user", object == "organization":
		return seedKind{"a page of " + object + "s", (*seedBuilder).clerk}
	case object == "organization_membership":
		return seedKind{"a page of memberships", (*seedBuilder).clerk}
	case object == "event" || has("data", "type") && object == "":
		return seedKind{called: "a webhook event"}
	case slices.Contains([]string{"session", "client", "invitation", "organization_invitation"}, object):
		return seedKind{called: "a page of " + strings.ReplaceAll(object, "_", " ") + "s"}
	case object != "":
		return seedKind{called: "objects of Clerk's of another kind"}
	case hasAny("user", "organization") && hasAny("patch", "replace", "unset", "undo", "failure"):
		return seedKind{called: "changes for clerkmeta apply"}
	case hasAny("user", "organization") && hasAny(publicMetadata, privateMetadata, unsafeMetadata):
		return seedKind{"an export of clerkmeta", (*seedBuilder).export}
	case hasAny("encrypted_password", "raw_user_meta_data", "instance_id"):
		return seedKind{called: "users of Supabase"}
	case has("user_id", "identities"):
		return seedKind{called: "users of Auth0"}
	case has("localId"), isFirebase(members):
		return seedKind{called: "users of Firebase"}
	case hasAny("userId", "primary_email_address", "password_digest"):
		return kindOfMigration()
	case has("id", "email"):
		return seedKind{called: "users of Auth.js"}
	case hasAny("openapi", "swagger"):
		return seedKind{called: "an OpenAPI document"}
	case has("$schema"):
		return seedKind{called: "a JSON Schema"}
	case has("errors"):
		return seedKind{called: "an error of Clerk's"}
	case has("operation", "faults"):
		return seedKind{called: "a script of faults"}
	}
	return seedKind{}
}

// isFirebase reports whether an object is an export of Firebase, whose member users is
// also one of a seed.
func isFirebase(members fields) bool {
	return bytes.HasPrefix(bytes.TrimLeft(members["users"], "[ \t\r\n{"), []byte(`"localId"`))
}

// kindOfLine returns the kind of a text that is no JSON by how it begins.
func kindOfLine(text []byte) seedKind {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	switch {
	case bytes.HasPrefix(line, []byte("openapi:")):
		return seedKind{called: "an OpenAPI document"}
	case bytes.Contains(line, []byte(",encrypted_password,")):
		return seedKind{called: "users of Supabase"}
	case bytes.Contains(line, []byte(publicMetadata+"/")), bytes.Contains(line, []byte(privateMetadata+"/")):
		return seedKind{called: "a table of clerkmeta export --csv, beside which there is an export in lines"}
	case len(line) > 0 && !bytes.ContainsRune([]byte("{[\"'"), rune(line[0])) && bytes.ContainsAny(line, ",;\t"):
		return seedKind{called: "a table without the columns of Clerk's migration tools in its first line, separated by commas"}
	}
	return seedKind{}
}

// otherKind returns an error that says what a text that is no seed looks like, nil if it
// looks like nothing known.
func otherKind(text []byte) error {
	d := &document{text: text}
	kind, _, err := recognize(text)
	if kind.called == "" {
		kind = kindOfLine(text)
	}
	switch {
	case err != nil:
		return err
	case kind.called == "", kind.called == emptyPage:
		return nil
	case kind.read != nil:
		return d.fail(0, fmt.Errorf("this looks like %s; expected a seed: clerkmeta emulate --seed and clerktest.ReadSeed make one of it", kind.called))
	case strings.HasPrefix(kind.called, "users of "):
		return d.fail(0, fmt.Errorf("this looks like %s; expected a seed: Clerk's migration tool reads it", kind.called))
	}
	return d.fail(0, fmt.Errorf("this looks like %s; expected a seed, a page of users, organizations or memberships, an export of clerkmeta, or users for Clerk's migration tools", kind.called))
}
