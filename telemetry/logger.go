package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// NewLogger writes one JSON object a line to w, from level up. Attributes put into a context by With stand in every
// line that is logged with that context, and so do the ids of the span that the context belongs to.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(contextHandler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

// Keys of the ids that connect a log line with what happened. The Temporal SDK writes WorkflowID and RunID itself.
const (
	RequestIDKey  = "request_id"
	WorkflowIDKey = "workflow_id"
	TraceIDKey    = "trace_id"
	SpanIDKey     = "span_id"
)

type attributesKey struct{}

// With returns a context whose log lines carry attributes besides those of ctx.
func With(ctx context.Context, attributes ...slog.Attr) context.Context {
	before := attributesOf(ctx)
	all := make([]slog.Attr, 0, len(before)+len(attributes))
	all = append(append(all, before...), attributes...)
	return context.WithValue(ctx, attributesKey{}, all)
}

// WithRequestID marks ctx as belonging to one HTTP request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return With(ctx, slog.String(RequestIDKey, id))
}

// WithWorkflowID marks ctx as belonging to one workflow.
func WithWorkflowID(ctx context.Context, id string) context.Context {
	return With(ctx, slog.String(WorkflowIDKey, id))
}

// RequestID is the id of the HTTP request that ctx belongs to; empty when there is none.
func RequestID(ctx context.Context) string {
	for _, attribute := range attributesOf(ctx) {
		if attribute.Key == RequestIDKey {
			return attribute.Value.String()
		}
	}
	return ""
}

func attributesOf(ctx context.Context) []slog.Attr {
	attributes, _ := ctx.Value(attributesKey{}).([]slog.Attr)
	return attributes
}

// contextHandler adds the context's attributes to each record.
type contextHandler struct{ slog.Handler }

// Handle writes the record with them.
func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if attributes := attributesOf(ctx); len(attributes) > 0 {
		record = record.Clone()
		record.AddAttrs(attributes...)
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record = record.Clone()
		record.AddAttrs(slog.String(TraceIDKey, span.TraceID().String()), slog.String(SpanIDKey, span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs is a handler whose records all carry attributes.
func (h contextHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attributes)}
}

// WithGroup is a handler that puts what follows into a group.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}
