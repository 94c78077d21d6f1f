package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workflows"
)

// server implements the generated interface; its handlers are one family a file.
type server struct {
	config     Config
	store      *postgres.Store
	cache      *cache.Cache
	temporal   client.Client
	starter    workflows.Starter
	keys       *codec.Keys // nil = payloads are not sealed
	metrics    *telemetry.Metrics
	logger     *slog.Logger
	limiter    *cache.Limiter
	guesses    *cache.Limiter
	operations operations
	taxonomy   *city.Taxonomy
	currencies currencies
	webhooks   WebhookChecker
	objects    activities.Objects
	graph      *graph.Graph
	choices    *reporting.Choices
	live       *live
	listeners  atomic.Int64
}

var _ wire.StrictServerInterface = (*server)(nil)

// operation is what the API's description says of the request; nil for what stands outside it, such as /docs.
func (s *server) operation(c *gin.Context) *operation {
	return s.operations[c.Request.Method+" "+c.FullPath()]
}

// started is the answer to a start.
func (s *server) started(id, workflowID, location string) wire.StartedResponseJSONResponse {
	return wire.StartedResponseJSONResponse{
		Body:    wire.Started{ID: id, WorkflowID: workflowID, Location: location, WebUI: s.link(workflowID)},
		Headers: wire.StartedResponseResponseHeaders{Location: location},
	}
}

// link is the workflow's page in the Web UI.
func (s *server) link(workflowID string) string {
	return workflows.Link(s.config.WebUI, s.config.Namespace, workflowID)
}

// locate is the path of an object.
func locate(family, id string) string { return "/api/v1/" + family + "/" + url.PathEscape(id) }

// page is a list's page as the store wants it.
func page(after string, limit int) postgres.Page { return postgres.Page{After: after, Limit: limit} }

// badCursor names the parameter when the store could not read a cursor.
func badCursor(after string, err error) error {
	if after != "" && errors.Is(err, postgres.ErrInvalid) {
		return invalidRequest.field("after", "want what the page before gave as next")
	}
	return err
}

// version is an ETag: it differs whenever one of parts does.
func version(updated time.Time, parts ...any) string {
	text := strconv.FormatInt(updated.UnixMicro(), 36)
	for _, part := range parts {
		text += fmt.Sprint("-", part)
	}
	return strconv.Quote(text)
}

// checkVersion refuses a change to something that is no longer as it was read.
func checkVersion(ifMatch, current string) error {
	if ifMatch == "" || ifMatch == "*" || ifMatch == current {
		return nil
	}
	return changed.because("If-Match %s: it is %s now; read it again", ifMatch, current)
}

func notServed(c *gin.Context) {
	fail(c, notFound.because("%s is not a path of this API: see /docs", c.Request.URL.Path))
}

func (s *server) wrongVerb(c *gin.Context) {
	if allowed := s.operations.allowed(c.Request.URL.Path); allowed != "" {
		c.Header("Allow", allowed)
	}
	fail(c, wrongMethod.because("%s %s: see /docs", c.Request.Method, c.Request.URL.Path))
}
