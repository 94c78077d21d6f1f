package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/api/wire"
)

// validate refuses a request that does not fit the API's description, and names every field that is wrong. What it let
// through is handed on as validated, so that nothing is parsed twice.
func (s *server) validate(c *gin.Context) {
	op := s.operation(c)
	if op == nil {
		return
	}
	if err := unknownParameters(c.Request, op); err != nil {
		fail(c, err)
		return
	}
	if err := readBody(c.Request, op); err != nil {
		fail(c, err)
		return
	}
	parameters := make(map[string]string, len(c.Params))
	for _, parameter := range c.Params {
		parameters[parameter.Key] = parameter.Value
	}
	err := openapi3filter.ValidateRequest(c.Request.Context(), &openapi3filter.RequestValidationInput{
		Request: c.Request, PathParams: parameters, Route: op.route,
		Options: &openapi3filter.Options{
			MultiError: true, KeepValidatedValue: true, RejectWhenRequestBodyNotSpecified: true,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{
				openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(isMoment)),
			},
			AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error { return nil }, // done before
		},
	})
	if err != nil {
		fail(c, invalid(err))
	}
}

// readBody takes the body in and refuses what is not exactly one JSON value, unless it is a file: the validator would stop
// reading after the first.
func readBody(r *http.Request, op *operation) error {
	if r.Method != http.MethodPost {
		return nil
	}
	content, err := io.ReadAll(r.Body)
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return tooLarge.because("the body has more than %d bytes", tooBig.Limit)
	}
	if err != nil {
		return invalidRequest.field("body", "it ended before it was whole")
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != op.media() {
		return wrongMedia.because("Content-Type %q: want %s", r.Header.Get("Content-Type"), op.media())
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	r.Body, _ = r.GetBody() // no error, see above
	if op.takesFile {
		return nil
	}
	return readable(content)
}

func unknownParameters(r *http.Request, op *operation) error {
	var wrong []wire.FieldError
	for name, values := range r.URL.Query() {
		mayBeEmpty, known := op.queryKeys[name]
		switch {
		case !known:
			wrong = append(wrong, wire.FieldError{Field: name, Detail: "unknown parameter"})
		case len(values) > 1:
			wrong = append(wrong, wire.FieldError{Field: name, Detail: "stated more than once"})
		case !isText(values[0]):
			wrong = append(wrong, wire.FieldError{Field: name, Detail: noText})
		case values[0] == "" && !mayBeEmpty:
			wrong = append(wrong, wire.FieldError{Field: name, Detail: "empty: leave it out, or state a value"})
		}
	}
	return invalidFields(wrong)
}

func invalidFields(fields []wire.FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	fields = byField(fields)
	p := invalidRequest.because("%s: %s", fields[0].Field, fields[0].Detail)
	p.fields = fields
	return p
}

// byField sorts what is wrong by field and says all that is wrong with one field in one place.
func byField(fields []wire.FieldError) []wire.FieldError {
	slices.SortStableFunc(fields, func(a, b wire.FieldError) int { return strings.Compare(a.Field, b.Field) })
	joined := fields[:0]
	for _, field := range fields {
		if last := len(joined) - 1; last >= 0 && joined[last].Field == field.Field {
			joined[last].Detail += "; " + field.Detail
			continue
		}
		joined = append(joined, field)
	}
	return joined
}

// invalid makes a problem of what the validator found.
func invalid(err error) error {
	var fields []wire.FieldError
	collect(err, "", &fields)
	return invalidFields(fields)
}

// collect walks the validator's tree of errors down to the fields.
func collect(err error, where string, fields *[]wire.FieldError) {
	var (
		many    openapi3.MultiError
		request *openapi3filter.RequestError
		schema  *openapi3.SchemaError
	)
	switch {
	case errors.As(err, &many) && isOutermost(err, many):
		for _, one := range many {
			collect(one, where, fields)
		}
	case errors.As(err, &request) && where == "":
		name := "body"
		if request.Parameter != nil {
			name = request.Parameter.Name
		}
		if request.Err == nil {
			*fields = append(*fields, wire.FieldError{Field: name, Detail: request.Reason})
			return
		}
		collect(request.Err, name, fields)
	case errors.As(err, &schema) && schema.SchemaField == "allOf" && errors.As(schema.Origin, &many): // what is wrong is below
		for _, one := range many {
			collect(one, where, fields)
		}
	case errors.As(err, &schema):
		*fields = append(*fields, wire.FieldError{Field: fieldName(where, schema), Detail: schemaDetail(schema)})
	default:
		*fields = append(*fields, wire.FieldError{Field: where, Detail: plainDetail(err)})
	}
}

// isOutermost keeps errors.As from reaching through a RequestError into the list below it, which would lose its name.
func isOutermost(err error, many openapi3.MultiError) bool {
	found, ok := err.(openapi3.MultiError) //nolint:errorlint // the outermost error is meant
	return ok && len(found) == len(many)
}

func fieldName(where string, schema *openapi3.SchemaError) string {
	if where != "body" && where != "" {
		return where
	}
	return "/" + strings.Join(schema.JSONPointer(), "/")
}

// schemaDetail says what is wrong and what would be right, with the value where it is short.
func schemaDetail(schema *openapi3.SchemaError) string {
	value := fmt.Sprint(schema.Value)
	switch schema.Value.(type) {
	case string, float64, bool:
		if len(value) <= 60 {
			return fmt.Sprintf("%q: %s", value, schema.Reason)
		}
	}
	return schema.Reason
}

// plainDetail is the message of an error that names no schema, such as broken JSON.
func plainDetail(err error) string {
	var parse *openapi3filter.ParseError
	if errors.As(err, &parse) {
		if parse.Cause != nil {
			return "not readable: " + parse.Cause.Error()
		}
		return parse.Error()
	}
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		return "required"
	}
	return err.Error()
}
