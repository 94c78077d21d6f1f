package postgres

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// query builds a list's WHERE clause from the filters that are set. A filter that is not set leaves no trace, so that
// the planner sees each list as it is and takes the index for it.
type query struct {
	where []string
	args  []any
}

// arg adds a value and answers with its placeholder.
func (q *query) arg(value any) string {
	q.args = append(q.args, value)
	return "$" + strconv.Itoa(len(q.args))
}

// equal asks for column = value.
func (q *query) equal(column string, value any) {
	q.where = append(q.where, column+" = "+q.arg(value))
}

// equalIfSet asks for column = value unless value is empty.
func equalIfSet[S ~string](q *query, column string, value S) {
	if value != "" {
		q.equal(column, string(value))
	}
}

// after asks for rows behind a key, compared as a row, so that the index is entered at it.
func (q *query) after(columns string, key ...any) {
	places := make([]string, len(key))
	for i, part := range key {
		places[i] = q.arg(part)
	}
	q.where = append(q.where, "("+columns+") > ("+strings.Join(places, ", ")+")")
}

// list runs SELECT columns FROM from with the filters, in an order, at most limit rows, and scans each.
func list[T any](ctx context.Context, s *Store, q *query, columns, from, order string, limit int, scan pgx.RowToFunc[T]) ([]T, error) {
	sql := "SELECT " + columns + " FROM " + from
	if len(q.where) > 0 {
		sql += " WHERE " + strings.Join(q.where, " AND ")
	}
	sql += " ORDER BY " + order + " LIMIT " + q.arg(limit)
	rows, err := s.pool.Query(ctx, sql, q.args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
