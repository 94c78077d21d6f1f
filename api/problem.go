package api

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/telemetry"
)

// problem is an answer that says what is wrong (RFC 9457). Handlers return it as an error. Its kind is the stable part
// that clients may rely on; nothing of the inside stands in it.
type problem struct {
	kind   kind
	detail string
	state  string
	fields []wire.FieldError
	retry  time.Duration // Retry-After; zero means no such header
	cause  error         // for the log only
}

// kind is one of the ways in which a request can fail.
type kind struct {
	name   string
	status int
	title  string
}

// The kinds of problem. docs/api.md lists them; a test compares the two.
var (
	invalidRequest  = kind{"invalid-request", http.StatusBadRequest, "The request does not fit the API's description"}
	unauthenticated = kind{"unauthenticated", http.StatusUnauthorized, "No valid API key"}
	forbidden       = kind{"forbidden", http.StatusForbidden, "The key may not do this"}
	ownInterest     = kind{"conflict-of-interest", http.StatusForbidden, "Who signs for the city is bound to a party"}
	notFound        = kind{"not-found", http.StatusNotFound, "No such object"}
	wrongMethod     = kind{"method-not-allowed", http.StatusMethodNotAllowed, "No such method here"}
	conflict        = kind{"conflict", http.StatusConflict, "It contradicts what is there"}
	stateConflict   = kind{"state-conflict", http.StatusConflict, "Its state does not allow this"}
	inProgress      = kind{"request-in-progress", http.StatusConflict, "The same request is still under way"}
	eventsGone      = kind{"events-gone", http.StatusGone, "The events are no longer kept"}
	changed         = kind{"precondition-failed", http.StatusPreconditionFailed, "It was changed meanwhile"}
	tooLarge        = kind{"too-large", http.StatusRequestEntityTooLarge, "The body is too large"}
	wrongMedia      = kind{"unsupported-media-type", http.StatusUnsupportedMediaType, "The body is of another type"}
	refused         = kind{"refused", http.StatusUnprocessableEntity, "It cannot be done as asked"}
	keyReused       = kind{"idempotency-key-reused", http.StatusUnprocessableEntity, "The key belongs to another request"}
	rateLimited     = kind{"rate-limited", http.StatusTooManyRequests, "Too many requests"}
	loop            = kind{"loop", http.StatusLoopDetected, "A notice came back to the API that sent it"}
	internal        = kind{"internal", http.StatusInternalServerError, "The server failed"}
	away            = kind{"dependency-away", http.StatusServiceUnavailable, "A dependency does not answer"}
	inMaintenance   = kind{"maintenance", http.StatusServiceUnavailable, "Nothing new is taken in"}
	timedOut        = kind{"timed-out", http.StatusServiceUnavailable, "It took too long"}
)

// uri is the problem's type. It is a name, not an address.
func (k kind) uri() string { return "urn:crg:problem:" + k.name }

// because makes a problem of this kind.
func (k kind) because(format string, args ...any) *problem {
	return &problem{kind: k, detail: fmt.Sprintf(format, args...)}
}

// field is a problem of this kind with one field.
func (k kind) field(name, format string, args ...any) *problem {
	detail := fmt.Sprintf(format, args...)
	return &problem{kind: k, detail: name + ": " + detail, fields: []wire.FieldError{{Field: name, Detail: detail}}}
}

// Error is the problem in one line.
func (p *problem) Error() string {
	if p.cause != nil {
		return p.kind.name + ": " + p.detail + ": " + p.cause.Error()
	}
	return p.kind.name + ": " + p.detail
}

// Unwrap is what the problem came from.
func (p *problem) Unwrap() error { return p.cause }

// body is the problem as a document about the object at path.
func (p *problem) body(ctx context.Context, path string) wire.Problem {
	return wire.Problem{
		Type: p.kind.uri(), Title: p.kind.title, Status: p.kind.status, Detail: p.detail, State: p.state,
		Errors: p.fields, Instance: path, RequestID: telemetry.RequestID(ctx),
	}
}

// write answers the request with the problem.
func (p *problem) write(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	if p.retry > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retry.Seconds()))))
	}
	if p.kind == unauthenticated && header.Get("WWW-Authenticate") == "" {
		header.Set("WWW-Authenticate", `Bearer realm="crg"`)
	}
	body, err := json.Marshal(p.body(c.Request.Context(), c.Request.URL.Path))
	if err != nil { // a struct of strings always marshals
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Writer.WriteHeader(p.kind.status)
	_, _ = c.Writer.Write(body) // the client may have left
	c.Abort()
}

// fail answers the request with what err means to its caller and notes the cause for the log.
func fail(c *gin.Context, err error) {
	p := asProblem(err)
	_ = c.Error(p)
	p.write(c)
}
