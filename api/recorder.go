package api

import (
	"bytes"
	"net/http"

	"github.com/gin-gonic/gin"
)

// recorder takes a handler's answer in, so that it can be kept before it is sent.
type recorder struct {
	gin.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the answer's header, apart from the one of the connection.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) { r.status = status }

// WriteHeaderNow sends nothing yet.
func (r *recorder) WriteHeaderNow() {}

// Write keeps a part of the body.
func (r *recorder) Write(data []byte) (int, error) { return r.body.Write(data) }

// WriteString keeps a part of the body.
func (r *recorder) WriteString(text string) (int, error) { return r.body.WriteString(text) }

// Status is the status so far.
func (r *recorder) Status() int { return r.status }

// Size is how much of the body there is.
func (r *recorder) Size() int { return r.body.Len() }

// Written says whether there is any body yet.
func (r *recorder) Written() bool { return r.body.Len() > 0 }
