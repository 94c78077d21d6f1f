package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workflows"
)

// New is the API as an http.Handler: every path of openapi.yaml, /openapi.json and /docs.
func New(config Config, d Dependencies) (http.Handler, error) {
	handler, _, err := build(config, d)
	return handler, err
}

// build is New for who also stops the streams that go on for as long as somebody listens.
func build(config Config, d Dependencies) (handler http.Handler, stopStreams func(), err error) {
	config, err = config.withDefaults()
	if err != nil {
		return nil, nil, fmt.Errorf("configuration of the API: %w", err)
	}
	if err := d.validate(); err != nil {
		return nil, nil, err
	}
	spec, err := wire.GetSpec()
	if err != nil {
		return nil, nil, fmt.Errorf("read the API's description: %w", err)
	}
	known, err := newOperations(spec)
	if err != nil {
		return nil, nil, err
	}
	document, err := spec.MarshalJSON()
	if err != nil {
		return nil, nil, fmt.Errorf("write the API's description: %w", err)
	}
	guesses := cache.Rate{PerSecond: max(config.Rate.PerSecond/10, 1), Burst: max(config.Rate.Burst/10, 1)}
	s := &server{
		config: config, store: d.Store, cache: d.Cache, temporal: d.Temporal, keys: d.Keys, metrics: d.Metrics, logger: d.Logger,
		starter: workflows.Starter{Client: d.Temporal, QueuePrefix: config.QueuePrefix},
		limiter: d.Cache.NewLimiter(config.Rate), guesses: d.Cache.NewLimiter(guesses),
		webhooks:   d.Webhooks,
		operations: known, taxonomy: city.DefaultTaxonomy(), currencies: currencies{known: map[city.ID]knownCurrency{}},
		objects: d.Objects, graph: d.Graph, choices: reporting.NewChoices(d.Store, d.Objects),
		live: newLive(d.Store, d.Cache.Streams(config.QueuePrefix), d.Logger),
	}
	return s.withHead(s.engine(document, d)), s.live.stop, nil
}

// engine puts the middleware in its order: what is refused early costs little, and what is logged is all of it.
func (s *server) engine(document []byte, d Dependencies) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.ContextWithFallback = true // handlers get the request's deadline and values through Gin's context
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	_ = engine.SetTrustedProxies(nil) // a forwarded address is the sender's word; the limit goes by the connection
	if d.Traces != nil {
		engine.Use(traced(d.Traces))
	}
	engine.Use(s.observe, s.recoverPanic, s.limitTime, s.authenticate, refuseLoops, s.validate, s.takeIn, s.once)
	engine.NoRoute(notServed)
	engine.NoMethod(s.wrongVerb)
	serveDocs(engine, document)
	s.serveConfirm(engine)
	s.serveCodec(engine, d.Keys)
	handlers := wire.NewStrictHandlerWithOptions(s, []wire.StrictMiddlewareFunc{outliving}, wire.StrictGinServerOptions{
		RequestErrorHandlerFunc:  badRequest,
		HandlerErrorFunc:         fail,
		ResponseErrorHandlerFunc: fail,
	})
	wire.RegisterHandlersWithOptions(engine, handlers, wire.GinServerOptions{
		ErrorHandler: func(c *gin.Context, err error, _ int) { badRequest(c, err) },
	})
	return engine
}

// withHead answers HEAD as GET without the body, which net/http holds back. A stream has no end to wait for.
func (s *server) withHead(engine http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && !s.operations.streams(r.URL.Path) {
			got := *r
			got.Method = http.MethodGet
			r = &got
		}
		engine.ServeHTTP(w, r)
	})
}

// outliving hands a copy of Gin's context to the handlers. Gin takes its own back for the next request, while a timer of a
// context that was derived from it may still look at its parent.
func outliving(next wire.StrictHandlerFunc, _ string) wire.StrictHandlerFunc {
	return func(c *gin.Context, request any) (any, error) { return next(c.Copy(), request) }
}

// traced begins a span for each request, or goes on with the caller's. Probes are no requests of anybody.
func traced(traces *telemetry.Traces) gin.HandlerFunc {
	return otelgin.Middleware("crg-api", otelgin.WithTracerProvider(traces.Provider()), otelgin.WithPropagators(traces.Propagator()),
		otelgin.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/health" && r.URL.Path != "/ready" }))
}

// badRequest answers what passed validation and still could not be read: a number that JSON allows to be written so and
// this API does not, or a day that no month has.
func badRequest(c *gin.Context, err error) {
	p := invalidRequest.because("the request could not be read")
	var number *json.UnmarshalTypeError
	if errors.As(err, &number) {
		p = invalidRequest.field("/"+strings.ReplaceAll(number.Field, ".", "/"), "%s: want a whole number without point or exponent", number.Value)
	}
	p.cause = err
	fail(c, p)
}
