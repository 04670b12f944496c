package me_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// saveTheme stores a form's field in the unsafe metadata of the user whose
// browser or app sent it.
func saveTheme(svc *me.Service, publishableKey string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		credential, err := me.FromRequest(r, publishableKey)
		if err != nil {
			refuse(w, err)
			return
		}
		_, rotation, err := svc.UpdateMetadata(r.Context(), credential, metadata.Patch{"theme": r.PostFormValue("theme")})
		rotation.Apply(w) // before the status, and on errors too
		if err != nil {
			refuse(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// refuse answers what went wrong, in its own words: an error's text is for
// the log.
func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, clerkerr.ErrUnauthorized):
		http.Error(w, "sign in first", http.StatusUnauthorized)
	case errors.Is(err, clerkerr.ErrInvalid):
		http.Error(w, "that cannot be saved", http.StatusBadRequest)
	default:
		http.Error(w, "try again later", http.StatusBadGateway)
	}
}

// A handler writes on behalf of the user who asks, and hands back what Clerk
// renewed of the credential.
func ExampleFromRequest() {
	clerk, err := clerktest.Config{Rotation: true}.New(clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1"}},
		Sessions: []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	svc, err := clerk.NewFrontend() // in production client.NewFrontend
	if err != nil {
		log.Fatal(err)
	}
	// A browser sends its cookies with what other sites make it send as well.
	app := httptest.NewServer(http.NewCrossOriginProtection().Handler(saveTheme(svc, "")))
	defer app.Close()

	for _, cookie := range []string{"__client=client-token-1", "__client=a; __client=b", ""} {
		form := strings.NewReader(url.Values{"theme": {"dark"}}.Encode())
		r, err := http.NewRequest(http.MethodPost, app.URL, form)
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		answer.Body.Close()
		fmt.Printf("%d, cookies: %d\n", answer.StatusCode, len(answer.Cookies()))
	}
	user, _ := clerk.User("user_1")
	fmt.Println(user.UnsafeMetadata)
	// Output:
	// 204, cookies: 1
	// 400, cookies: 0
	// 401, cookies: 0
	// {"theme":"dark"}
}
