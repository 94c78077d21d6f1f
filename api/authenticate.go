package api

import (
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/postgres"
)

// authenticate finds out who sends the request and whether their roles allow the operation. A key is looked up in
// every request, so that a revoked one ends at once.
func (s *server) authenticate(c *gin.Context) {
	op := s.operation(c)
	if op == nil || !op.signedIn {
		return
	}
	caller, ok := s.signIn(c)
	if !ok {
		return
	}
	caller.Role = caller.acting(op.roles)
	c.Request = c.Request.WithContext(withCaller(c.Request.Context(), caller))
	if caller.Role == "" {
		fail(c, forbidden.because("%s needs one of the roles %v; the key has %v", op.route.Operation.OperationID, op.roles, caller.Roles))
	}
}

// signIn finds the caller by its key and holds it to its limit; false when it answered already.
func (s *server) signIn(c *gin.Context) (Caller, bool) {
	caller, err := s.callerByKey(c)
	if err != nil {
		if asProblem(err).kind == unauthenticated {
			// Whoever guesses is slowed down by address.
			if allowed, wait := s.guesses.Allow(c.Request.Context(), "address:"+c.ClientIP()); !allowed {
				err = &problem{kind: rateLimited, detail: "too many requests without a valid key", retry: wait}
			}
		}
		fail(c, err)
		return Caller{}, false
	}
	c.Request = c.Request.WithContext(withCaller(c.Request.Context(), caller))
	if allowed, wait := s.limiter.Allow(c.Request.Context(), "key:"+caller.id()); !allowed {
		fail(c, &problem{kind: rateLimited, detail: "the key's limit is used up", retry: wait})
		return Caller{}, false
	}
	return caller, true
}

func (s *server) callerByKey(c *gin.Context) (Caller, error) {
	scheme, text, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || text == "" {
		return Caller{}, unauthenticated.because("send the header Authorization: Bearer crg_...")
	}
	if !strings.HasPrefix(text, keyPrefix) {
		return Caller{}, unauthenticated.because("the key is not one of this API")
	}
	key, err := s.store.FindKey(c.Request.Context(), sha256.Sum256([]byte(text)))
	if errors.Is(err, postgres.ErrNotFound) {
		return Caller{}, unauthenticated.because("the key is unknown, revoked or expired")
	}
	if err != nil {
		return Caller{}, err
	}
	return Caller{City: key.City, Key: key.ID, Actor: key.Actor, Participant: key.Participant, WorksFor: key.WorksFor, Roles: key.Roles}, nil
}
