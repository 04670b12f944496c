package clerktest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Limits names a set of rate limits of the Backend API.
type Limits string

// The limits apply to any ten seconds: to the requests of the whole instance except
// GetJWKS, and to the writes (PATCH and PUT, of metadata and of the rest together) of
// one user, organization or membership, which are ten. Invitations have limits of an hour
// besides: 100 of CreateInvitation and 25 of CreateBulkInvitations, 250 of
// CreateOrganizationInvitation and 50 of CreateOrganizationInvitationBulk.
const (
	LimitsOff         Limits = "off"
	LimitsDevelopment Limits = "development" // 100 requests
	LimitsProduction  Limits = "production"  // 1000 requests
)

// most is the number of requests of the instance, 0 for no limit.
func (l Limits) most() (int, error) {
	most, ok := map[Limits]int{"": 0, LimitsOff: 0, LimitsDevelopment: 100, LimitsProduction: 1000}[l]
	if !ok {
		return 0, fmt.Errorf("limits %q are unknown; expected %q, %q or %q", string(l), LimitsOff, LimitsDevelopment, LimitsProduction)
	}
	return most, nil
}

const (
	limitWindow = 10 * time.Second
	limitWrites = 10
)

// limiter remembers the requests of the last ten seconds, at most those that the limit of
// the instance allows.
type limiter struct {
	most   int // 0 is no limit
	recent []limited
	// invited are the times of the requests of the last hour, by operation.
	invited map[Operation][]time.Time
}

// hourly is how many requests of an operation an hour may have, 0 for any number.
func hourly(op Operation) int {
	return map[Operation]int{
		CreateInvitation: 100, CreateBulkInvitations: 25,
		CreateOrganizationInvitation: 250, CreateOrganizationInvitationBulk: 50,
	}[op]
}

// invite counts a request with an hourly limit or returns how long it has to wait.
func (l *limiter) invite(now time.Time, op Operation) (wait time.Duration) {
	most := hourly(op)
	if l.most == 0 || most == 0 {
		return 0
	}
	times := slices.DeleteFunc(l.invited[op], func(at time.Time) bool { return now.Sub(at) >= time.Hour })
	if len(times) >= most {
		return times[0].Add(time.Hour).Sub(now)
	}
	if l.invited == nil {
		l.invited = map[Operation][]time.Time{}
	}
	l.invited[op] = append(times, now)
	return 0
}

type limited struct {
	at     time.Time
	entity string // what it wrote to, "" for other requests
}

// take counts a request or returns how long it has to wait.
func (l *limiter) take(now time.Time, entity string) (wait time.Duration) {
	if l.most == 0 {
		return 0
	}
	l.recent = slices.DeleteFunc(l.recent, func(r limited) bool { return now.Sub(r.at) >= limitWindow })
	all, own := 0, 0
	for _, r := range slices.Backward(l.recent) {
		all++
		if r.entity == entity && entity != "" {
			own++
		}
		// The request that makes a limit full has to leave the window first.
		if wait == 0 && (all == l.most || own == limitWrites) {
			wait = r.at.Add(limitWindow).Sub(now)
		}
	}
	if wait == 0 {
		l.recent = append(l.recent, limited{now, entity})
	}
	return wait
}

// limit refuses a request above the rate limits.
func (c *Clerk) limit(in *call) *problem {
	if in.operation == GetJWKS {
		return nil // it has no limit, as documented
	}
	entity := ""
	if in.Method == http.MethodPatch || in.Method == http.MethodPut {
		entity = strings.TrimSuffix(in.path, "/metadata") + " " + strings.Join(in.ids, " ")
	}
	wait := c.limiter.take(time.Now(), entity)
	if wait == 0 {
		wait = c.limiter.invite(time.Now(), in.operation)
	}
	if wait == 0 {
		return nil
	}
	p := fail(http.StatusTooManyRequests, "too_many_requests")
	p.header = http.Header{headerRetryAfter: {wholeSeconds(wait)}}
	return p
}
