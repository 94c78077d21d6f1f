package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
)

// Validators are how a server names the version of what it served. Sent back, they spare both sides an unchanged file.
type Validators struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

// Fetched is what a call brought.
type Fetched struct {
	Validators

	Unchanged bool   `json:"unchanged,omitempty"` // the server says that nothing is new; nothing was written
	Bytes     int64  `json:"bytes,omitempty"`
	SHA256    string `json:"sha256,omitempty"`
	Type      string `json:"type,omitempty"` // media type as the server states it
}

// StatusError is an answer that is neither the file nor "not modified".
type StatusError struct {
	Host   string
	Status int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answers %d %s: want 200 or 304", e.Host, e.Status, http.StatusText(e.Status))
}

// Lasting says whether the same call would be answered alike the next time.
func (e *StatusError) Lasting() bool {
	return e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout
}

// Fetch writes a file to w, unless it is still the version that known names.
func (c *Client) Fetch(ctx context.Context, address string, known Validators, w io.Writer) (Fetched, error) {
	if err := c.Check(address); err != nil {
		return Fetched{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return Fetched{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	request.Header.Set("User-Agent", "city-resource-graph")
	if known.ETag != "" {
		request.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		request.Header.Set("If-Modified-Since", known.LastModified)
	}
	response, err := c.Do(request)
	if err != nil {
		return Fetched{}, err
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusNotModified:
		return Fetched{Validators: known, Unchanged: true}, nil
	case http.StatusOK:
		return read(response, w)
	}
	return Fetched{}, &StatusError{Host: request.URL.Hostname(), Status: response.StatusCode}
}

func read(response *http.Response, w io.Writer) (Fetched, error) {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), response.Body)
	if err != nil {
		return Fetched{}, fmt.Errorf("read from %s: %w", response.Request.URL.Hostname(), err)
	}
	return Fetched{
		Validators: Validators{ETag: response.Header.Get("ETag"), LastModified: response.Header.Get("Last-Modified")},
		Bytes:      n, SHA256: hex.EncodeToString(sum.Sum(nil)), Type: response.Header.Get("Content-Type"),
	}, nil
}
