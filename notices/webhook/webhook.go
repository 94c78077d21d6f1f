// Package webhook sends notices as signed HTTP requests, and shows receivers how to check them.
//
// A receiver gets a POST with a JSON body and four headers: Crg-Notice-Id, the same in every attempt; Crg-Timestamp,
// seconds since 1970 at this attempt; Crg-Signature, "v1=" and the hexadecimal HMAC-SHA256 of timestamp, a dot and the
// body under the shared secret; and Crg-Hop, by which our own API knows a notice that came back to it. Verify checks the first three.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/notices"
)

// Headers of a webhook request.
const (
	HeaderID        = "Crg-Notice-Id"
	HeaderTimestamp = "Crg-Timestamp"
	HeaderSignature = "Crg-Signature"
	HeaderHop       = "Crg-Hop"
)

// Doer sends a request to an address that somebody else chose, and refuses those that must not be called; package
// outbound has one.
type Doer interface {
	Do(request *http.Request) (*http.Response, error)
	Check(address string) error
}

// Sender sends notices to webhooks.
type Sender struct {
	Client  Doer
	Refused error            // what Client's errors wrap when no later attempt helps
	Own     []string         // hosts (host or host:port) of our own API: a notice to ourselves would be a loop
	Timeout time.Duration    // of one attempt; 10 s when zero
	Now     func() time.Time // wall clock
}

// payload is the body. IDs and words only: no name, no address, no place.
type payload struct {
	ID        string    `json:"id"`
	City      string    `json:"city"`
	Event     string    `json:"event"`
	Kind      string    `json:"kind"`
	Subject   string    `json:"subject"`
	CreatedAt time.Time `json:"created_at"`
	Title     string    `json:"title"`
	Text      string    `json:"text"`
}

// Check refuses an address that will never be called.
func (s *Sender) Check(address string) error {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return errors.New("want a URL such as https://hooks.example.org/crg")
	}
	for _, own := range s.Own {
		if own != "" && (strings.EqualFold(target.Host, own) || strings.EqualFold(target.Hostname(), own)) {
			return fmt.Errorf("host %s is this API's own: a notice to it would be a loop", target.Host)
		}
	}
	return s.Client.Check(address)
}

// Send makes one attempt. Answers of 2xx are a success; 3xx and 4xx stay refused, but for 408, 425 and 429; 410 says that
// the address is gone for good. Redirects are not followed: a signature is for one address.
func (s *Sender) Send(ctx context.Context, m notices.Message) error {
	if err := s.Check(m.Address); err != nil {
		return fmt.Errorf("%w: %w", notices.ErrRefused, err)
	}
	body, err := json.Marshal(payload{
		ID: m.ID, City: string(m.City), Event: string(m.Event), Kind: m.Kind, Subject: m.Subject, CreatedAt: m.CreatedAt,
		Title: m.Text.Title, Text: m.Text.Body,
	})
	if err != nil {
		return fmt.Errorf("%w: %w", notices.ErrRefused, err)
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", notices.ErrRefused, err)
	}
	stamp := strconv.FormatInt(s.Now().Unix(), 10)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "city-resource-graph", HeaderID: m.ID, HeaderTimestamp: stamp,
		HeaderSignature: sign(m.Secret, stamp, body), HeaderHop: "1",
	} {
		request.Header.Set(name, value)
	}
	response, err := s.Client.Do(request)
	if err != nil {
		if s.Refused != nil && errors.Is(err, s.Refused) {
			return fmt.Errorf("%w: %w", notices.ErrRefused, err)
		}
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 4<<10) // so that the connection can be used again; nobody reads the answer
	return verdict(response)
}

func verdict(response *http.Response) error {
	status := response.StatusCode
	answered := fmt.Errorf("the webhook answers %d", status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusGone:
		return notices.ErrGone
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
			return &notices.LaterError{After: time.Duration(min(seconds, 24*3600)) * time.Second, Cause: answered}
		}
		return answered
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status >= 500:
		return answered
	}
	return fmt.Errorf("%w: %w", notices.ErrRefused, answered)
}

func sign(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Tolerance is how far a receiver lets a timestamp lie from its own clock.
const Tolerance = 5 * time.Minute

// Verify says whether a request is a notice that we signed a moment ago, and returns its id. A receiver keeps the ids of
// the last two tolerances and drops what it has seen: a replayed request carries an old timestamp or a known id.
func Verify(secret string, header http.Header, body []byte, now time.Time) (id string, err error) {
	id, stamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" {
		return "", errors.New("not a notice: id or timestamp is missing")
	}
	if !hmac.Equal([]byte(header.Get(HeaderSignature)), []byte(sign(secret, stamp, body))) {
		return "", errors.New("the signature does not fit")
	}
	if age := now.Sub(time.Unix(seconds, 0)).Abs(); age > Tolerance {
		return "", fmt.Errorf("the timestamp is %s off: want at most %s", age.Round(time.Second), Tolerance)
	}
	var stated struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &stated); err != nil || stated.ID != id { // the header alone is not signed
		return "", errors.New("the id in the header is not the one in the body")
	}
	return id, nil
}
