package api

import (
	"context"
	"sync"
	"time"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
)

// currencies remembers each city's currency for a minute: every amount in an answer needs it.
type currencies struct {
	mu    sync.Mutex
	known map[city.ID]knownCurrency
}

type knownCurrency struct {
	currency city.Currency
	until    time.Time
}

func (s *server) currency(ctx context.Context, id city.ID) (city.Currency, error) {
	s.currencies.mu.Lock()
	known, ok := s.currencies.known[id]
	s.currencies.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.currency, nil
	}
	found, err := s.store.City(ctx, id)
	if err != nil {
		return "", err
	}
	s.currencies.mu.Lock()
	defer s.currencies.mu.Unlock()
	s.currencies.known[id] = knownCurrency{found.Currency, time.Now().Add(time.Minute)}
	return found.Currency, nil
}

// money is an amount as the wire has it.
func money(minor int64, currency city.Currency) wire.Money {
	return wire.Money{Amount: city.FormatMinor(minor, currency), Currency: string(currency)}
}

func optionalMoney(minor *int64, currency city.Currency) *wire.Money {
	if minor == nil {
		return nil
	}
	m := money(*minor, currency)
	return &m
}

// unitPrice reads an amount of a request that is of one unit; an absent one is 0.
func unitPrice(field, amount string, currency city.Currency) (int64, error) {
	if amount == "" {
		return 0, nil
	}
	value, err := city.ParseMinor(amount, currency)
	if err != nil {
		return 0, invalidRequest.field(field, "%v", err)
	}
	if value < 0 || value > city.MaxUnitPrice {
		return 0, invalidRequest.field(field, "%s: want 0 to %s", amount, city.FormatMinor(city.MaxUnitPrice, currency))
	}
	return value, nil
}
