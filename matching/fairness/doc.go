// Package fairness shapes who is served, and says what that costs before anybody approves it.
//
// Three instruments, from mild to strict:
//
//   - [Curve] gives some needs (those of the poorest wards, say) a bonus per unit and reports, for a list of bonuses,
//     their share of what is handed out and what the city gives up for it. The bonus is a Lagrange multiplier: at the
//     margin, the price of one more unit going there.
//   - [Floors] finds the least bonuses with which every group reaches a floor, with a bound on what any allocation that
//     keeps the floors can be worth.
//   - [Tiers] serves needs strictly in the order of their urgency: no amount of value for a later tier buys a unit of
//     value from an earlier one. Prices for each tier prove it (certificate.CheckOrder).
//
// Equity weights (by income) are part of the score, not of this package; see package candidates.
package fairness
