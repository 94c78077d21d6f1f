package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/city-resource-graph/crg/postgres"
)

// once makes a POST safe to repeat. Of requests with the same Idempotency-Key one runs; the others, at the same time or
// later, get its answer. The truth is in PostgreSQL; Redis in front of it answers repeats of what is done.
//
// What failed with 500 or above is not kept: the next request with the key runs again. That repairs whatever the failed
// one left half done, because everything that it makes gets an id derived from the key (effectID), and every store and
// every start takes the same id twice as one.
func (s *server) once(c *gin.Context) {
	if c.Request.Method != http.MethodPost || s.operation(c) == nil {
		return
	}
	key := c.GetHeader("Idempotency-Key")
	caller := callerOf(c.Request.Context())
	request := fingerprint(c.Request)
	front := frontKey(caller.id(), key)
	if copied := s.copiedAnswer(c.Request.Context(), front); copied != nil {
		replay(c, copied, request)
		return
	}
	lease, done, err := s.begin(c.Request.Context(), caller.id(), key, request)
	if err != nil {
		fail(c, err)
		return
	}
	if done != nil {
		s.copyAnswer(c.Request.Context(), front, answer{Request: request[:], Response: *done})
		replay(c, &answer{Request: request[:], Response: *done}, request)
		return
	}
	s.runOnce(c, run{caller: caller.id(), key: key, front: front, request: request, token: lease})
}

// run is the execution of a POST that holds the lock of its key.
type run struct {
	caller, key, front string
	request            [sha256.Size]byte
	token              int64
}

// answer is the copy of an answer in Redis.
type answer struct {
	Request  []byte            `json:"request"` // SHA-256
	Response postgres.Response `json:"response"`
}

// runOnce runs the handler, keeps its answer and sends it. A client that leaves does not stop what it asked for: half an
// effect would be repaired only if it came back.
func (s *server) runOnce(c *gin.Context, r run) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), s.config.RequestTime)
	defer cancel()
	c.Request = c.Request.WithContext(withEffectID(ctx, effectID(r.caller, r.key)))
	direct := c.Writer
	recorder := &recorder{ResponseWriter: direct, header: http.Header{}, status: http.StatusOK}
	c.Writer = recorder
	finished := false
	defer func() {
		c.Writer = direct
		if !finished { // a panic passes through: the key must not stay locked
			s.abandon(ctx, r)
		}
	}()
	c.Next()
	finished = true
	response := postgres.Response{Status: recorder.status, Headers: recorder.header, Body: recorder.body.Bytes()}
	if response.Status >= http.StatusInternalServerError {
		s.abandon(ctx, r)
	} else if err := s.store.FinishIdempotent(ctx, r.caller, r.key, r.token, response); err != nil {
		// The effect is there and so is its answer; a repeat runs into the same ids.
		s.logger.WarnContext(ctx, "answer not kept", "error", err)
	} else {
		s.copyAnswer(ctx, r.front, answer{Request: r.request[:], Response: response})
	}
	c.Writer = direct
	send(c, response)
}

func (s *server) abandon(ctx context.Context, r run) {
	if err := s.store.AbandonIdempotent(ctx, r.caller, r.key, r.token); err != nil {
		s.logger.WarnContext(ctx, "idempotency key stays locked until its lease ends", "error", err)
	}
}

// begin takes the key's lock, or waits for whoever has it and returns their answer.
func (s *server) begin(ctx context.Context, caller, key string, request [sha256.Size]byte) (int64, *postgres.Response, error) {
	lease := s.config.RequestTime + 5*time.Second // longer than a request may run
	pause := 10 * time.Millisecond
	for {
		begun, err := s.store.BeginIdempotent(ctx, caller, key, request, lease)
		switch {
		case err == nil:
			return begun.Token, begun.Done, nil
		case errors.Is(err, postgres.ErrKeyReused):
			return 0, nil, keyReused.because("Idempotency-Key: it was used for a request with another method, path or body")
		case !errors.Is(err, postgres.ErrInProgress):
			return 0, nil, err
		}
		select {
		case <-ctx.Done():
			return 0, nil, &problem{kind: inProgress, detail: "repeat the request with the same key", retry: retryAfter}
		case <-time.After(pause):
			pause = min(2*pause, 200*time.Millisecond)
		}
	}
}

func replay(c *gin.Context, a *answer, request [sha256.Size]byte) {
	if !bytes.Equal(a.Request, request[:]) {
		fail(c, keyReused.because("Idempotency-Key: it was used for a request with another method, path or body"))
		return
	}
	c.Header("Idempotency-Replayed", "true")
	send(c, a.Response)
	c.Abort()
}

func send(c *gin.Context, response postgres.Response) {
	for name, values := range response.Headers {
		c.Writer.Header()[name] = values
	}
	c.Writer.WriteHeader(response.Status)
	_, _ = c.Writer.Write(response.Body) // the client may have left
}

func (s *server) copiedAnswer(ctx context.Context, front string) *answer {
	text := s.cache.Answer(ctx, front)
	if text == nil {
		return nil
	}
	var copied answer
	if err := json.Unmarshal(text, &copied); err != nil {
		return nil // another version's copy: ask PostgreSQL
	}
	return &copied
}

func (s *server) copyAnswer(ctx context.Context, front string, a answer) {
	if text, err := json.Marshal(a); err == nil {
		s.cache.StoreAnswer(ctx, front, text)
	}
}

// fingerprint tells requests apart that carry the same key. Spaces and the order of members make no other request.
func fingerprint(r *http.Request) [sha256.Size]byte {
	hash := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery} {
		_, _ = io.WriteString(hash, part+"\x00")
	}
	if body, ok := r.Body.(interface{ ValidatedValue() any }); ok {
		_ = json.NewEncoder(hash).Encode(body.ValidatedValue()) // it was JSON a moment ago
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

func frontKey(caller, key string) string {
	sum := sha256.Sum256([]byte(caller + "\x00" + key))
	return base32.StdEncoding.EncodeToString(sum[:])
}

type effectKey struct{}

// effectID is what the things get as id that a request makes: the same in every attempt with the same key.
func effectID(caller, key string) string {
	sum := sha256.Sum256([]byte("effect\x00" + caller + "\x00" + key))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])) // 80 bits, 16 letters
}

func withEffectID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, effectKey{}, id)
}

func effectOf(ctx context.Context) string {
	id, _ := ctx.Value(effectKey{}).(string)
	return id
}
