package postgres

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Vouch records that a participant stands up for another one; once more is a success.
func (s *Store) Vouch(ctx context.Context, id city.ID, voucher, vouched city.ParticipantID, actor string) error {
	err := s.q.InsertVouch(ctx, gen.InsertVouchParams{City: string(id), Voucher: string(voucher), Vouched: string(vouched), Actor: actor})
	return translate(fmt.Sprintf("record that %s vouches for %s", voucher, vouched), err)
}

// TakeBackVouch records that a participant no longer does. One that never did is an ErrNotFound.
func (s *Store) TakeBackVouch(ctx context.Context, id city.ID, voucher, vouched city.ParticipantID) error {
	rows, err := s.q.TakeBackVouch(ctx, gen.TakeBackVouchParams{City: string(id), Voucher: string(voucher), Vouched: string(vouched)})
	return found(fmt.Sprintf("take back that %s vouches for %s", voucher, vouched), rows, err)
}
