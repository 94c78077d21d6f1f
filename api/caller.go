package api

import (
	"context"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// Caller is who sends a request: a participant, or a person of the city.
type Caller struct {
	City        city.ID
	Key         string             // id of the API key
	Actor       string             // who acts, as decisions and audit rows name them
	Participant city.ParticipantID // for whom; empty for the city's own people
	WorksFor    city.ParticipantID // for whom a person of the city works besides; empty for most
	Roles       []city.Role
	Role        city.Role // of its roles the one that allows the operation
}

// has reports whether the caller has one of roles.
func (c Caller) has(roles ...city.Role) bool {
	return slices.ContainsFunc(roles, func(role city.Role) bool { return slices.Contains(c.Roles, role) })
}

// acting is the first of roles that the caller has; empty when there is none.
func (c Caller) acting(roles []city.Role) city.Role {
	for _, role := range roles {
		if slices.Contains(c.Roles, role) {
			return role
		}
	}
	return ""
}

// seesAll reports whether the caller may read every object of the city, as its own people do. Everybody else reads what
// they are a side of.
func (c Caller) seesAll() bool {
	return c.has(city.Approver, city.Matcher, city.Operator, city.Auditor)
}

// owns reports whether holder is the caller's participant. A key without a participant owns nothing.
func (c Caller) owns(holder city.ParticipantID) bool {
	return c.Participant != "" && c.Participant == holder
}

// id names the caller in rate limits and idempotency keys.
func (c Caller) id() string { return string(c.City) + "/" + c.Key }

type callerKey struct{}

func withCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// callerOf is who sends the request of ctx. Behind authentication there is always one.
func callerOf(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}
