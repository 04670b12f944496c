package main

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// setTheme writes for the user whose request it serves, with that user's own
// credential.
func (s *site) setTheme(w http.ResponseWriter, r *http.Request) {
	credential, err := me.FromRequest(r, s.key)
	if err != nil {
		fail(w, err)
		return
	}
	user, rotation, err := s.me.UpdateMetadata(r.Context(), credential, metadata.Patch{"theme": r.PostFormValue("theme")})
	rotation.Apply(w)
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"unsafe_metadata": user.UnsafeMetadata})
}

// fail answers with as much of an error as is the visitor's business.
func fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, clerkerr.ErrUnauthorized):
		http.Error(w, "not signed in", http.StatusUnauthorized)
	case errors.Is(err, clerkerr.ErrCredentialConflict), errors.Is(err, clerkerr.ErrInvalidArgument):
		http.Error(w, "not a request that can be served", http.StatusBadRequest)
	case errors.Is(err, clerkerr.ErrInvalid):
		http.Error(w, "refused", http.StatusUnprocessableEntity)
	default:
		http.Error(w, "Clerk did not answer as it should", http.StatusBadGateway)
	}
}
