package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ErrRefused marks what the policy forbids. Trying again does not help.
var ErrRefused = errors.New("refused by the outbound policy")

// Policy says which calls may leave the house. Its zero value lets nothing out.
type Policy struct {
	// Hosts are the names that may be called: data.example.org, *.example.org for all names below it, or * for every
	// public host. An address instead of a name must stand here as it is written in the URL.
	Hosts []string
	// Private are networks that may be called although they are not public: of an installation's own file server, or of
	// a test. They do not open the list of hosts.
	Private []netip.Prefix
	// PlainHTTP allows http:// as well as https://.
	PlainHTTP bool
	// Redirects is how many may be followed, each checked as the first URL was; 0 follows none.
	Redirects int
	// MaxBytes is the size of the largest answer that is read; 256 MiB when zero.
	MaxBytes int64
	// Timeout bounds a call from the name's resolution to the last byte; 5 minutes when zero.
	Timeout time.Duration
}

const (
	defaultBytes   = 256 << 20
	defaultTimeout = 5 * time.Minute
)

func (p Policy) withDefaults() Policy {
	if p.MaxBytes == 0 {
		p.MaxBytes = defaultBytes
	}
	if p.Timeout == 0 {
		p.Timeout = defaultTimeout
	}
	return p
}

// Validate refuses hosts that are none, so that a mistake in the configuration shows at start.
func (p Policy) Validate() error {
	for _, host := range p.Hosts {
		name := strings.TrimPrefix(host, "*.")
		if host != "*" && (name == "" || strings.ContainsAny(name, "*/@ ") || strings.ToLower(name) != name) {
			return fmt.Errorf("host %q: want a name in lower case such as data.example.org, *.example.org or *", host)
		}
	}
	if p.Redirects < 0 || p.MaxBytes < 0 || p.Timeout < 0 {
		return errors.New("redirects, bytes and timeout: want 0 or more")
	}
	return nil
}

// Check says whether a URL may be called at all, before anything is resolved. Its error names what would be right.
func (p Policy) Check(address string) (*url.URL, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL: want one such as https://data.example.org/file.csv", ErrRefused)
	}
	return target, p.check(target)
}

func (p Policy) check(target *url.URL) error {
	switch {
	case target.Scheme != "https" && (target.Scheme != "http" || !p.PlainHTTP):
		return fmt.Errorf("%w: scheme %q: want %s", ErrRefused, target.Scheme, p.schemes())
	case target.Hostname() == "":
		return fmt.Errorf("%w: no host: want one such as https://data.example.org/file.csv", ErrRefused)
	case target.User != nil:
		return fmt.Errorf("%w: a name or password stands in the URL of host %s: want none", ErrRefused, target.Hostname())
	case !p.allows(target.Hostname()):
		return fmt.Errorf("%w: host %q is not on the list of allowed hosts (%s)", ErrRefused, target.Hostname(), p.list())
	}
	if address, err := netip.ParseAddr(target.Hostname()); err == nil && !p.reaches(address) { // a name is looked at when it is dialled
		return fmt.Errorf("%w: %s is not a public address", ErrRefused, address)
	}
	return nil
}

func (p Policy) allows(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, allowed := range p.Hosts {
		below, wild := strings.CutPrefix(allowed, "*.")
		if allowed == "*" || allowed == host || wild && strings.HasSuffix(host, "."+below) {
			return true
		}
	}
	return false
}

func (p Policy) schemes() string {
	if p.PlainHTTP {
		return "https or http"
	}
	return "https"
}

func (p Policy) list() string {
	if len(p.Hosts) == 0 {
		return "which is empty"
	}
	return strings.Join(p.Hosts, ", ")
}

// reaches says whether a connection to an address may be made.
func (p Policy) reaches(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, network := range p.Private {
		if network.Contains(address) {
			return true
		}
	}
	return isPublic(address)
}

// reserved are the networks of IANA's special-purpose registries that nobody on the public network answers from, besides
// those that netip knows. The IPv6 ones lie inside 2000::/3; all else of IPv6 is not public either.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var global6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func isPublic(address netip.Addr) bool {
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.Is6() && !global6.Contains(address) {
		return false
	}
	for _, network := range reserved {
		if network.Contains(address) {
			return false
		}
	}
	return true
}
