package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

const (
	admin = "admin" // a role
	free  = "free"  // a plan

	// freshness is how old a role may be that opens a route of admins. Each admin who is
	// active costs one read of Clerk in it, at most.
	freshness = time.Second
)

var (
	roles = []string{admin, "member"}
	plans = []string{free, "pro"}
)

// profile is the public metadata of a user.
type profile struct {
	Role string `json:"role"`
	Plan string `json:"plan"`
}

// member is a user as session tokens have one, and person as the mirror does.
type (
	member struct {
		Public profile `json:"public_metadata"`
	}
	person struct {
		ID     string  `json:"id"`
		Name   string  `json:"first_name"`
		Public profile `json:"public_metadata"`
	}
)

//go:embed page.html
var pageText string

type site struct {
	url      string
	clerkURL string
	client   *client.Client
	mirror   *mirror.Mirror
	// signedIn believes the session token; fresh reads the user again where it is old.
	signedIn, fresh func(http.Handler) http.Handler
	clerkEvents     *webhook.Receiver
	page            *template.Template
	log             *slog.Logger
}

func newSite(url string, clerk *clerktest.Clerk, db *pgxpool.Pool, logger *slog.Logger) (*site, error) {
	s := &site{url: url, log: logger}
	var err error
	if s.page, err = template.New("page").Parse(pageText); err != nil {
		return nil, err
	}
	if s.clerkURL, err = clerk.URL(); err != nil {
		return nil, err
	}
	if s.client, err = clerk.NewClient(); err != nil { // in production: client.FromEnv()
		return nil, err
	}
	if s.mirror, err = mirror.New(db, s.client, mirror.Config{PrivateMetadata: true, Logger: logger}); err != nil {
		return nil, err
	}
	if s.clerkEvents, err = webhook.New(webhook.SigningSecret(clerktest.DefaultWebhookSecret)); err != nil {
		return nil, err
	}
	key, err := clerk.PublishableKey()
	if err != nil {
		return nil, err
	}
	verifier, err := claims.New(claims.Config{
		PublishableKey:    key,
		AuthorizedParties: []string{url},
		Users:             s.client.Users,
		Source:            s.mirror,
		Refuse:            s.refuse,
	})
	if err != nil {
		return nil, err
	}
	if s.signedIn, err = claims.For[member](verifier); err != nil {
		return nil, err
	}
	s.fresh, err = claims.Require[member](verifier, freshness)
	return s, err
}

func (s *site) routes() http.Handler {
	// Browsers send cookies with what other sites post, too.
	own := http.NewCrossOriginProtection()
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { s.show(w, http.StatusOK, "home", nil) })
	pages.HandleFunc("POST /sign-in", s.signIn)
	pages.Handle("GET /account", s.signedIn(http.HandlerFunc(s.showAccount)))
	pages.Handle("POST /checkout", s.signedIn(http.HandlerFunc(s.checkout)))
	pages.Handle("GET /admin", s.admins(s.showAdmin))
	pages.Handle("POST /admin/role", s.admins(s.setRole))
	mux := http.NewServeMux()
	mux.Handle("/", own.Handler(pages))
	mux.Handle("/clerk", s.clerkEvents.Handler(s.mirror.Handle))
	mux.HandleFunc("POST /stripe", s.receiveStripe)
	return mux
}

// admins passes on the requests of users who are admins now, whatever their token says.
func (s *site) admins(next http.HandlerFunc) http.Handler {
	return s.fresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m, ok := claims.From[member](r.Context()); !ok || m.Public.Role != admin {
			s.show(w, http.StatusForbidden, "refused", "for admins only")
			return
		}
		next(w, r)
	}))
}

// refuse answers a request without a valid session token, and logs why. Only with status
// 401 is nobody signed in.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, err *claims.Error) {
	s.log.WarnContext(r.Context(), "refused", "path", r.URL.Path, "err", err)
	reason := "not signed in, or no longer"
	if err.Status != http.StatusUnauthorized {
		reason = "not possible now, try again in a minute"
	}
	s.show(w, err.Status, "refused", reason)
}

// signIn sets the cookie that Clerk's browser client sets by itself.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	token, err := s.sessionToken(r.Context(), r.PostFormValue("user"))
	if err != nil {
		s.show(w, http.StatusUnauthorized, "refused", "no such user")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "__session", Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// showAccount shows what the session token says.
func (s *site) showAccount(w http.ResponseWriter, r *http.Request) {
	m, _ := claims.From[member](r.Context())
	s.show(w, http.StatusOK, "account", m.Public)
}

// checkout has Stripe send what it does when a user has paid.
func (s *site) checkout(w http.ResponseWriter, r *http.Request) {
	session, _ := claims.SessionFrom(r.Context())
	for _, event := range stripeEvents(session.UserID) {
		status, err := sendStripeEvent(r.Context(), s.url, event)
		if err != nil || status != http.StatusNoContent {
			s.show(w, http.StatusBadGateway, "refused", "the event of Stripe's was not handled")
			return
		}
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

func (s *site) showAdmin(w http.ResponseWriter, r *http.Request) {
	found, err := s.usersByPlan(r.Context())
	if err != nil {
		s.log.ErrorContext(r.Context(), "users by plan", "err", err)
		s.show(w, http.StatusServiceUnavailable, "refused", "the list of users is not available")
		return
	}
	s.show(w, http.StatusOK, "admin", map[string]any{"Plans": found, "Roles": roles})
}

// usersByPlan reads Postgres alone.
func (s *site) usersByPlan(ctx context.Context) (map[string][]*person, error) {
	found := map[string][]*person{}
	for _, plan := range plans {
		for p, err := range mirror.Find[person](ctx, s.mirror, mirror.Where("public_metadata.plan", plan)) {
			if err != nil {
				return nil, err
			}
			found[plan] = append(found[plan], p)
		}
		slices.SortFunc(found[plan], func(a, b *person) int { return strings.Compare(a.ID, b.ID) })
	}
	return found, nil
}

// setRole writes to Clerk alone: Clerk's webhook brings it to the mirror, as it does what
// someone changes in Clerk's dashboard.
func (s *site) setRole(w http.ResponseWriter, r *http.Request) {
	role := r.PostFormValue("role")
	if !slices.Contains(roles, role) {
		s.show(w, http.StatusBadRequest, "refused", "no such role")
		return
	}
	_, err := s.client.Users.UpdateUserMetadata(r.Context(), r.PostFormValue("user"), users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": role},
	})
	switch {
	case errors.Is(err, clerkerr.ErrNotFound), errors.Is(err, clerkerr.ErrInvalidArgument):
		s.show(w, http.StatusBadRequest, "refused", "no such user")
	case err != nil:
		s.log.ErrorContext(r.Context(), "role", "err", err)
		s.show(w, http.StatusBadGateway, "refused", "whether the role changed is unknown: look, and try again")
	default:
		http.Redirect(w, r, "/admin", http.StatusSeeOther)
	}
}

// show writes a page.
func (s *site) show(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := s.page.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(page.Bytes())
}
