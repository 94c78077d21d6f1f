package activities

import (
	"context"
	"sync"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// memo remembers something of each city for a few seconds: what every step of every match asks for and hardly changes.
type memo[V any] struct {
	read func(ctx context.Context, id city.ID) (V, error)
	now  func() time.Time

	mutex sync.Mutex
	known map[city.ID]remembered[V]
}

type remembered[V any] struct {
	value V
	at    time.Time
}

// memory is how long what was read is trusted.
const memory = 3 * time.Second

func newMemo[V any](now func() time.Time, read func(ctx context.Context, id city.ID) (V, error)) *memo[V] {
	return &memo[V]{read: read, now: now, known: map[city.ID]remembered[V]{}}
}

func (m *memo[V]) of(ctx context.Context, id city.ID) (V, error) {
	m.mutex.Lock()
	entry, ok := m.known[id]
	m.mutex.Unlock()
	if ok && m.now().Sub(entry.at) < memory {
		return entry.value, nil
	}
	value, err := m.read(ctx, id)
	if err != nil {
		return value, err
	}
	m.mutex.Lock()
	m.known[id] = remembered[V]{value, m.now()}
	m.mutex.Unlock()
	return value, nil
}
