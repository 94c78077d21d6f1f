package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Client calls what its policy allows. It is safe for concurrent use.
type Client struct {
	policy Policy
	http   *http.Client
}

// Pauses of one call's parts, each well inside its timeout.
const (
	dialTime   = 10 * time.Second
	headerTime = 60 * time.Second
	maxHeader  = 64 << 10
)

// New makes a client. The proxy of the environment is not used: it would resolve names itself, behind the check.
func New(policy Policy) (*Client, error) {
	if err := policy.Validate(); err != nil {
		return nil, fmt.Errorf("outbound policy: %w", err)
	}
	policy = policy.withDefaults()
	dialer := &net.Dialer{Timeout: dialTime, ControlContext: policy.control}
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: headerTime,
		MaxResponseHeaderBytes: maxHeader, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
	c := &Client{policy: policy}
	c.http = &http.Client{Transport: transport, Timeout: policy.Timeout, CheckRedirect: c.redirect}
	return c, nil
}

// Check says whether a URL may be called at all, as Policy.Check does.
func (c *Client) Check(address string) error {
	_, err := c.policy.Check(address)
	return err
}

// Do sends a request. The body of its answer ends in ErrTooLarge where it is larger than the policy allows; the caller
// closes it.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	if err := c.policy.check(request.URL); err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", request.URL.Hostname(), unwrapped(err))
	}
	if response.ContentLength > c.policy.MaxBytes {
		_ = response.Body.Close()
		return nil, fmt.Errorf("%w: %d bytes, want at most %d", ErrTooLarge, response.ContentLength, c.policy.MaxBytes)
	}
	response.Body = &bounded{ReadCloser: response.Body, left: c.policy.MaxBytes, limit: c.policy.MaxBytes}
	return response, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// control sees each address after the name was resolved and before the connection is made.
func (p Policy) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: address %q", ErrRefused, address)
	}
	if !p.reaches(at.Addr()) {
		return fmt.Errorf("%w: the host resolves to %s, which is not a public address", ErrRefused, at.Addr())
	}
	return nil
}

func (c *Client) redirect(request *http.Request, via []*http.Request) error {
	if c.policy.Redirects == 0 {
		return http.ErrUseLastResponse
	}
	if len(via) > c.policy.Redirects {
		return fmt.Errorf("%w: more than %d redirects", ErrRefused, c.policy.Redirects)
	}
	if via[0].URL.Scheme == "https" && request.URL.Scheme != "https" {
		return fmt.Errorf("%w: a redirect from https to %s", ErrRefused, request.URL.Scheme)
	}
	return c.policy.check(request.URL)
}

// unwrapped drops net/http's own words, which repeat the URL with its query: a query may hold a token.
func unwrapped(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// ErrTooLarge says that an answer is larger than the policy allows.
var ErrTooLarge = fmt.Errorf("%w: the answer is too large", ErrRefused)

// bounded is a body that fails beyond its limit instead of looking complete.
type bounded struct {
	io.ReadCloser

	left, limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more than is left tells a large body from one that just fits
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, b.limit)
	}
	return n, err
}
