package notices

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Links makes the links by which somebody answers without an API key, and reads them again. A link names one question and
// its end, under the installation's own signature; it is used up by the answer, because the question is closed then.
type Links struct {
	BaseURL string // under which people reach the API
	Secret  []byte // the same in workers and API; empty: no links are made and none is taken
}

// Question is what a link asks about.
type Question struct {
	City    city.ID
	Listing city.ListingID
	Request string
	Until   time.Time // wall time
}

// ErrLink says that a link is none of ours, was changed, or came too late.
var ErrLink = errors.New("the link does not hold")

// leastSecret is how long a secret must be to be one.
const leastSecret = 32

// Enabled reports whether there is a secret to sign with.
func (l Links) Enabled() bool { return len(l.Secret) >= leastSecret }

// Object is the API's address of an object.
func (l Links) Object(family, id string) string {
	return strings.TrimSuffix(l.BaseURL, "/") + "/api/v1/" + family + "/" + url.PathEscape(id)
}

// Confirm is the link that asks a question; without a secret, the listing's own address.
func (l Links) Confirm(q Question) string {
	if !l.Enabled() {
		return l.Object("resources", string(q.Listing))
	}
	return strings.TrimSuffix(l.BaseURL, "/") + "/confirm/" + l.token(q)
}

func (l Links) token(q Question) string {
	text := strings.Join([]string{string(q.City), string(q.Listing), q.Request, strconv.FormatInt(q.Until.Unix(), 10)}, "/")
	return encode([]byte(text)) + "." + encode(l.sign(text))
}

// Read checks a link's token at a wall time.
func (l Links) Read(token string, now time.Time) (Question, error) {
	payload, signature, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(payload)
	if err != nil || !l.Enabled() {
		return Question{}, ErrLink
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !hmac.Equal(given, l.sign(string(text))) {
		return Question{}, ErrLink
	}
	parts := strings.Split(string(text), "/")
	if len(parts) != 4 {
		return Question{}, ErrLink
	}
	seconds, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return Question{}, ErrLink
	}
	q := Question{City: city.ID(parts[0]), Listing: city.ListingID(parts[1]), Request: parts[2], Until: time.Unix(seconds, 0)}
	if now.After(q.Until) {
		return q, fmt.Errorf("%w: it was good until %s", ErrLink, q.Until.UTC().Format(time.RFC3339))
	}
	return q, nil
}

func (l Links) sign(text string) []byte {
	mac := hmac.New(sha256.New, l.Secret)
	mac.Write([]byte("crg-confirm-1/" + text)) // so that no signature for another purpose is one here
	return mac.Sum(nil)
}

func encode(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }
