package city

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Currency is an ISO 4217 code. Amounts are counted in its minor unit.
type Currency string

// Currencies whose minor unit is not a hundredth (ISO 4217, minor unit column).
var minorDigits = map[Currency]int{"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}

// Digits is the number of decimals of the currency's minor unit.
func (c Currency) Digits() int {
	if digits, ok := minorDigits[c]; ok {
		return digits
	}
	return 2
}

// Validate refuses what is not three capital letters.
func (c Currency) Validate() error {
	if len(c) == 3 && strings.Trim(string(c), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return nil
	}
	return fmt.Errorf("currency %q: want a three-letter ISO 4217 code such as USD", string(c))
}

// Errors of money arithmetic. Amounts of different currencies or price years are never added; join them by an index first.
var (
	ErrCurrencyMismatch  = errors.New("amounts of different currencies cannot be added")
	ErrPriceYearMismatch = errors.New("amounts of different price years cannot be added without an index")
	ErrMoneyOverflow     = errors.New("amount exceeds 64 bits of minor units")
)

// Money is an amount in minor units (cents for USD) of a currency at the prices of one year.
type Money struct {
	Minor     int64    `json:"minor"`
	Currency  Currency `json:"currency"`
	PriceYear int      `json:"price_year"`
}

// Add returns m + n, or an error when currency or price year differ or the sum does not fit.
func (m Money) Add(n Money) (Money, error) {
	switch {
	case m.Currency != n.Currency:
		return Money{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, m.Currency, n.Currency)
	case m.PriceYear != n.PriceYear:
		return Money{}, fmt.Errorf("%w: %d and %d", ErrPriceYearMismatch, m.PriceYear, n.PriceYear)
	case (n.Minor > 0 && m.Minor > math.MaxInt64-n.Minor) || (n.Minor < 0 && m.Minor < math.MinInt64-n.Minor):
		return Money{}, fmt.Errorf("%w: %d + %d", ErrMoneyOverflow, m.Minor, n.Minor)
	}
	m.Minor += n.Minor
	return m, nil
}

// Decimal is the amount in currency units, such as "207.61", without the currency.
func (m Money) Decimal() string { return FormatMinor(m.Minor, m.Currency) }

// String is the amount with its currency, such as "207.61 USD".
func (m Money) String() string { return m.Decimal() + " " + string(m.Currency) }

// FormatMinor writes minor units as a decimal string in currency units.
func FormatMinor(minor int64, currency Currency) string {
	digits := currency.Digits()
	text := strconv.FormatInt(minor, 10)
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if digits == 0 {
		return sign + text
	}
	for len(text) <= digits {
		text = "0" + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// ParseMinor reads a decimal string in currency units, such as "250" or "250.00", as minor units.
func ParseMinor(text string, currency Currency) (int64, error) {
	digits := currency.Digits()
	whole, fraction, _ := strings.Cut(strings.TrimSpace(text), ".")
	if len(fraction) > digits {
		return 0, fmt.Errorf("amount %q: %s has %d decimals", text, currency, digits)
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil || whole == "" || strings.ContainsAny(fraction, "+-") {
		return 0, fmt.Errorf("amount %q: want a decimal number such as 250.00", text)
	}
	return minor, nil
}
