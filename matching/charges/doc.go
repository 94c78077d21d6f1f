// Package charges allocates where every used pair costs a trip, whatever its quantity: the fixed-charge transportation
// problem, which is NP-hard. It gives a bound that no allocation can exceed, an allocation close to it, and so a gap
// that is told honestly.
//
// # Bound
//
// Spread over the largest quantity that a pair can carry, min(quantities), and rounded down, a charge lowers the value
// of an edge without making any allocation look worth less than it is. The exact optimum of that linear problem is the
// bound, and its prices prove it in the ordinary certificate (matching.Solve does all this).
//
// # Allocation
//
// Each component is searched on its own, so that the result does not depend on workers or shards:
//
//  1. The linear optimum, with its pairs dropped, swapped and merged while that gains ([allocation.improve]).
//  2. Dynamic slope scaling (Kim and Pardalos 1999): solve the linear problem again with each charge spread over what
//     its pair carried last, until nothing new comes.
//  3. Ruin and recreate (Schrimpf, Schneider, Stamm-Wilbrandt and Dueck 2000) from the best one so far: a few
//     neighbouring needs and resources lose their pairs and are served anew in random order; what is a little worse is
//     accepted at first, and less and less of it.
//
// Before each stage, pairs are put aside that no better allocation can contain: using such a pair loses more against
// the bound than the best known allocation does (reduced cost fixing).
//
// The search is deterministic: its random numbers have a fixed seed, and its budget is counted in edges looked at.
package charges
