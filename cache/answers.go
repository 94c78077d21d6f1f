package cache

import (
	"context"
	"time"
)

// answerAge is how long a copy of an answer is kept. The truth in PostgreSQL outlives it.
const answerAge = time.Hour

// Answer is the copy kept under key by StoreAnswer; nil when there is none or Redis is away.
func (c *Cache) Answer(ctx context.Context, key string) []byte {
	var answer []byte
	err := c.ask(ctx, func(ctx context.Context) error {
		var err error
		answer, err = c.redis.Get(ctx, "crg:answer:"+key).Bytes()
		return err
	})
	if err != nil {
		return nil
	}
	return answer
}

// StoreAnswer keeps a copy of the answer under key. Failing to is no failure: the next caller reads PostgreSQL.
func (c *Cache) StoreAnswer(ctx context.Context, key string, answer []byte) {
	_ = c.ask(ctx, func(ctx context.Context) error {
		return c.redis.Set(ctx, "crg:answer:"+key, answer, answerAge).Err()
	})
}
