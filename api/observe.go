package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/telemetry"
)

var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// observe gives each request its id, counts it, times it and logs it in one line.
func (s *server) observe(c *gin.Context) {
	started := time.Now()
	id := c.GetHeader("X-Request-Id")
	if !requestIDs.MatchString(id) { // from outside, so it goes into logs only when it is plain
		id = newRequestID()
	}
	c.Header("X-Request-Id", id)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Request = c.Request.WithContext(telemetry.WithRequestID(c.Request.Context(), id))
	c.Next()

	route := c.FullPath()
	if route == "" {
		route = "none" // the paths that strangers try are without end
	}
	seconds := time.Since(started).Seconds()
	s.metrics.Requests.WithLabelValues(method(c.Request), route, strconv.Itoa(c.Writer.Status())).Inc()
	if op := s.operation(c); op == nil || !op.streams || c.Writer.Status() != http.StatusOK { // how long somebody listened is no delay
		s.metrics.RequestSeconds.WithLabelValues(method(c.Request), route).Observe(seconds)
	}
	s.log(c, route, seconds)
}

// method keeps invented methods out of the metrics' labels.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

func (s *server) log(c *gin.Context, route string, seconds float64) {
	ctx := c.Request.Context()
	level := slog.LevelInfo
	switch {
	case c.Writer.Status() >= http.StatusInternalServerError:
		level = slog.LevelError
	case route == "/health" || route == "/ready":
		level = slog.LevelDebug
	}
	if !s.logger.Enabled(ctx, level) {
		return
	}
	caller := callerOf(ctx)
	attributes := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", route), slog.String("path", c.Request.URL.Path),
		slog.Int("status", c.Writer.Status()), slog.Float64("seconds", seconds),
		slog.String("city", string(caller.City)), slog.String("key", caller.Key),
	}
	if last := c.Errors.Last(); last != nil {
		attributes = append(attributes, slog.String("error", last.Error()))
	}
	s.logger.LogAttrs(ctx, level, "request", attributes...)
}

// recoverPanic answers a request whose handler panicked; the process and its other requests go on.
func (s *server) recoverPanic(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler { //nolint:errorlint // the server's own signal, compared as it says
			panic(cause)
		}
		ctx := c.Request.Context()
		s.logger.ErrorContext(ctx, "a handler panicked", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		p := internal.because("report the request_id; repeating the request with the same key is safe")
		p.cause = fmt.Errorf("panic: %v", cause)
		fail(c, p)
	}()
	c.Next()
}

// limitTime bounds a request in time and its body in size; a stream ends when its client leaves.
func (s *server) limitTime(c *gin.Context) {
	if op := s.operation(c); op != nil && op.streams {
		c.Next()
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.config.RequestTime)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	limit := int64(maxBody)
	if op := s.operation(c); op != nil && op.takesFile {
		limit = maxFile
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	c.Next()
}

func newRequestID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	return hex.EncodeToString(id[:])
}
